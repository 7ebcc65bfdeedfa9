#pragma once

#include "tools/mq-bench/audience.hpp"
#include "tools/mq-bench/plan.hpp"

namespace mq_bench {

/// One publisher leaves a retained message on each of many topics; then subscribers come, and each
/// is owed all of them. At the end the retained messages are removed. In several shards the first
/// one has the publisher, and each its share of the subscribers.
class RetainedPlan final : public Plan {
 public:
  using Plan::Plan;
  Census census() const override;
  std::vector<std::string> topics(std::uint32_t index) const override;
  bool retains() const override { return true; }
  std::uint32_t most_crews() const override { return 1; }
  bool is_clock_free() const override { return true; }
  double messages_per_second() const override { return options().total_rate().per_second(); }
  Timing timing() const override;
  std::unique_ptr<Activity> activity(Crew& crew) const override;

  /// What the subscribers subscribe to.
  std::string filter() const;

 private:
  std::string pattern() const;
};

class RetainedLoad final : public Activity {
 public:
  RetainedLoad(Crew& crew, std::string filter);
  TimePoint step(TimePoint now) override;
  bool is_complete() const override;
  std::size_t started() const override { return audience_.started(); }
  void close() override;
  void settle() override { audience_.settle(); }

 private:
  TimePoint fill(TimePoint now);
  /// All messages are left, as far as that can be told here.
  bool is_filled() const;

  Crew& crew_;
  const std::uint32_t topics_;
  Schedule schedule_;
  std::uint32_t offered_ = 0;
  bool is_open_ = false;  ///< The audience may come.
  Audience audience_;
};

}  // namespace mq_bench
