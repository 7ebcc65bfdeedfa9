#include "tools/mq-bench/abort_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "tools/mq-bench/result_fields.hpp"

namespace mq_bench {
namespace {

constexpr Duration kWindow = std::chrono::seconds(1);
/// Those of the figures that count events; the others say how many there are.
constexpr auto kEvents = {&Result::late, &Result::foreign, &Result::corrupt, &Result::unclassified,
                          &Result::reconnects, &Result::return_retries};

/// What was counted later may be less than before: a message counts as lost until it comes.
void take_off(std::uint64_t& count, std::uint64_t before) { count -= std::min(count, before); }

void take_off(Counters& counters, const Counters& before) {
  for (const auto& [name, field] : counter_fields()) take_off(counters.*field, before.*field);
}

}  // namespace

Result window_between(const Result& before, const Result& now, Duration length) {
  Result window = now;
  take_off(window.measure, before.measure);
  take_off(window.warm, before.warm);
  for (const auto& figure : window_fields()) take_off(window.*figure.field, before.*figure.field);
  for (const auto field : kEvents) take_off(window.*field, before.*field);
  const auto metrics = window.metrics.all();
  const auto earlier = before.metrics.all();
  for (std::size_t i = 0; i < metrics.size(); ++i)
    metrics[i]->histogram = metrics[i]->histogram.since(earlier[i]->histogram);
  window.measured = length;
  return window;
}

std::string AbortWatch::look(Result so_far, TimePoint now) {
  next_ = now + kWindow;
  const std::optional<Result> before = std::exchange(before_, std::move(so_far));
  const Duration length = now - std::exchange(looked_, now);
  if (!before) return {};
  const Result window = window_between(*before, *before_, length);
  for (const Condition& condition : conditions_) {
    const Assertion assertion = condition.check(window);
    if (assertion.outcome == Assertion::Outcome::pass)
      return fmt::format("aborted: {} ({})", assertion.expression, assertion.value);
  }
  return {};
}

}  // namespace mq_bench
