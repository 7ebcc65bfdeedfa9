#include "tools/mq-bench/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <sstream>
#include <utility>

#include "tools/common/terminal.hpp"
#include "tools/mq-bench/result_fields.hpp"

namespace mq_bench {
namespace {

/// Rates are added in millionths, where a sum does not depend on the order.
constexpr double kRateGrain = 1e6;

TimePoint start_of_measuring(const Result& result) {
  for (const std::string_view name : {"measure", "hold"}) {
    const auto phase = std::ranges::find(result.phases, name, &Phase::name);
    if (phase != result.phases.end()) return phase->start;
  }
  return result.phases.empty() ? TimePoint() : result.phases.back().start;
}

void carry(std::set<std::string>& to, const std::vector<std::string>& reasons,
           std::uint32_t shard) {
  for (const std::string& reason : reasons) to.insert(fmt::format("shard {}: {}", shard, reason));
}

/// The result of one shard as a merged one of one shard: what was found wrong with it stays wrong,
/// and its phases count from the beginning of the measurement, which all shards share.
void join(StoredRun& run) {
  Result& result = run.result;
  if (result.joined) return;
  const std::uint32_t shard = result.shards.given.front();
  Joined joined;
  carry(joined.invalid_reasons, run.verdict.invalid_reasons, shard);
  carry(joined.warnings, run.verdict.warnings, shard);
  carry(joined.partial_reasons, run.verdict.partial_reasons, shard);
  joined.machines.insert(result.environment);
  const TimePoint start = start_of_measuring(result);
  joined.first_start = joined.last_start = start + result.clock_offset;
  joined.first_end = joined.first_start + result.measured;
  for (Phase& phase : result.phases) {
    phase.start = TimePoint(phase.start - start);
    phase.end = TimePoint(phase.end - start);
  }
  result.signal.reset();
  result.aborted.clear();
  result.clock_offset = {};
  result.joined = std::move(joined);
}

std::string complaint_about(const NamedRun& a, const NamedRun& b) {
  const Result& one = a.run.result;
  const Result& other = b.run.result;
  const auto differ = [&](std::string_view what, std::string_view left, std::string_view right) {
    return fmt::format("{}: {} {} is not {} as in {}", b.name, what, cli::quoted(right),
                       cli::quoted(left), a.name);
  };
  if (one.run_id != other.run_id) return differ("run id", one.run_id, other.run_id);
  if (one.config != other.config)
    return differ("config hash", config_hash(one), config_hash(other));
  if (one.mode != other.mode) return differ("mode", name(one.mode), name(other.mode));
  if (one.qos != other.qos || one.size != other.size || one.clock_bound != other.clock_bound)
    return fmt::format("{}: QoS, size or clock bound are not as in {}", b.name, a.name);
  if (one.shards.count != other.shards.count)
    return fmt::format("{}: it is one of {} shards, {} of {}", b.name, other.shards.count, a.name,
                       one.shards.count);
  std::vector<std::uint32_t> both;
  std::ranges::set_intersection(one.shards.given, other.shards.given, std::back_inserter(both));
  if (!both.empty())
    return fmt::format("{}: shard {} is in {} already", b.name, both.front(), a.name);
  for (const NamedRun* const run : {&a, &b}) {
    if (!run->run.result.repeats.empty())
      return run->name + ": it stands for several runs (--repeat), which have no shards";
  }
  return {};
}

bool fits(std::uint64_t one, std::uint64_t other) {
  std::uint64_t sum = 0;
  return !__builtin_add_overflow(one, other, &sum);
}

bool fits(const Counters& one, const Counters& other) {
  return std::ranges::all_of(counter_fields(), [&](const CounterField& counter) {
    return fits(one.*counter.field, other.*counter.field);
  });
}

bool fits(const Result& one, const Result& other, std::span<const FigureField> figures) {
  return std::ranges::all_of(figures, [&](const FigureField& figure) {
    return fits(one.*figure.field, other.*figure.field);
  });
}

bool fits(const Metrics& one, const Metrics& other) {
  const auto left = one.all();
  const auto right = other.all();
  return std::ranges::equal(left, right, [](const Metric* a, const Metric* b) {
    std::int64_t sum = 0;
    return fits(a->histogram.count(), b->histogram.count()) &&
           !__builtin_add_overflow(a->histogram.sum(), b->histogram.sum(), &sum);
  });
}

/// False: the sums are too large for any real runs.
bool fits(const Result& one, const Result& other) {
  return fits(one.measure, other.measure) && fits(one.warm, other.warm) &&
         fits(one, other, figure_fields()) && fits(one, other, window_fields()) &&
         fits(one.metrics, other.metrics) && fits(one.warm_metrics, other.warm_metrics);
}

/// All words of both, once each.
std::string united(const std::string& one, const std::string& other) {
  std::istringstream words(one + ' ' + other);
  const std::set<std::string> all{std::istream_iterator<std::string>(words), {}};
  return fmt::format("{}", fmt::join(all, " "));
}

void unite(std::vector<Phase>& phases, const std::vector<Phase>& more) {
  std::map<std::string, Phase> all;
  phases.insert(phases.end(), more.begin(), more.end());
  for (const Phase& phase : phases) {
    Phase& whole = all.try_emplace(phase.name, phase).first->second;
    whole.start = std::min(whole.start, phase.start);
    whole.end = std::max(whole.end, phase.end);
  }
  phases.clear();
  for (const auto& [name, phase] : all) phases.push_back(phase);
  std::ranges::stable_sort(phases, {}, &Phase::start);
}

void unite(Joined& whole, const Joined& part) {
  whole.invalid_reasons.insert(part.invalid_reasons.begin(), part.invalid_reasons.end());
  whole.warnings.insert(part.warnings.begin(), part.warnings.end());
  whole.partial_reasons.insert(part.partial_reasons.begin(), part.partial_reasons.end());
  whole.machines.insert(part.machines.begin(), part.machines.end());
  whole.first_start = std::min(whole.first_start, part.first_start);
  whole.last_start = std::max(whole.last_start, part.last_start);
  whole.first_end = std::min(whole.first_end, part.first_end);
}

/// Adds what complaint_about() had nothing against.
void unite(Result& whole, const Result& part) {
  add(whole, part);
  whole.threads.clear();  // Those of each shard stand in its own result.
  whole.tool_version = united(whole.tool_version, part.tool_version);
  whole.url = united(whole.url, part.url);
  whole.target_rate =
      (std::round(whole.target_rate * kRateGrain) + std::round(part.target_rate * kRateGrain)) /
      kRateGrain;
  whole.warmup = std::max(whole.warmup, part.warmup);
  whole.measured = std::max(whole.measured, part.measured);
  std::vector<std::uint32_t> shards;
  std::ranges::merge(whole.shards.given, part.shards.given, std::back_inserter(shards));
  whole.shards.given = std::move(shards);
  unite(whole.phases, part.phases);
  unite(*whole.joined, *part.joined);
  whole.environment = *whole.joined->machines.begin();
}

/// Everything that any of them asked for; none is let off what another must keep to.
void unite(JudgeOptions& whole, std::span<const Condition> conditions) {
  whole.conditions.insert(whole.conditions.end(), conditions.begin(), conditions.end());
  std::ranges::sort(whole.conditions, {}, &Condition::text);
  const auto repeated = std::ranges::unique(whole.conditions, {}, &Condition::text);
  whole.conditions.erase(repeated.begin(), repeated.end());
}

}  // namespace

std::expected<StoredRun, std::string> merge(std::vector<NamedRun> runs,
                                            std::span<const Condition> conditions) {
  for (NamedRun& run : runs) join(run.run);
  NamedRun whole = std::move(runs.front());
  JudgeOptions judging = whole.run.verdict.judged_by;
  for (const NamedRun& part : std::span(runs).subspan(1)) {
    std::string complaint = complaint_about(whole, part);
    if (!complaint.empty()) return std::unexpected(std::move(complaint));
    if (!fits(whole.run.result, part.run.result))
      return std::unexpected(part.name + ": its figures are too large to be added up");
    unite(whole.run.result, part.run.result);
    const JudgeOptions& own = part.run.verdict.judged_by;
    judging.allow_limited = judging.allow_limited && own.allow_limited;
    judging.default_asserts = judging.default_asserts || own.default_asserts;
    unite(judging, own.conditions);
    whole.name = "the files before it";
  }
  settle_exchange(whole.run.result);
  unite(judging, conditions);
  whole.run.verdict = judge(whole.run.result, judging);
  return std::move(whole.run);
}

}  // namespace mq_bench
