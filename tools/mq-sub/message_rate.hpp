#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>

#include "libmqtt/base/time.hpp"

namespace mq_sub {

/// How many messages come a second, over the last few seconds: older ones weigh less and less.
class MessageRate {
 public:
  void add(mqtt::TimePoint now) {
    if (count_++ == 0) {
      first_ = now;
    } else {
      weight_ = weight_ * fading(now - last_) + 1;
    }
    last_ = now;
  }
  std::uint64_t count() const { return count_; }
  mqtt::TimePoint last() const { return last_; }

  /// 0 with fewer than two messages.
  double per_second(mqtt::TimePoint now) const {
    const double watched = kSpan * (1 - fading(now - first_));
    return watched > 0 ? weight_ * fading(now - last_) / watched : 0;
  }

 private:
  static constexpr double kSpan = 5;  ///< Seconds.
  static double fading(mqtt::Duration age) {
    return std::exp(-std::chrono::duration<double>(age).count() / kSpan);
  }

  std::uint64_t count_ = 0;
  double weight_ = 0;
  mqtt::TimePoint first_{};
  mqtt::TimePoint last_{};
};

}  // namespace mq_sub
