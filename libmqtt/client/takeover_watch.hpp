#pragma once

#include <optional>

#include "libmqtt/base/time.hpp"

namespace mqtt::client {

/// Guesses that two clients fight for one client id. A 3.x server cannot say that a session was
/// taken over: it closes the connection in an orderly way, soon after it was made, again and again.
/// Lines that break end with an error or after some time: they do not count. A server that crashes
/// again and again looks the same, but for one thing: right after the end of a connection it is not
/// there. So the last one is followed by an attempt without delay; only where that one gets through
/// and is cut short as well is it a fight.
class TakeoverWatch {
 public:
  enum class Verdict { nothing, try_at_once, fight };

  void connected(TimePoint now) { since_ = now; }
  /// An attempt got no connection: the server is gone, not a session.
  void no_connection() { short_lives_ = 0; }
  /// The connection is gone; `orderly`: the server closed it.
  Verdict disconnected(bool orderly, TimePoint now) {
    const bool is_short = since_ && now - *since_ < kShort;
    since_.reset();
    short_lives_ = orderly && is_short ? short_lives_ + 1 : 0;
    if (short_lives_ > kSuspicious) return Verdict::fight;
    return short_lives_ == kSuspicious ? Verdict::try_at_once : Verdict::nothing;
  }

 private:
  static constexpr Duration kShort = Seconds(5);
  static constexpr int kSuspicious = 9;

  std::optional<TimePoint> since_;
  int short_lives_ = 0;
};

}  // namespace mqtt::client
