#pragma once

#include "tools/mq-bench/plan_basic.hpp"

namespace mq_bench {

/// Publisher i sends to echo i, which sends back to subscriber i: a round trip, whose two ends live
/// together wherever the echo does.
class EchoPlan final : public PairPlan {
 public:
  using PairPlan::PairPlan;
  Census census() const override;
  std::vector<std::string> filters(std::uint32_t index) const override {
    return {answer_topic(index)};
  }
  std::string answer_topic(std::uint32_t index) const override;
  std::vector<std::string> echo_filters(std::uint32_t index) const override {
    return PairPlan::filters(index);
  }
  std::uint32_t home_of(std::uint32_t receiver) const override { return receiver; }
  bool receives_foreign() const override { return false; }
  double messages_per_second() const override { return 2 * PairPlan::messages_per_second(); }

  static cli::Complaint check(const Options& options);
};

}  // namespace mq_bench
