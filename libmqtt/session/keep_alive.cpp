#include "libmqtt/session/keep_alive.hpp"

#include <algorithm>

namespace mqtt {

void KeepAlive::start(Duration interval, TimePoint now) {
  interval_ = interval;
  last_sent_ = last_received_ = now;
  unanswered_since_.reset();
}

KeepAlive::Due KeepAlive::tick(TimePoint now) {
  if (interval_ == Duration::zero()) return Due::nothing;
  if (now >= timeout()) return Due::timeout;
  if (now < last_sent_ + interval_) return Due::nothing;
  last_sent_ = now;
  if (!unanswered_since_) unanswered_since_ = now;
  return Due::ping;
}

std::optional<TimePoint> KeepAlive::deadline() const {
  if (interval_ == Duration::zero()) return std::nullopt;
  return std::min(last_sent_ + interval_, timeout());
}

TimePoint KeepAlive::timeout() const {
  if (!unanswered_since_) return kNever;
  return std::max(*unanswered_since_, last_received_) + interval_;
}

}  // namespace mqtt
