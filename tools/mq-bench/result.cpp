#include "tools/mq-bench/result.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mq_bench {
namespace {
constexpr std::array<std::string_view, 10> kModes{"pair",  "pub",   "sub",      "conn",  "fanout",
                                                  "fanin", "storm", "retained", "wills", "echo"};
}  // namespace

std::string_view name(Mode mode) { return kModes[static_cast<std::size_t>(mode)]; }

std::optional<Mode> mode_named(std::string_view name) {
  const auto found = std::ranges::find(kModes, name);
  if (found == kModes.end()) return std::nullopt;
  return static_cast<Mode>(found - kModes.begin());
}

std::string config_hash(const Result& result) {
  std::string canonical;
  for (const auto& [key, value] : result.config) canonical += fmt::format("{}={}\n", key, value);
  return fmt::format("{:016x}", hash(canonical));
}

const Metric& Result::series_metric() const {
  switch (mode) {
    case Mode::pub:
      return metrics.ack;
    case Mode::conn:
      return metrics.connect_total;
    default:
      return delivery_metric();
  }
}

std::uint64_t Result::lost_of(const Metric& metric) const {
  if (&metric == &delivery_metric()) return measure.lost;
  const Metrics& early = warm_metrics;
  return &metric == (mode == Mode::echo ? &early.rtt : &early.e2e) ? warm.lost : 0;
}

}  // namespace mq_bench
