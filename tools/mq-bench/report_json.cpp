#include <fmt/format.h>

#include <cmath>
#include <map>
#include <tuple>

#include "libmqtt/base/base64.hpp"
#include "tools/mq-bench/drift.hpp"
#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/hdr_log.hpp"
#include "tools/mq-bench/json_writer.hpp"
#include "tools/mq-bench/rates.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/result_fields.hpp"

namespace mq_bench {
namespace {

template <class Texts>
void write_texts(JsonWriter& json, std::string_view key, const Texts& texts) {
  json.begin_array(key);
  for (const std::string& text : texts) json.element(text);
  json.end_array();
}

void write_environment(JsonWriter& json, std::string_view key, const Environment& environment) {
  json.begin_object(key)
      .member("cpu", environment.cpu)
      .member("cores", environment.cores)
      .member("kernel", environment.kernel)
      .member("boot_id", environment.boot_id)
      .member("time_namespace", environment.time_namespace)
      .member("ulimit", environment.descriptor_limit)
      .end_object();
}

/// [i, n]; a merged result also has those that it is made of, "shard" being the first of them.
void write_shards(JsonWriter& json, const Result& result) {
  json.begin_array("shard")
      .member({}, result.shards.given.front())
      .member({}, result.shards.count)
      .end_array();
  if (!result.joined) return;
  json.begin_array("shards");
  for (const std::uint32_t shard : result.shards.given) json.member({}, shard);
  json.end_array();
}

void write_joined(JsonWriter& json, const Joined& joined) {
  json.begin_object("merged");
  write_texts(json, "invalid_reasons", joined.invalid_reasons);
  write_texts(json, "warnings", joined.warnings);
  write_texts(json, "partial_reasons", joined.partial_reasons);
  json.begin_array("machines");
  for (const Environment& machine : joined.machines) write_environment(json, {}, machine);
  json.end_array()
      .member("first_start_ns", joined.first_start.time_since_epoch().count())
      .member("last_start_ns", joined.last_start.time_since_epoch().count())
      .member("first_end_ns", joined.first_end.time_since_epoch().count())
      .member("skew_ns", joined.skew().count())
      .end_object();
}

/// The load, as far as a reader needs it to understand the figures.
void write_load(JsonWriter& json, const Result& result) {
  json.begin_object("broker").member("url", result.url).begin_object("connack_props");
  for (const auto& [name, value] : result.connack_properties) json.member(name, value);
  json.end_object().end_object();
  json.begin_object("config");
  for (const auto& [key, value] : result.config) json.member(key, value);
  json.end_object()
      .member("config_hash", config_hash(result))
      .member("qos", result.qos)
      .member("size", result.size)
      .member("warmup_ns", result.warmup.count())
      .member("measured_ns", result.measured.count())
      .member("clock_bound_ns", result.clock_bound.count());
}

void write_phases(JsonWriter& json, const Result& result) {
  json.member("clock_offset_ns", result.clock_offset.count()).begin_array("phases");
  for (const Phase& phase : result.phases) {
    json.begin_object()
        .member("name", phase.name)
        .member("start_ns", phase.start.time_since_epoch().count())
        .member("end_ns", phase.end.time_since_epoch().count())
        .end_object();
  }
  json.end_array();
}

void write_message_counters(JsonWriter& json, const Counters& counters) {
  for (const auto& [name, field] : counter_fields()) json.member(name, counters.*field);
}

void write_figures(JsonWriter& json, const Result& result, std::span<const FigureField> fields) {
  for (const FigureField& figure : fields) json.member(figure.name, result.*figure.field);
}

void write_losses(JsonWriter& json, const Losses& losses) {
  if (losses.empty()) return;
  json.begin_array("losses");
  for (const auto& [publisher, loss] : losses.by_publisher()) {
    json.begin_object()
        .member("pub", publisher)
        .member("lost", loss.count)
        .member("first_seq", loss.first)
        .end_object();
  }
  json.end_array();
}

void write_counters(JsonWriter& json, const Result& result) {
  json.begin_object("counters");
  write_message_counters(json, result.measure);
  write_figures(json, result, figure_fields());
  write_losses(json, result.losses);
  json.member("sequences_exact", result.sequences_exact).begin_object("errors");
  for (const auto& [error, count] : result.errors) json.member(error, count);
  json.end_object();
  json.begin_object("warmup");
  write_message_counters(json, result.warm);
  json.end_object().end_object();
}

void write_rates(JsonWriter& json, const Result& result) {
  const Rates rates = rates_of(result);
  json.begin_object("rates")
      .member("target", result.target_rate)
      .member("offered", rates.offered)
      .member("sent", rates.sent)
      .member("recv", rates.received)
      .member("window_ns", rates.window.count());
  write_figures(json, result, window_fields());
  json.end_object();
}

/// null: too few samples; "inf": among the lost.
void write_percentiles(JsonWriter& json, std::string_view key, const Histogram& histogram,
                       std::uint64_t lost) {
  json.begin_object(key);
  for (const Percentile percentile : kReportedPercentiles) {
    const Quantile quantile = histogram.quantile(percentile, lost);
    switch (quantile.kind) {
      case Quantile::Kind::value:
        json.member(percentile.name, quantile.value.count());
        break;
      case Quantile::Kind::insufficient:
        json.null_member(percentile.name);
        break;
      case Quantile::Kind::infinite:
        json.member(percentile.name, "inf");
        break;
    }
  }
  json.end_object();
}

void write_metric(JsonWriter& json, const Metric& metric, std::uint64_t lost, bool counts_lost) {
  const Histogram& histogram = metric.histogram;
  json.begin_object(metric.name)
      .member("unit", "ns")
      .member("n", histogram.count())
      .member("min", histogram.min().count())
      .member("max", histogram.max().count())
      .member("mean", histogram.mean().count())
      .member("sum", histogram.sum());
  write_percentiles(json, "p", histogram, lost);
  if (counts_lost) json.member("lost_as_inf", true);
  if (lost > 0) write_percentiles(json, "delivered", histogram, 0);
  json.member("overflow", histogram.overflow())
      .member("negative", histogram.negative())
      .member("hdr", mqtt::to_base64(hdr_bytes(histogram)))
      .end_object();
}

void write_metrics(JsonWriter& json, const Result& result, const Metrics& metrics) {
  for (const Metric* metric : metrics.all()) {
    const std::uint64_t lost = result.lost_of(*metric);
    if (metric->histogram.count() + lost > 0)
      write_metric(json, *metric, lost, metric->name == result.delivery_metric().name);
  }
}

/// The measure phase, and beside it what goes into no percentile of a run.
void write_metrics(JsonWriter& json, const Result& result) {
  json.begin_object("metrics");
  write_metrics(json, result, result.metrics);
  json.end_object().begin_object("phase_metrics").begin_object("warmup");
  write_metrics(json, result, result.warm_metrics);
  json.end_object().end_object();
}

/// An estimate, apart from what was measured.
void write_filled_up(JsonWriter& json, const Result& result) {
  if (!is_closed_loop(result)) return;
  json.begin_object("filled_up").member("co", "synthetic");
  for (const Metric* const metric : {&result.metrics.e2e_service, &result.metrics.ack_service}) {
    const auto filled = filled_up(result, *metric);
    if (!filled) continue;
    const Histogram& histogram = filled->histogram;
    json.begin_object(metric->name)
        .member("unit", "ns")
        .member("interval_ns", filled->interval.count())
        .member("n", histogram.count())
        .member("max", histogram.max().count());
    write_percentiles(json, "p", histogram, 0);
    json.member("hdr", mqtt::to_base64(hdr_bytes(histogram))).end_object();
  }
  json.end_object();
}

void write_duration(JsonWriter& json, std::string_view key, const Quantile& quantile) {
  if (quantile.kind == Quantile::Kind::value)
    json.member(key, quantile.value.count());
  else
    json.null_member(key);
}

/// "t" is in seconds since the first message was due; "latencies" are bucket:count, see Series, so
/// that the rows of several shards can be added.
void write_series(JsonWriter& json, const Result& result) {
  json.member("series_metric", result.series_metric().name)
      .member("series_interval_s", result.series.seconds_per_row)
      .begin_array("series");
  for (std::size_t i = 0; i < result.series.rows.size(); ++i) {
    const Series::Row& row = result.series.rows[i];
    json.begin_object()
        .member("t", result.series.second_of(i))
        .member("offered", row.offered)
        .member("sent", row.sent)
        .member("recv", row.received);
    write_duration(json, "p50", row.quantile(kP50));
    write_duration(json, "p99", row.quantile(kP99));
    json.member("max", row.max.count());
    // Nobody knows when a message was due that others sent and that never came.
    if (result.mode == Mode::sub)
      json.null_member("lost");
    else
      json.member("lost", row.missing);
    json.member("connections", row.connections)
        .member("rss", row.memory)
        .member("latencies", to_text(row.latencies))
        .end_object();
  }
  json.end_array();
}

/// Where nothing was measured nobody watched the generator either.
void write_no_stats(JsonWriter& json) {
  for (const auto* const name : {"loop_lag_max_ns", "cpu_share", "involuntary_switches", "rss"})
    json.null_member(name);
}

void write_stats(JsonWriter& json, const SelfStats& self) {
  json.member("loop_lag_max_ns", self.loop_lag_max.count())
      .member("cpu_share", self.cpu_share)
      .member("involuntary_switches", self.involuntary_switches)
      .member("rss", self.rss_bytes);
}

void write_self(JsonWriter& json, const Result& result) {
  json.begin_object("self");
  const bool is_measured = result.measured > Duration();
  is_measured ? write_stats(json, result.self) : write_no_stats(json);
  if (const auto growth = memory_growth(result)) json.member("rss_growth", *growth);
  json.begin_array("threads");
  for (const SelfStats& thread : is_measured ? result.threads : std::vector<SelfStats>()) {
    json.begin_object();
    write_stats(json, thread);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_assertions(JsonWriter& json, const Verdict& verdict) {
  json.begin_array("asserts");
  for (const Assertion& assertion : verdict.assertions) {
    json.begin_object()
        .member("expr", assertion.expression)
        .member("value", assertion.value)
        .member("verdict", name(assertion.outcome))
        .end_object();
  }
  json.end_array();
}

/// What the verdict was reached by, so that a merged result can be judged the same way.
void write_judging(JsonWriter& json, const JudgeOptions& options) {
  json.begin_object("judged_by")
      .member("allow_limited", options.allow_limited)
      .member("default_asserts", options.default_asserts)
      .begin_array("asserts");
  for (const Condition& condition : options.conditions) json.element(condition.text());
  json.end_array().end_object();
}

void write_ranges(JsonWriter& json, std::string_view key, const RangeSet& set) {
  if (!set.ranges().empty()) json.member(key, to_text(set));
}

/// For merge. Receivers that got the same share a row: in a fan-out nearly all of them.
void write_exchange(JsonWriter& json, const Exchange& exchange) {
  if (exchange.sent.empty() && exchange.received.empty()) return;
  json.begin_object("seq_ranges").begin_array("sent");
  for (const auto& [publisher, sent] : exchange.sent) {
    json.begin_object()
        .member("pub", publisher)
        .member("measured_from", sent.first_measured)
        .member("end", sent.end);
    write_ranges(json, "refused", sent.refused);
    json.end_object();
  }
  json.end_array().begin_array("received");
  std::map<std::tuple<std::uint32_t, std::string, std::string>, RangeSet> rows;
  for (const auto& [flow, arrived] : exchange.received) {
    rows[{flow.publisher, to_text(arrived.came), to_text(arrived.excused)}].insert(
        flow.receiver, std::uint64_t{flow.receiver} + 1);
  }
  for (const auto& [row, receivers] : rows) {
    const auto& [publisher, came, excused] = row;
    json.begin_object()
        .member("pub", publisher)
        .member("receivers", to_text(receivers))
        .member("came", came);
    if (!excused.empty()) json.member("excused", excused);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_repeats(JsonWriter& json, const Result& result) {
  if (result.repeats.empty()) return;
  json.begin_array("repeats");
  for (const Repeat& repeat : result.repeats) {
    json.begin_object().member("run_id", repeat.run_id).begin_object("figures");
    for (const auto& [figure, value] : repeat.figures) {
      if (std::isinf(value)) json.member(figure, "inf");
      if (!std::isinf(value)) json.member(figure, value);
    }
    json.end_object().end_object();
  }
  json.end_array();
}

void write_baseline(JsonWriter& json, const Comparison& baseline) {
  json.begin_object("baseline")
      .member("run_id", baseline.base_run_id)
      .member("comparable", baseline.differences.empty())
      .member("forced", baseline.is_forced);
  write_texts(json, "differences", baseline.differences);
  json.begin_array("rows");
  for (const Comparison::Row& row : baseline.rows) {
    json.begin_object()
        .member("figure", row.figure)
        .member("base", row.base)
        .member("now", row.now)
        .member("change", row.change)
        .member("tolerance", row.tolerance)
        .member("verdict", name(row.outcome))
        .end_object();
  }
  json.end_array().end_object();
}

}  // namespace

std::string render_json(const Result& result, const Verdict& verdict) {
  JsonWriter json;
  json.begin_object()
      .member("schema", kSchema)
      .member("tool_version", result.tool_version)
      .member("run_id", result.run_id);
  write_shards(json, result);
  json.member("mode", name(result.mode))
      .member("partial", verdict.partial)
      .member("valid", verdict.is_valid());
  write_texts(json, "invalid_reasons", verdict.invalid_reasons);
  write_texts(json, "warnings", verdict.warnings);
  write_texts(json, "partial_reasons", verdict.partial_reasons);
  if (result.signal) json.member("signal", *result.signal);
  if (!result.aborted.empty()) json.member("aborted", result.aborted);
  write_environment(json, "env", result.environment);
  write_load(json, result);
  if (result.joined) write_joined(json, *result.joined);
  write_phases(json, result);
  write_counters(json, result);
  write_rates(json, result);
  write_metrics(json, result);
  write_filled_up(json, result);
  write_series(json, result);
  write_self(json, result);
  write_exchange(json, result.exchange);
  write_judging(json, verdict.judged_by);
  write_assertions(json, verdict);
  write_repeats(json, result);
  if (verdict.baseline) write_baseline(json, *verdict.baseline);
  json.member("exit_code", verdict.exit_code).end_object();
  return json.text() + '\n';
}

}  // namespace mq_bench
