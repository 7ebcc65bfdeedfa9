#include "tools/mq-bench/schedule.hpp"

#include <algorithm>
#include <numeric>

#include "tools/mq-bench/random.hpp"

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

Schedule::Schedule(mqtt::TimePoint start, Rate total, std::uint32_t clients, Share share,
                   std::optional<std::uint64_t> phase_seed)
    : start_(start),
      period_(static_cast<std::uint64_t>(total.period.count()) * clients),
      count_(total.count),
      clients_(clients),
      share_(share),
      phase_seed_(phase_seed),
      next_{share.first, 0, start} {
  const std::uint64_t divisor = std::gcd(period_, count_);
  period_ /= divisor;
  count_ /= divisor;
  if (phase_seed_) sort_turns();
  next_.due = due(next_.client, next_.k);
}

void Schedule::sort_turns() {
  for (std::uint32_t client = share_.first; client < clients_; client += share_.step)
    turns_.push_back(client);
  std::ranges::stable_sort(turns_, {}, [this](std::uint32_t client) { return phase(client); });
  next_.client = turns_.front();
}

/// In nanoseconds, less than one interval.
std::uint64_t Schedule::phase(std::uint32_t client) const {
  if (!phase_seed_) return multiply_divide(client, period_, count_ * clients_);
  const std::uint64_t interval = std::max<std::uint64_t>(period_ / count_, 1);
  return draw_between({*phase_seed_, DrawKey::Kind::phase, client}, 0, interval - 1);
}

mqtt::TimePoint Schedule::due(std::uint32_t client, std::uint64_t k) const {
  return start_ + nanoseconds(phase(client)) + nanoseconds(multiply_divide(k, period_, count_));
}

// All phases are shorter than one interval, so round k of every client is over before round k + 1
// begins: the order (k, phase) is the order of the due times.
void Schedule::advance() {
  if (phase_seed_) {
    turn_ = (turn_ + 1) % turns_.size();
    if (turn_ == 0) ++next_.k;
    next_.client = turns_[turn_];
  } else if ((next_.client += share_.step) >= clients_) {
    next_.client = share_.first;
    ++next_.k;
  }
  next_.due = due(next_.client, next_.k);
}

}  // namespace mq_bench
