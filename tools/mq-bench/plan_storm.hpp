#pragma once

#include "tools/mq-bench/plan.hpp"

namespace mq_bench {

/// Subscribers that are cut off all at once in the middle of the run, and come back. With a rate
/// each has a publisher that goes on meanwhile.
class StormPlan final : public Plan {
 public:
  using Plan::Plan;
  Census census() const override;
  SenderSet senders_of(std::uint32_t receiver) const override;
  double messages_per_second() const override;
  std::unique_ptr<Activity> activity(Crew& crew) const override;
};

}  // namespace mq_bench
