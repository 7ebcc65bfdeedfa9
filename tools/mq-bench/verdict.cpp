#include "tools/mq-bench/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "tools/mq-bench/drift.hpp"
#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

// What an honest generator must keep to.
constexpr double kLeastOffered = 0.99;  ///< Of the target rate.
constexpr double kMostCpu = 0.9;        ///< Of one core.
constexpr Duration kMostLoopLag = std::chrono::milliseconds(50);
constexpr Duration kTolerableSendLag = std::chrono::milliseconds(1);

/// Of fewer samples it is the greatest.
constexpr std::uint64_t kFewestForP99 = 100;

using Reasons = std::vector<std::string>;

/// The percentile itself, however few the samples: the generator gets no benefit of the doubt.
Duration p99(const Histogram& histogram) {
  const std::uint64_t count = histogram.count();
  return count == 0 ? Duration() : histogram.value_at_rank(rank_of(kP99, count));
}

/// The latency that the run is about, which the generator's own lag is compared with.
const Histogram& headline(const Metrics& metrics) {
  for (const Metric* metric : {&metrics.e2e, &metrics.rtt, &metrics.ack, &metrics.connect_total}) {
    if (metric->histogram.count() > 0) return metric->histogram;
  }
  return metrics.e2e.histogram;
}

/// Threads are judged one by one: an idle one does not make up for a busy one.
void check_threads(const Result& result, Reasons& reasons) {
  const std::span<const SelfStats> threads =
      result.threads.empty() ? std::span(&result.self, 1) : std::span(result.threads);
  for (std::size_t i = 0; i < threads.size(); ++i) {
    const std::string which = threads.size() > 1 ? fmt::format("thread {}: ", i + 1) : "";
    if (threads[i].cpu_share > kMostCpu) {
      reasons.push_back(
          fmt::format("generator-limited: {}cpu {:.0f}% > 90%", which, threads[i].cpu_share * 100));
    }
    if (threads[i].loop_lag_max > kMostLoopLag) {
      reasons.push_back(fmt::format("generator-limited: {}loop lag {} > 50ms", which,
                                    milliseconds(threads[i].loop_lag_max)));
    }
  }
}

/// Was the load that was asked for really put on the broker? Only the generator's own lag counts:
/// messages that waited for the socket or the window waited for the broker, and that is a result.
void check_generator(const Result& result, Reasons& reasons) {
  const double seconds = in_seconds(result.measured);
  const double offered = per_second(result.offered, result.measured);
  // Chance, bursts and slow rates leave fewer slots in a window than the rate says.
  const double due =
      std::min(result.target_rate, per_second(result.measure.scheduled, result.measured));
  if (result.publishers > 0 && seconds > 0 && offered < kLeastOffered * due) {
    reasons.push_back(fmt::format("generator-limited: offered {:.1f}/s of {:.1f}/s", offered, due));
  }
  const Duration lag = p99(result.metrics.own_lag.histogram);
  const Duration bound = std::max(kTolerableSendLag, p99(headline(result.metrics)) / 10);
  if (lag > bound) {
    const std::uint64_t count = result.metrics.own_lag.histogram.count();
    reasons.push_back(fmt::format("generator-limited: {} own send lag {} > {}",
                                  count < kFewestForP99 ? "greatest" : "p99", milliseconds(lag),
                                  milliseconds(bound)));
  }
  check_threads(result, reasons);
}

/// Every message ends in exactly one column. Both sides are counted apart, so a broken sum is a bug
/// here or a message that nobody can have sent.
void check_balance(std::string_view phase, const Result& result, const Counters& c,
                   Reasons& reasons) {
  const std::uint64_t accounted = c.sent + c.skipped_offline + c.skipped_backlog;
  if (c.scheduled != accounted) {
    reasons.push_back(
        fmt::format("balance broken in {}: scheduled {} != sent + offline + backlog {}", phase,
                    c.scheduled, accounted));
  }
  const std::uint64_t answered = c.acked + c.nacked + c.unacked;
  if (result.qos > 0 && result.publishers > 0 && c.sent != answered) {
    reasons.push_back(fmt::format("balance broken in {}: sent {} != acked + nacked + unacked {}",
                                  phase, c.sent, answered));
  }
  if (c.expected != c.unique + c.lost) {
    reasons.push_back(fmt::format("balance broken in {}: expected {} != unique + lost {}", phase,
                                  c.expected, c.unique + c.lost));
  }
}

void check_measurement(const Result& result, Reasons& reasons) {
  if (result.connected == 0) {
    reasons.emplace_back("no client connected");
    return;
  }
  check_balance("warm-up", result, result.warm, reasons);
  if (result.measured == Duration()) reasons.emplace_back("nothing was measured");
  check_balance("measure", result, result.measure, reasons);
  // Where a client is missing, by default an assertion says so.
  if (result.connected == result.clients && result.subscriptions_proven < result.subscriptions) {
    reasons.push_back(fmt::format("{} of {} subscriptions delivered nothing before the start",
                                  result.subscriptions - result.subscriptions_proven,
                                  result.subscriptions));
  }
  if (result.errors.contains(std::string(kClocksApart))) reasons.emplace_back(kClocksApart);
  if (!result.sequences_exact)
    reasons.emplace_back("too many separate losses to tell each of them");
  if (result.metrics.e2e.histogram.min() < -result.clock_bound) {
    reasons.push_back(fmt::format("clocks not comparable: {} latencies below zero",
                                  result.metrics.e2e.histogram.negative()));
  }
}

void append(Reasons& reasons, const std::set<std::string>& more) {
  reasons.insert(reasons.end(), more.begin(), more.end());
}

/// Messages were timed at another end than where they came from.
bool needs_one_clock(const Result& result) {
  return result.clock_bound == Duration() && !result.exchange.sent.empty();
}

std::size_t clocks_of(const Joined& joined) {
  std::set<std::pair<std::string, std::string>> clocks;
  for (const Environment& machine : joined.machines)
    clocks.emplace(machine.boot_id, machine.time_namespace);
  return clocks.size();
}

/// Did the run go on to its end, everywhere?
void check_completeness(const Result& result, Reasons& reasons) {
  if (result.signal) reasons.push_back(fmt::format("interrupted by signal {}", *result.signal));
  if (!result.aborted.empty()) reasons.push_back(result.aborted);
  if (result.connected > 0 && result.online_at_end == 0)
    reasons.emplace_back("the broker was lost and not regained");
  if (!result.joined) return;
  append(reasons, result.joined->partial_reasons);
  std::vector<std::uint32_t> missing;
  for (std::uint32_t shard = 0; shard < result.shards.count && missing.size() < 20; ++shard) {
    if (!std::ranges::binary_search(result.shards.given, shard)) missing.push_back(shard);
  }
  if (!missing.empty())
    reasons.push_back(fmt::format("shards are missing: {}", fmt::join(missing, ", ")));
}

Assertion::Outcome outcome_of(bool passed) {
  return passed ? Assertion::Outcome::pass : Assertion::Outcome::fail;
}

bool expects_messages(const Result& result) {
  return result.measure.expected + result.warm.expected > 0;
}

Assertion assert_loss(const Result& result) {
  const std::uint64_t lost = result.measure.lost + result.warm.lost;
  const std::uint64_t expected = result.measure.expected + result.warm.expected;
  std::string value = fmt::format("{}", lost);
  if (lost > 0 && expected > 0)
    value += fmt::format(" = {:.3g}%",
                         100.0 * static_cast<double>(lost) / static_cast<double>(expected));
  value += result.losses.first();
  // A subscriber that heard nothing has not heard everything.
  if (!expects_messages(result))
    return {"loss==0", "nothing was expected", Assertion::Outcome::no_data};
  if (result.warm.lost > 0) value += fmt::format("; {} of them in the warm-up", result.warm.lost);
  return {"loss==0", std::move(value), outcome_of(lost == 0)};
}

/// What nobody should have to ask for: a run in which messages vanished, or were refused, is not
/// green.
std::vector<Assertion> default_assertions(const Result& result) {
  std::vector<Assertion> assertions;
  assertions.push_back({fmt::format("connected=={}", result.clients),
                        fmt::format("{}", result.connected),
                        outcome_of(result.connected == result.clients)});
  if (result.mode == Mode::conn) {
    assertions.push_back({fmt::format("held=={}", result.clients),
                          fmt::format("{}", result.online_at_end),
                          outcome_of(result.online_at_end == result.clients)});
  }
  if (result.mode == Mode::wills) {
    const std::uint64_t dying = result.clients - result.receivers;
    assertions.push_back({fmt::format("departures=={}", dying),
                          fmt::format("{}", result.departures),
                          outcome_of(result.departures == dying)});
  } else if (result.departures > 0) {
    assertions.push_back({fmt::format("returns=={}", result.departures),
                          fmt::format("{}", result.returns),
                          outcome_of(result.returns == result.departures)});
  }
  if (result.qos == 0) return assertions;
  const auto none = [&](std::string_view name, std::uint64_t Counters::*counter) {
    const std::uint64_t count = result.measure.*counter + result.warm.*counter;
    assertions.push_back(
        {fmt::format("{}==0", name), fmt::format("{}", count), outcome_of(count == 0)});
  };
  // Where nobody receives, this is all that tells of a broker that takes nothing.
  if (result.publishers > 0) {
    none("nacked", &Counters::nacked);
    none("unacked", &Counters::unacked);
  }
  if (result.receivers == 0) return assertions;
  // What a shard alone may owe to nobody, the whole expects; a storm may be one of connections
  // only.
  const bool may_expect_nothing = (result.shards.count > 1 && !result.joined) ||
                                  (result.mode == Mode::storm && result.publishers == 0);
  const bool is_known = !result.is_one_end() && (!may_expect_nothing || expects_messages(result));
  if (is_known) assertions.push_back(assert_loss(result));
  if (result.qos == 2) none("dup", &Counters::duplicates);
  return assertions;
}

/// The first that applies, from "nothing happened" to "something was wrong".
int exit_code(const Result& result, const Verdict& verdict) {
  if (result.signal) return 128 + *result.signal;
  // What was given up before it began has not failed to connect.
  if (result.connected == 0 && result.aborted.empty())
    return static_cast<int>(ExitCode::never_connected);
  if (verdict.partial) return static_cast<int>(ExitCode::partial);
  const bool is_comparable = !verdict.baseline || verdict.baseline->is_comparable();
  if (!verdict.is_valid() || !is_comparable) return static_cast<int>(ExitCode::invalid);
  const bool all_passed = std::ranges::all_of(verdict.assertions, &Assertion::passed) &&
                          (!verdict.baseline || verdict.baseline->passed());
  return static_cast<int>(all_passed ? ExitCode::ok : ExitCode::assertion_failed);
}

}  // namespace

int weightier(int one, int other) {
  if (one == 0 || other == 0) return one == 0 ? other : one;
  const int signalled = std::max(one, other);
  return signalled > 128 ? signalled : std::min(one, other);
}

std::vector<std::string> generator_limits(const Result& result) {
  Reasons reasons;
  check_generator(result, reasons);
  return reasons;
}

std::vector<Assertion> check_assertions(const Result& result, const JudgeOptions& options) {
  if (options.conditions.empty())
    return options.default_asserts ? default_assertions(result) : std::vector<Assertion>();
  std::vector<Assertion> assertions;
  for (const Condition& condition : options.conditions) {
    // The whole will be held to it.
    if (result.is_one_end() && condition.is_about_losses()) continue;
    assertions.push_back(condition.check(result));
  }
  return assertions;
}

Verdict judge(const Result& result, const JudgeOptions& options) {
  Verdict verdict;
  verdict.judged_by = options;
  if (result.joined) {
    append(verdict.invalid_reasons, result.joined->invalid_reasons);
    // Rates that were never there at the same time do not add up to one.
    if (result.joined->common_window() == Duration())
      verdict.invalid_reasons.emplace_back("the shards did not measure at the same time");
    append(verdict.warnings, result.joined->warnings);
    if (needs_one_clock(result) && clocks_of(*result.joined) > 1) {
      verdict.invalid_reasons.emplace_back(
          "clocks not comparable: messages went from one machine to another without --clock-bound");
    }
  } else {
    (options.allow_limited ? verdict.warnings : verdict.invalid_reasons) = generator_limits(result);
    std::string memory = memory_warning(result);
    if (!memory.empty()) verdict.warnings.push_back(std::move(memory));
  }
  check_measurement(result, verdict.invalid_reasons);
  check_completeness(result, verdict.partial_reasons);
  verdict.partial = !verdict.partial_reasons.empty();
  verdict.assertions = check_assertions(result, options);
  verdict.exit_code = exit_code(result, verdict);
  return verdict;
}

std::vector<std::string> flaws(const Verdict& verdict) {
  std::vector<std::string> found;
  for (const std::string& reason : verdict.invalid_reasons)
    found.push_back("the baseline is invalid: " + reason);
  for (const std::string& reason : verdict.partial_reasons)
    found.push_back("the baseline is partial: " + reason);
  return found;
}

void add_baseline(Verdict& verdict, const Result& result, Comparison comparison) {
  verdict.baseline = std::move(comparison);
  verdict.exit_code = exit_code(result, verdict);
}

void add_run(Verdict& verdict, const std::string& run_id, const Verdict& run) {
  const auto add = [&run_id](Reasons& reasons, const Reasons& more) {
    for (const std::string& reason : more)
      reasons.push_back(fmt::format("run {}: {}", run_id, reason));
  };
  add(verdict.invalid_reasons, run.invalid_reasons);
  add(verdict.warnings, run.warnings);
  add(verdict.partial_reasons, run.partial_reasons);
  verdict.partial |= run.partial;
  for (const Assertion& assertion : run.assertions) {
    if (assertion.passed()) continue;
    verdict.assertions.push_back(assertion);
    verdict.assertions.back().expression = fmt::format("run {}: {}", run_id, assertion.expression);
  }
  verdict.exit_code = weightier(verdict.exit_code, run.exit_code);
}

}  // namespace mq_bench
