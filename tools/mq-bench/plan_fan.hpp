#pragma once

#include "tools/mq-bench/plan.hpp"

namespace mq_bench {

/// Every subscriber gets what every publisher sends.
class FanoutPlan final : public Plan {
 public:
  using Plan::Plan;
  Census census() const override;
  std::vector<std::string> filters(std::uint32_t index) const override;
  SenderSet senders_of(std::uint32_t receiver) const override;
  bool crosses_shards() const override { return options().crosses_shards(); }
  double messages_per_second() const override;
  std::unique_ptr<Activity> activity(Crew& crew) const override;
};

/// Many publishers send to few receivers, each message to one: publisher p to receiver p %
/// receivers. A receiver is a subscriber or, with --share, a group of them; --members says how
/// large the groups are, else all are one. In several shards publishers stay with their receivers
/// if these divide evenly among the shards; else messages, and the members of a group, are here and
/// there.
class FaninPlan final : public Plan {
 public:
  using Plan::Plan;
  Census census() const override;
  std::string topic(std::uint32_t index) const override;
  std::vector<std::string> filters(std::uint32_t index) const override;
  std::uint32_t receiver_of(std::uint32_t subscriber) const override {
    return subscriber % receivers();
  }
  bool is_group(std::uint32_t) const override { return options().share.has_value(); }
  SenderSet senders_of(std::uint32_t receiver) const override;
  bool crosses_shards() const override { return options().crosses_shards(); }
  std::uint32_t reach() const override { return receivers(); }
  std::uint32_t home_of_subscriber(std::uint32_t index) const override {
    return crosses_shards() ? index : receiver_of(index);
  }
  double messages_per_second() const override { return 2 * options().total_rate().per_second(); }
  std::unique_ptr<Activity> activity(Crew& crew) const override;

  static cli::Complaint check(const Options& options);

 private:
  std::uint32_t receivers() const { return options().fanin_receivers(); }
  std::string pattern() const;
};

}  // namespace mq_bench
