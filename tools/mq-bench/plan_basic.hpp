#pragma once

#include "tools/mq-bench/plan.hpp"

namespace mq_bench {

/// Publisher i sends to subscriber i, which lives in another shard if the pairs are split.
class PairPlan : public Plan {
 public:
  using Plan::Plan;
  bool is_paired() const override { return true; }
  std::uint32_t home_of(std::uint32_t receiver) const override { return far_home_of(receiver); }
  bool receives_foreign() const override { return options().is_split; }
  Census census() const override;
  std::vector<std::string> filters(std::uint32_t index) const override;
  double messages_per_second() const override { return 2 * options().total_rate().per_second(); }
  std::unique_ptr<Activity> activity(Crew& crew) const override;
};

/// Publishers whose messages nobody here receives.
class PubPlan final : public Plan {
 public:
  using Plan::Plan;
  Census census() const override { return {.publishers = options().clients}; }
  double messages_per_second() const override { return options().total_rate().per_second(); }
  std::unique_ptr<Activity> activity(Crew& crew) const override;
};

/// Subscribers to messages from elsewhere.
class SubPlan final : public Plan {
 public:
  using Plan::Plan;
  Census census() const override;
  std::uint32_t receiver_of(std::uint32_t subscriber) const override;
  bool is_group(std::uint32_t) const override { return is_shared(); }
  bool receives_foreign() const override { return true; }
  Timing timing() const override { return {{}, options().duration}; }
  std::unique_ptr<Activity> activity(Crew& crew) const override;

 private:
  bool is_shared() const;
};

/// Clients that connect by schedule and stay.
class ConnPlan final : public Plan {
 public:
  using Plan::Plan;
  Census census() const override { return {.holders = options().clients}; }
  void equip(Role role, std::uint32_t index, mqtt::client::ClientOptions& client) const override;
  Rate connect_rate() const override { return options().total_rate(); }
  const Ramp* connect_ramp() const override { return options().ramp ? &*options().ramp : nullptr; }
  bool measures_connecting() const override { return true; }
  Timing timing() const override { return {{}, options().hold, "hold"}; }
  std::unique_ptr<Activity> activity(Crew& crew) const override;
};

}  // namespace mq_bench
