#include "tools/mq-bench/plan_storm.hpp"

#include "tools/mq-bench/storm.hpp"

namespace mq_bench {

Plan::Census StormPlan::census() const {
  const std::uint32_t clients = options().clients;
  return {.publishers = options().has_rate() ? clients : 0,
          .subscribers = clients,
          .receivers = clients};
}

SenderSet StormPlan::senders_of(std::uint32_t receiver) const {
  return {receiver, options().has_rate() ? 1U : 0U};
}

double StormPlan::messages_per_second() const {
  return options().has_rate() ? 2 * options().total_rate().per_second() : 0;
}

std::unique_ptr<Activity> StormPlan::activity(Crew& crew) const {
  return std::make_unique<Storm>(crew);
}

}  // namespace mq_bench
