#include <fmt/format.h>

#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/json_writer.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

void write_environment(JsonWriter& json, const Environment& environment) {
  json.begin_object("env")
      .member("cpu", environment.cpu)
      .member("cores", environment.cores)
      .member("kernel", environment.kernel)
      .member("boot_id", environment.boot_id)
      .member("ulimit", environment.descriptor_limit)
      .end_object();
}

/// The hash tells whether two results are comparable: same settings, wherever and whenever they
/// ran.
void write_config(JsonWriter& json, const Result& result) {
  std::string canonical;
  json.begin_object("broker").member("url", result.url).end_object();
  json.begin_object("config");
  for (const auto& [key, value] : result.config) {
    json.member(key, value);
    canonical += fmt::format("{}={}\n", key, value);
  }
  json.end_object().member("config_hash", fmt::format("{:016x}", hash(canonical)));
}

void write_phases(JsonWriter& json, const Result& result) {
  json.begin_array("phases");
  for (const Phase& phase : result.phases) {
    json.begin_object()
        .member("name", phase.name)
        .member("start_ns", phase.start.time_since_epoch().count())
        .member("end_ns", phase.end.time_since_epoch().count())
        .end_object();
  }
  json.end_array();
}

void write_message_counters(JsonWriter& json, const Counters& c) {
  json.member("scheduled", c.scheduled)
      .member("sent", c.sent)
      .member("skipped_offline", c.skipped_offline)
      .member("skipped_backlog", c.skipped_backlog)
      .member("acked", c.acked)
      .member("nacked", c.nacked)
      .member("unacked", c.unacked)
      .member("no_subscribers", c.no_subscribers)
      .member("expected", c.expected)
      .member("unique", c.unique)
      .member("lost", c.lost)
      .member("dup", c.duplicates)
      .member("dup_allowed", c.duplicates_allowed)
      .member("ooo", c.out_of_order);
}

void write_counters(JsonWriter& json, const Result& result) {
  json.begin_object("counters");
  write_message_counters(json, result.measure);
  json.member("late", result.late)
      .member("foreign", result.foreign)
      .member("corrupt", result.corrupt)
      .member("unclassified", result.unclassified)
      .member("ooo_displacement_max", result.displacement_max)
      .member("clients", result.clients)
      .member("connected", result.connected)
      .member("online_at_end", result.online_at_end)
      .member("reconnects", result.reconnects);
  json.begin_object("errors");
  for (const auto& [error, count] : result.errors) json.member(error, count);
  json.end_object();
  json.begin_object("warmup");
  write_message_counters(json, result.warm);
  json.end_object().end_object();
}

void write_rates(JsonWriter& json, const Result& result) {
  json.begin_object("rates")
      .member("target", result.target_rate)
      .member("offered", per_second(result.offered, result.measured))
      .member("sent", per_second(result.sent, result.measured))
      .member("recv", per_second(result.received, result.measured))
      .end_object();
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
      .member("mean", histogram.mean().count());
  write_percentiles(json, "p", histogram, lost);
  if (counts_lost) json.member("lost_as_inf", true);
  if (lost > 0) write_percentiles(json, "delivered", histogram, 0);
  json.member("overflow", histogram.overflow())
      .member("negative", histogram.negative())
      .end_object();
}

void write_metrics(JsonWriter& json, const Result& result) {
  json.begin_object("metrics");
  for (const Metric* metric : result.metrics.all()) {
    const bool is_e2e = metric == &result.metrics.e2e;
    const std::uint64_t lost = is_e2e ? result.measure.lost : 0;
    if (metric->histogram.count() + lost > 0) write_metric(json, *metric, lost, is_e2e);
  }
  json.end_object();
}

void write_self(JsonWriter& json, const SelfStats& self) {
  json.begin_object("self")
      .member("loop_lag_max_ns", self.loop_lag_max.count())
      .member("cpu_share", self.cpu_share)
      .member("involuntary_switches", self.involuntary_switches)
      .member("rss", self.rss_bytes)
      .end_object();
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

}  // namespace

std::string render_json(const Result& result, const Verdict& verdict) {
  JsonWriter json;
  json.begin_object()
      .member("schema", "mq-bench/1")
      .member("tool_version", MQ_TOOLS_VERSION)
      .member("run_id", result.run_id)
      .member("mode", name(result.mode))
      .member("partial", verdict.partial)
      .member("valid", verdict.is_valid());
  json.begin_array("invalid_reasons");
  for (const std::string& reason : verdict.invalid_reasons) json.element(reason);
  json.end_array().begin_array("warnings");
  for (const std::string& warning : verdict.warnings) json.element(warning);
  json.end_array();
  write_environment(json, result.environment);
  write_config(json, result);
  write_phases(json, result);
  write_counters(json, result);
  write_rates(json, result);
  write_metrics(json, result);
  write_self(json, result.self);
  write_assertions(json, verdict);
  json.member("exit_code", verdict.exit_code).end_object();
  return json.text() + '\n';
}

}  // namespace mq_bench
