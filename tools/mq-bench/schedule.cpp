#include "tools/mq-bench/schedule.hpp"

#include <numeric>

namespace mq_bench {
namespace {

__extension__ using Wide = unsigned __int128;

mqtt::Duration nanoseconds(std::uint64_t count) {
  return mqtt::Duration(static_cast<std::int64_t>(count));
}

}  // namespace

double Rate::per_second() const {
  return static_cast<double>(count) * 1e9 / static_cast<double>(period.count());
}

std::uint64_t multiply_divide(std::uint64_t factor, std::uint64_t numerator,
                              std::uint64_t denominator) {
  return static_cast<std::uint64_t>(Wide{factor} * numerator / denominator);
}

Schedule::Schedule(mqtt::TimePoint start, Rate total, std::uint32_t clients, Share share)
    : start_(start),
      period_(static_cast<std::uint64_t>(total.period.count()) * clients),
      count_(total.count),
      clients_(clients),
      share_(share),
      next_{share.first, 0, start} {
  const std::uint64_t divisor = std::gcd(period_, count_);
  period_ /= divisor;
  count_ /= divisor;
  next_.due = due(next_.client, next_.k);
}

mqtt::TimePoint Schedule::due(std::uint32_t client, std::uint64_t k) const {
  const std::uint64_t phase = multiply_divide(client, period_, count_ * clients_);
  return start_ + nanoseconds(phase) + nanoseconds(multiply_divide(k, period_, count_));
}

// All phases are shorter than one interval, so round k of every client is over before round k + 1
// begins: the order (k, client) is the order of the due times.
void Schedule::advance() {
  next_.client += share_.step;
  if (next_.client >= clients_) {
    next_.client = share_.first;
    ++next_.k;
  }
  next_.due = due(next_.client, next_.k);
}

}  // namespace mq_bench
