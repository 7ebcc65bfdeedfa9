#include "tools/mq-bench/churn.hpp"

#include <algorithm>

namespace mq_bench {
namespace {
/// How long those may take who have to come back at the end of the load.
constexpr Duration kPatience = std::chrono::seconds(10);
}  // namespace

TimePoint Absences::step(TimePoint now) {
  TimePoint next = mqtt::kNever;
  std::erase_if(absent_, [](const Absence& absence) {
    return absence.is_called && (absence.client->is_online() || absence.client->is_over());
  });
  for (Absence& absence : absent_) {
    if (absence.is_called) continue;
    if (absence.due > now) {
      next = std::min(next, absence.due);
    } else {
      absence.is_called = absence.client->restart(absence.due);
    }
  }
  return next;
}

bool Absences::are_over(TimePoint now, TimePoint end) const {
  return absent_.empty() || now >= end + kPatience;
}

Churn::Churn(Crew& crew, Rate rate) : crew_(crew) {
  if (crew.holders().empty()) return;
  schedule_.emplace(crew.load_start(), rate, crew.run().plan.census().holders,
                    Schedule::Share{crew.index(), crew.run().crews});
}

TimePoint Churn::step(TimePoint now) {
  if (!schedule_) return mqtt::kNever;
  const TimePoint end = std::min(crew_.load_end(), now + Duration(1));
  for (; schedule_->next().due < end; schedule_->advance()) {
    const Schedule::Slot& slot = schedule_->next();
    Connection& client = *crew_.holders()[slot.client / crew_.run().crews];
    if (client.leave()) absences_.add(client, slot.due);
  }
  return std::min(absences_.step(now), schedule_->next().due);
}

bool Churn::is_done() const { return absences_.are_over(crew_.now(), crew_.load_end()); }

}  // namespace mq_bench
