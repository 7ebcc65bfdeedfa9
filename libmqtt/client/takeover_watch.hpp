#pragma once

#include <optional>

#include "libmqtt/base/time.hpp"

namespace mqtt::client {

/// Guesses that two clients fight for one client id. A 3.x server cannot say that a session was
/// taken over: it closes the connection in an orderly way, soon after it was made, again and again.
/// Lines that break end with an error or after some time: they do not count.
class TakeoverWatch {
 public:
  void connected(TimePoint now) { since_ = now; }
  /// The connection is gone; `orderly`: the server closed it. True when that looks like a fight.
  bool disconnected(bool orderly, TimePoint now) {
    const bool is_short = since_ && now - *since_ < kShort;
    since_.reset();
    short_lives_ = orderly && is_short ? short_lives_ + 1 : 0;
    return short_lives_ >= kSuspicious;
  }

 private:
  static constexpr Duration kShort = Seconds(5);
  static constexpr int kSuspicious = 10;

  std::optional<TimePoint> since_;
  int short_lives_ = 0;
};

}  // namespace mqtt::client
