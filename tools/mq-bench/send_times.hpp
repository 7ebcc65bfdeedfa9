#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "libmqtt/base/time.hpp"
#include "libmqtt/session/line.hpp"

namespace mq_bench {

/// When a publisher's messages left, until they have arrived: for receivers on the same thread.
/// Keeps so many at most; of older ones nothing is known any more.
class SendTimes {
 public:
  static constexpr std::size_t kMost = 65'536;

  /// In the order of the sequence numbers, without gaps.
  void add(mqtt::TimePoint sent) {
    if (times_.size() == kMost) drop_front();
    times_.push(sent);
  }
  /// Once for each message; kNever when it is not known (any more).
  mqtt::TimePoint take(std::uint64_t sequence) {
    if (sequence < first_ || sequence - first_ >= times_.size()) return mqtt::kNever;
    const mqtt::TimePoint sent =
        std::exchange(times_.begin()[static_cast<std::ptrdiff_t>(sequence - first_)], mqtt::kNever);
    while (!times_.empty() && times_.front() == mqtt::kNever) drop_front();
    return sent;
  }

 private:
  void drop_front() {
    times_.pop();
    ++first_;
  }

  mqtt::Line<mqtt::TimePoint, 16> times_;
  std::uint64_t first_ = 0;  ///< Number of the front.
};

}  // namespace mq_bench
