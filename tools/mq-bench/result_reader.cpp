#include "tools/mq-bench/result_reader.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <functional>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "libmqtt/base/base64.hpp"
#include "tools/common/json_reader.hpp"
#include "tools/common/setters.hpp"
#include "tools/mq-bench/hdr_decode.hpp"
#include "tools/mq-bench/json_cursor.hpp"
#include "tools/mq-bench/result_fields.hpp"

namespace mq_bench {
namespace {

/// Ours are some kilobytes, those of soak runs some megabytes.
constexpr std::size_t kLargestFile = 64 << 20;
constexpr std::size_t kDeepest = 8;
constexpr std::int64_t kFarthestTime = std::int64_t{1} << 61;
constexpr std::uint32_t kMostShards = 1'000'000;
constexpr std::uint64_t kEndOfNumbers = std::uint64_t{1} << 32;
/// Ranges of numbers, those of each flow counted; a flow as much as several.
constexpr std::uint64_t kMostRanges = 1 << 24;
constexpr std::uint64_t kFlowItself = 8;
constexpr double kFastest = 1e12;
// Merging adds these up, and fills gaps between series.
constexpr std::int64_t kMostMissing = std::int64_t{1} << 48;
constexpr std::int64_t kFarthestRow = 100'000;

/// A time in nanoseconds; two of them can be added.
Duration read_time(const JsonCursor& json, std::string_view name) {
  const std::int64_t ns = json.integer(name);
  if (ns > kFarthestTime || ns < -kFarthestTime) json.complain(name, "is out of range");
  return json.has_failed() ? Duration() : Duration(ns);
}

Environment read_environment(const JsonCursor& env) {
  Environment environment;
  environment.cpu = env.text("cpu");
  environment.cores = env.small("cores");
  environment.kernel = env.text("kernel");
  environment.boot_id = env.text("boot_id");
  environment.time_namespace = env.text("time_namespace");
  environment.descriptor_limit = env.natural("ulimit");
  return environment;
}

Shards read_shards(const JsonCursor& json) {
  const auto shard = json.small_numbers("shard");
  if (shard.size() != 2 || shard[1] == 0 || shard[1] > kMostShards) {
    json.complain("shard", "is not [number, of how many]");
    return {};
  }
  Shards shards{shard[1], {shard[0]}};
  if (json.has("shards")) shards.given = json.small_numbers("shards");
  const bool is_sorted =
      std::ranges::adjacent_find(shards.given, std::ranges::greater_equal()) == shards.given.end();
  if (shards.given.empty() || !is_sorted || shards.given.back() >= shards.count)
    json.complain("shards", "are not in order or too many");
  return shards;
}

std::set<std::string> set_of(std::vector<std::string> texts) {
  return {std::make_move_iterator(texts.begin()), std::make_move_iterator(texts.end())};
}

Joined read_joined(const JsonCursor& json) {
  Joined joined{.invalid_reasons = set_of(json.texts("invalid_reasons")),
                .warnings = set_of(json.texts("warnings")),
                .partial_reasons = set_of(json.texts("partial_reasons")),
                .machines = {},
                .first_start = TimePoint(read_time(json, "first_start_ns")),
                .last_start = TimePoint(read_time(json, "last_start_ns")),
                .first_end = TimePoint(read_time(json, "first_end_ns"))};
  for (const JsonCursor& machine : json.objects("machines"))
    joined.machines.insert(read_environment(machine));
  if (joined.machines.empty()) json.complain("machines", "is empty");
  return joined;
}

void read_load(const JsonCursor& json, Result& result) {
  result.tool_version = json.text("tool_version");
  result.run_id = json.text("run_id");
  result.shards = read_shards(json);
  if (json.has("merged")) result.joined = read_joined(json.object("merged"));
  const auto mode = mode_named(json.text("mode"));
  if (!mode) json.complain("mode", "is none that this version knows");
  result.mode = mode.value_or(Mode::pair);
  if (json.has("signal")) result.signal = static_cast<int>(json.small("signal") & 0x7F);
  if (json.has("aborted")) result.aborted = json.text("aborted");
  result.environment = read_environment(json.object("env"));
  const JsonCursor broker = json.object("broker");
  result.url = broker.text("url");
  const JsonCursor properties = broker.object("connack_props");
  for (const std::string& name : properties.names())
    result.connack_properties.emplace(name, properties.text(name));
  const JsonCursor config = json.object("config");
  for (const std::string& name : config.names()) result.config.emplace(name, config.text(name));
  if (json.text("config_hash") != config_hash(result))
    json.complain("config_hash", "does not belong to the config beside it");
  result.qos = json.small("qos");
  result.size = json.natural("size");
  result.warmup = read_time(json, "warmup_ns");
  result.measured = read_time(json, "measured_ns");
  if (result.measured < Duration()) json.complain("measured_ns", "is below 0");
  result.clock_bound = read_time(json, "clock_bound_ns");
}

void read_phases(const JsonCursor& json, Result& result) {
  result.clock_offset = read_time(json, "clock_offset_ns");
  for (const JsonCursor& phase : json.objects("phases")) {
    result.phases.push_back({phase.text("name"), TimePoint(read_time(phase, "start_ns")),
                             TimePoint(read_time(phase, "end_ns"))});
  }
}

Counters read_message_counters(const JsonCursor& json) {
  Counters counters;
  for (const auto& [name, field] : counter_fields()) counters.*field = json.natural(name);
  return counters;
}

void read_figures(const JsonCursor& json, Result& result, std::span<const FigureField> fields) {
  for (const FigureField& figure : fields) {
    if (!figure.is_new || json.has(figure.name)) result.*figure.field = json.natural(figure.name);
  }
}

void read_counters(const JsonCursor& counters, Result& result) {
  result.measure = read_message_counters(counters);
  result.warm = read_message_counters(counters.object("warmup"));
  read_figures(counters, result, figure_fields());
  result.sequences_exact = counters.flag("sequences_exact");
  if (counters.has("losses")) {
    for (const JsonCursor& loss : counters.objects("losses"))
      result.losses.add(loss.small("pub"), {loss.natural("lost"), loss.natural("first_seq")});
  }
  const JsonCursor errors = counters.object("errors");
  for (const std::string& name : errors.names()) result.errors[name] = errors.natural(name);
}

Histogram read_histogram(const JsonCursor& json) {
  const auto bytes = mqtt::from_base64(json.text("hdr"));
  if (!bytes) json.complain("hdr", "is not base64");
  if (json.has_failed()) return {};
  auto counters = decode_hdr(*bytes);
  if (!counters) {
    json.complain("hdr", "is not a histogram: " + counters.error());
    return {};
  }
  auto histogram = Histogram::restore(std::move(*counters), {.overflow = json.natural("overflow"),
                                                             .negative = json.natural("negative"),
                                                             .sum = json.integer("sum"),
                                                             .min = Duration(json.integer("min")),
                                                             .max = Duration(json.integer("max"))});
  if (!histogram || histogram->count() != json.natural("n"))
    json.complain("hdr", "does not agree with n, min, max, sum, overflow and negative");
  return json.has_failed() ? Histogram() : *std::move(histogram);
}

void read_metrics(const JsonCursor& json, Metrics& metrics) {
  for (Metric* const metric : metrics.all()) {
    if (json.has(metric->name)) metric->histogram = read_histogram(json.object(metric->name));
  }
}

/// Older results have nothing but the measure phase.
void read_phase_metrics(const JsonCursor& json, Result& result) {
  if (!json.has("phase_metrics")) return;
  read_metrics(json.object("phase_metrics").object("warmup"), result.warm_metrics);
}

Series::Row read_row(const JsonCursor& json, bool knows_missing) {
  Series::Row row;
  row.sent = json.natural("sent");
  // The first results of this schema have neither this nor the memory.
  row.offered = json.has("offered") ? json.natural("offered") : row.sent;
  row.memory = json.has("rss") ? json.natural("rss") : 0;
  row.received = json.natural("recv");
  row.missing = knows_missing ? json.integer("lost") : 0;
  if (row.missing > kMostMissing || row.missing < -kMostMissing)
    json.complain("lost", "is too large");
  row.connections = json.small("connections");
  auto counts = parse_counts(json.text("latencies"));
  if (!counts) json.complain("latencies", "is not a list of bucket:count");
  row.latencies = std::move(counts).value_or(CoarseCounts());
  row.max = read_time(json, "max");
  return row;
}

// Rows are as wide as some power of two, and stand without a gap.
void read_series(const JsonCursor& json, Result& result) {
  Series& series = result.series;
  series.seconds_per_row = json.small("series_interval_s");
  if (!std::has_single_bit(static_cast<std::uint64_t>(series.seconds_per_row))) {
    json.complain("series_interval_s", "is not a power of two");
    return;
  }
  const auto rows = json.objects("series");
  if (rows.size() > Series::kMostRows) json.complain("series", "has too many rows");
  for (const JsonCursor& row : rows) {
    if (json.has_failed()) return;
    const std::int64_t second = row.integer("t");
    if (series.rows.empty()) series.first = second / series.seconds_per_row;
    if (series.first > kFarthestRow || series.first < -kFarthestRow ||
        second != series.second_of(series.rows.size()))
      row.complain("t", "is not where this row stands");
    series.rows.push_back(read_row(row, result.mode != Mode::sub));
  }
}

SelfStats read_self(const JsonCursor& self) {
  return {.loop_lag_max = read_time(self, "loop_lag_max_ns"),
          .cpu_share = self.real("cpu_share"),
          .involuntary_switches = self.natural("involuntary_switches"),
          .rss_bytes = self.natural("rss")};
}

void read_generator(const JsonCursor& self, Result& result) {
  if (result.measured == Duration()) return;
  result.self = read_self(self);
  for (const JsonCursor& thread : self.objects("threads"))
    result.threads.push_back(read_self(thread));
}

JudgeOptions read_judging(const JsonCursor& json) {
  JudgeOptions options{.allow_limited = json.flag("allow_limited"),
                       .default_asserts = json.flag("default_asserts")};
  for (const std::string& text : json.texts("asserts")) {
    auto condition = Condition::parse(text);
    if (condition) options.conditions.push_back(*std::move(condition));
    if (!condition)
      json.complain("asserts", "holds a condition that is none: " + condition.error());
  }
  return options;
}

/// Numbers of messages, as many as a payload can tell.
RangeSet read_ranges(const JsonCursor& json, std::string_view name) {
  if (!json.has(name)) return {};
  auto set = parse_ranges(json.text(name));
  if (!set || (!set->ranges().empty() && set->ranges().back().end > kEndOfNumbers)) {
    json.complain(name, "is not a list of ranges first-last");
    return {};
  }
  return *std::move(set);
}

/// `budget`: so many ranges may still come, however often a row says that they do.
void read_received(const JsonCursor& row, Exchange& exchange, std::uint64_t& budget) {
  const std::uint32_t publisher = row.small("pub");
  const RangeSet receivers = read_ranges(row, "receivers");
  const Exchange::Arrived arrived{read_ranges(row, "came"), read_ranges(row, "excused")};
  const std::uint64_t each =
      kFlowItself + arrived.came.ranges().size() + arrived.excused.ranges().size();
  if (receivers.size() > budget / each) return row.complain("receivers", "are too many");
  budget -= receivers.size() * each;
  for (const auto& [first, end] : receivers.ranges()) {
    for (std::uint64_t receiver = first; receiver < end; ++receiver)
      exchange.received[{publisher, static_cast<std::uint32_t>(receiver)}] = arrived;
  }
}

void read_exchange(const JsonCursor& json, Exchange& exchange) {
  if (!json.has("seq_ranges")) return;
  const JsonCursor ranges = json.object("seq_ranges");
  for (const JsonCursor& row : ranges.objects("sent")) {
    Exchange::Sent& sent = exchange.sent[row.small("pub")];
    sent = {row.natural("measured_from"), row.natural("end"), read_ranges(row, "refused")};
    if (sent.end > kEndOfNumbers || sent.first_measured > sent.end)
      row.complain("end", "is not above all numbers of messages");
  }
  std::uint64_t budget = kMostRanges;
  for (const JsonCursor& row : ranges.objects("received")) read_received(row, exchange, budget);
}

void read_repeats(const JsonCursor& json, Result& result) {
  if (!json.has("repeats")) return;
  for (const JsonCursor& repeat : json.objects("repeats")) {
    Repeat& read = result.repeats.emplace_back(Repeat{repeat.text("run_id"), {}});
    const JsonCursor figures = repeat.object("figures");
    for (const std::string& name : figures.names()) read.figures[name] = figures.real_or_inf(name);
  }
}

Comparison read_baseline(const JsonCursor& json) {
  Comparison baseline{json.text("run_id"), json.texts("differences"), json.flag("forced"), {}};
  if (json.flag("comparable") != baseline.differences.empty())
    json.complain("comparable", "does not agree with differences");
  for (const JsonCursor& row : json.objects("rows")) {
    const auto outcome = comparison_outcome_named(row.text("verdict"));
    if (!outcome) row.complain("verdict", "is none that this version knows");
    baseline.rows.push_back({row.text("figure"), row.text("base"), row.text("now"),
                             row.text("change"), row.text("tolerance"),
                             outcome.value_or(Comparison::Outcome::regression)});
  }
  return baseline;
}

Verdict read_verdict(const JsonCursor& json) {
  Verdict verdict;
  verdict.invalid_reasons = json.texts("invalid_reasons");
  verdict.warnings = json.texts("warnings");
  verdict.partial_reasons = json.texts("partial_reasons");
  verdict.partial = json.flag("partial");
  if (verdict.partial == verdict.partial_reasons.empty())
    json.complain("partial", "does not agree with partial_reasons");
  if (json.flag("valid") != verdict.is_valid())
    json.complain("valid", "does not agree with invalid_reasons");
  verdict.judged_by = read_judging(json.object("judged_by"));
  for (const JsonCursor& assertion : json.objects("asserts")) {
    const auto outcome = outcome_named(assertion.text("verdict"));
    if (!outcome) assertion.complain("verdict", "is not pass, fail, no_data or insufficient");
    verdict.assertions.push_back({assertion.text("expr"), assertion.text("value"),
                                  outcome.value_or(Assertion::Outcome::fail)});
  }
  if (json.has("baseline")) verdict.baseline = read_baseline(json.object("baseline"));
  verdict.exit_code = static_cast<int>(json.small("exit_code"));
  if (verdict.exit_code < 0 || verdict.exit_code > 255)
    json.complain("exit_code", "is not an exit code");
  return verdict;
}

/// What makes it no JSON of ours, before a tree is built of it: that takes a multiple of the text.
const char* check_shape(std::string_view text) {
  cli::JsonReader reader(text);
  for (;;) {
    const auto token = reader.next();
    if (token.kind == cli::JsonReader::Kind::end) return nullptr;
    if (token.kind == cli::JsonReader::Kind::error) return "it is not JSON, or cut off";
    if (reader.depth() > kDeepest) return "it is nested deeper than a result";
  }
}

std::expected<std::string, std::string> content_of(const std::string& path) {
  const auto close = [](std::FILE* file) {
    if (file != stdin) std::fclose(file);
  };
  const std::unique_ptr<std::FILE, decltype(close)> file(
      path == "-" ? stdin : std::fopen(path.c_str(), "rbe"), close);
  if (!file) return std::unexpected("cannot be read");
  std::string text;
  std::array<char, 65'536> block;
  while (const std::size_t size = std::fread(block.data(), 1, block.size(), file.get())) {
    text.append(block.data(), size);
    if (text.size() > kLargestFile) return std::unexpected("is too large for a result");
  }
  if (std::ferror(file.get()) != 0) return std::unexpected("cannot be read");
  return text;
}

}  // namespace

std::expected<StoredRun, std::string> parse_run(std::string_view text) {
  if (const char* const complaint = check_shape(text)) return std::unexpected(complaint);
  const auto tree = nlohmann::json::parse(text, nullptr, false);
  if (tree.is_discarded()) return std::unexpected("it holds a number that is too large");
  std::string complaint;
  const JsonCursor json(tree, {}, complaint);
  StoredRun run;
  const std::string schema = json.text("schema");
  if (!complaint.empty()) return std::unexpected("it is no result of mq-bench: " + complaint);
  if (schema != kSchema)
    return std::unexpected("schema: " +
                           cli::is_not(schema, "schema that this version reads (mq-bench/1)"));
  read_load(json, run.result);
  read_phases(json, run.result);
  read_counters(json.object("counters"), run.result);
  const JsonCursor rates = json.object("rates");
  run.result.target_rate = rates.real("target");
  if (!(run.result.target_rate >= 0 && run.result.target_rate <= kFastest))
    rates.complain("target", "is not a rate");
  read_figures(rates, run.result, window_fields());
  read_metrics(json.object("metrics"), run.result.metrics);
  read_phase_metrics(json, run.result);
  read_series(json, run.result);
  read_generator(json.object("self"), run.result);
  read_exchange(json, run.result.exchange);
  read_repeats(json, run.result);
  run.verdict = read_verdict(json);
  if (!complaint.empty()) return std::unexpected(std::move(complaint));
  return run;
}

std::expected<StoredRun, std::string> read_run(const std::string& path) {
  const auto named = [&path](const std::string& what) {
    return std::unexpected((path == "-" ? "stdin" : path) + ": " + what);
  };
  const auto text = content_of(path);
  if (!text) return named(text.error());
  auto run = parse_run(*text);
  if (!run) return named(run.error());
  return run;
}

}  // namespace mq_bench
