#include "tools/mq-bench/message_load.hpp"

#include <algorithm>

namespace mq_bench {
namespace {
/// Messages offered in one go; then the connections get their turn.
constexpr int kMostOffersATurn = 1'024;
}  // namespace

MessageLoad::MessageLoad(Crew& crew) : crew_(crew) {
  if (crew.publishers().empty()) return;
  const Run& run = crew.run();
  schedule_.emplace(crew.load_start(), run.options.pace(run.plan.census().publishers),
                    Schedule::Share{crew.index(), run.crews});
}

// Everything due by now is offered at once, however late: no catching up at a gentler rate, which
// would change the load.
TimePoint MessageLoad::step(TimePoint now) {
  if (!schedule_) return mqtt::kNever;
  const std::uint32_t crews = crew_.run().crews;
  const TimePoint end = std::min(crew_.load_end(), now + Duration(1));
  for (int i = 0; i < kMostOffersATurn && schedule_->next().due < end; ++i, schedule_->advance()) {
    const Schedule::Slot& slot = schedule_->next();
    crew_.offer(*crew_.publishers()[slot.client / crews], slot.due);
    crew_.ledger().note_offered(now);
  }
  return next_due();
}

bool MessageLoad::is_done() const { return next_due() >= crew_.load_end(); }

}  // namespace mq_bench
