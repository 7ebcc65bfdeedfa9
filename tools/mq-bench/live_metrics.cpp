#include "tools/mq-bench/live_metrics.hpp"

#include <fmt/format.h>

#include <iterator>

#include "libmqtt/base/escape.hpp"
#include "libmqtt/base/metrics_format.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

using Out = std::back_insert_iterator<std::string>;

struct CounterRow {
  std::string_view metric;
  std::string_view help;
  std::uint64_t Counters::*count;
};

constexpr CounterRow kCounterRows[] = {
    {"mq_bench_scheduled_total", "Slots of the schedule so far.", &Counters::scheduled},
    {"mq_bench_sent_total", "Messages that left.", &Counters::sent},
    {"mq_bench_skipped_offline_total", "Slots that passed without a connection.",
     &Counters::skipped_offline},
    {"mq_bench_skipped_backlog_total", "Slots that found the backlog full.",
     &Counters::skipped_backlog},
    {"mq_bench_acked_total", "Messages acknowledged.", &Counters::acked},
    {"mq_bench_nacked_total", "Messages refused.", &Counters::nacked},
    {"mq_bench_received_once_total", "Messages that came for the first time.", &Counters::unique},
    {"mq_bench_duplicates_total", "Messages that came again.", &Counters::duplicates},
    {"mq_bench_out_of_order_total", "Messages that came after a later one.",
     &Counters::out_of_order}};

void append_value(std::string& out, std::string_view metric, std::string_view help,
                  std::uint64_t value) {
  mqtt::append_metric_head(out, metric, help);
  fmt::format_to(Out(out), "{} {}\n", metric, value);
}

void append_quantiles(std::string& out, const Result& result) {
  mqtt::append_metric_head(out, "mq_bench_latency_seconds",
                           "Percentiles of the measure phase so far, from the time when due.");
  for (const Metric* metric : result.metrics.all()) {
    for (const Percentile percentile : kReportedPercentiles) {
      const Quantile quantile = metric->histogram.quantile(percentile);
      if (quantile.kind != Quantile::Kind::value) continue;
      fmt::format_to(Out(out), "mq_bench_latency_seconds{{metric=\"{}\",quantile=\"{}\"}} {:.9f}\n",
                     metric->name, percentile.millionths / 1e6, in_seconds(quantile.value));
    }
  }
}

}  // namespace

std::string live_metrics(const Live& live) {
  const Snapshot& snapshot = live.snapshot;
  const Result& result = snapshot.result;
  std::string out;
  mqtt::append_metric_head(out, "mq_bench_info", "The run that answers, and its present phase.");
  fmt::format_to(Out(out),
                 "mq_bench_info{{version=\"{}\",run=\"{}\",mode=\"{}\",phase=\"{}\"}} 1\n",
                 MQ_TOOLS_VERSION, mqtt::metric_label(mqtt::escaped(result.run_id)),
                 name(result.mode), mqtt::metric_label(snapshot.phase.name));
  for (const CounterRow& row : kCounterRows)
    append_value(out, row.metric, row.help, result.measure.*row.count + result.warm.*row.count);
  append_value(out, "mq_bench_reconnects_total", "Connections after the first of a client.",
               result.reconnects);
  append_value(out, "mq_bench_lost", "Messages overdue by more than the drain.",
               result.measure.lost);
  append_value(out, "mq_bench_in_flight", "Messages sent and not answered.", snapshot.in_flight);
  append_value(out, "mq_bench_connections", "Connections open now.", snapshot.connections);
  append_value(out, "mq_bench_clients", "Connections asked for.", result.clients);
  mqtt::append_metric_head(out, "mq_bench_target_rate", "Messages a second that were asked for.");
  fmt::format_to(Out(out), "mq_bench_target_rate {:.10g}\n", result.target_rate);
  append_value(out, "mq_bench_generator_limited", "1: the generator itself is the bottleneck.",
               live.limits.empty() ? 0 : 1);
  append_quantiles(out, result);
  return out;
}

}  // namespace mq_bench
