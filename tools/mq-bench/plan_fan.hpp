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
  double messages_per_second() const override;
  std::unique_ptr<Activity> activity(Crew& crew) const override;
};

/// Many publishers send to few receivers, each message to one: publisher p to receiver p %
/// receivers. A receiver is a subscriber or, with --share, a group of them; --members says how
/// large the groups are, else all are one.
class FaninPlan final : public Plan {
 public:
  using Plan::Plan;
  Census census() const override;
  std::string topic(std::uint32_t index) const override;
  std::vector<std::string> filters(std::uint32_t index) const override;
  std::uint32_t receiver_of(std::uint32_t subscriber) const override {
    return subscriber % receivers();
  }
  SenderSet senders_of(std::uint32_t receiver) const override;
  double messages_per_second() const override { return 2 * options().total_rate().per_second(); }
  std::unique_ptr<Activity> activity(Crew& crew) const override;

  static cli::Complaint check(const Options& options);

 private:
  std::uint32_t receivers() const;
  std::string pattern() const;
};

}  // namespace mq_bench
