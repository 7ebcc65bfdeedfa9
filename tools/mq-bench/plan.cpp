#include "tools/mq-bench/plan.hpp"

#include <fmt/format.h>

#include "tools/mq-bench/plan_basic.hpp"
#include "tools/mq-bench/plan_echo.hpp"
#include "tools/mq-bench/plan_fan.hpp"
#include "tools/mq-bench/plan_retained.hpp"
#include "tools/mq-bench/plan_storm.hpp"
#include "tools/mq-bench/plan_wills.hpp"

namespace mq_bench {

std::string Plan::topic(std::uint32_t index) const {
  const std::string pattern = options_.topic.value_or(fmt::format("mq-bench/{}/%i", run_id_));
  return expand(pattern, index);
}

std::unique_ptr<Plan> make_plan(const Options& options, const std::string& run_id) {
  switch (options.mode()) {
    case Mode::pair:
      return std::make_unique<PairPlan>(options, run_id);
    case Mode::pub:
      return std::make_unique<PubPlan>(options, run_id);
    case Mode::sub:
      return std::make_unique<SubPlan>(options, run_id);
    case Mode::conn:
      return std::make_unique<ConnPlan>(options, run_id);
    case Mode::fanout:
      return std::make_unique<FanoutPlan>(options, run_id);
    case Mode::fanin:
      return std::make_unique<FaninPlan>(options, run_id);
    case Mode::storm:
      return std::make_unique<StormPlan>(options, run_id);
    case Mode::retained:
      return std::make_unique<RetainedPlan>(options, run_id);
    case Mode::echo:
      return std::make_unique<EchoPlan>(options, run_id);
    case Mode::wills:
      return std::make_unique<WillsPlan>(options, run_id);
  }
  return nullptr;
}

}  // namespace mq_bench
