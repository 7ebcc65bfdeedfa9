#include "tools/mq-bench/storm.hpp"

#include <algorithm>

namespace mq_bench {

Duration StormSchedule::back_after(std::uint32_t client) const {
  const std::uint64_t count = victims();
  if (count == 0) return {};
  return Duration(static_cast<std::int64_t>(
      multiply_divide(before(client), static_cast<std::uint64_t>(back_.count()), count)));
}

Storm::Storm(Crew& crew)
    : crew_(crew),
      schedule_(crew.run().options.clients, crew.run().options.kill, crew.run().options.back) {
  if (crew.run().plan.census().publishers > 0) messages_.emplace(crew);
}

// All at once, as when a switch or a cell goes down; those who come back first do so already while
// the last are being cut off.
void Storm::strike() {
  has_struck_ = true;
  const TimePoint struck = crew_.ledger().window_start();
  for (const auto& subscriber : crew_.subscribers()) {
    if (schedule_.hits(subscriber->index()) && subscriber->cut())
      absences_.add(*subscriber, struck + schedule_.back_after(subscriber->index()));
  }
}

TimePoint Storm::step(TimePoint now) {
  const TimePoint next = messages_ ? messages_->step(now) : mqtt::kNever;
  const TimePoint struck = crew_.ledger().window_start();
  if (now < struck) return std::min(next, struck);
  if (!has_struck_) strike();
  return std::min(next, absences_.step(now));
}

bool Storm::is_done() const {
  return absences_.are_over(crew_.now(), crew_.load_end()) && (!messages_ || messages_->is_done());
}

}  // namespace mq_bench
