#include "tools/mq-bench/plan_echo.hpp"

#include "libmqtt/codec/topic.hpp"

namespace mq_bench {
namespace {
constexpr const char* kAnswer = "/echo";
}

Plan::Census EchoPlan::census() const {
  const std::uint32_t pairs = options().clients;
  return {.publishers = pairs, .subscribers = pairs, .receivers = pairs, .echoes = pairs};
}

std::string EchoPlan::answer_topic(std::uint32_t index) const { return topic(index) + kAnswer; }

// An echo that hears itself goes on for ever.
cli::Complaint EchoPlan::check(const Options& options) {
  if (options.is_closed_loop) return "--mode echo and --loop closed exclude each other";
  if (options.clock_bound > mqtt::Duration())
    return "--clock-bound: has no meaning with --mode echo, which needs no common clock";
  if (!options.filter || !options.topic) return {};
  if (mqtt::matches(expand(*options.filter, 0), expand(*options.topic, 0) + kAnswer))
    return "--filter: matches the answers (TOPIC/echo) too: they would be answered for ever";
  return {};
}

}  // namespace mq_bench
