#pragma once

#include <optional>

#include "libmqtt/base/time.hpp"

namespace mqtt {

/// The client's side of Keep Alive (3.1.1 and 5.0 §3.1.2.10): a PINGREQ is due when nothing was
/// sent for the interval [MQTT-3.1.2-20]; when nothing at all has come for the same time after it,
/// the server is taken for dead. Any bytes from it count as life: its PINGRESP may stand in a long
/// queue.
class KeepAlive {
 public:
  enum class Due {
    nothing,
    ping,     ///< Send PINGREQ now; counts as sent.
    timeout,  ///< The server does not answer.
  };

  /// A new connection; an interval of 0 turns it off.
  void start(Duration interval, TimePoint now);
  /// The server wants another interval.
  void set_interval(Duration interval) { interval_ = interval; }
  void sent(TimePoint now) { last_sent_ = now; }
  void received(TimePoint now) { last_received_ = now; }
  /// PINGRESP came.
  void answered() { unanswered_since_.reset(); }

  Due tick(TimePoint now);
  /// When tick() will have something to say; nothing while off.
  std::optional<TimePoint> deadline() const;

 private:
  TimePoint timeout() const;

  Duration interval_{};
  TimePoint last_sent_;
  TimePoint last_received_;
  std::optional<TimePoint> unanswered_since_;  ///< The first PINGREQ without an answer.
};

}  // namespace mqtt
