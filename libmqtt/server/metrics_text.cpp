#include "libmqtt/server/metrics_text.hpp"

#include <fmt/format.h>

#include <iterator>

#include "libmqtt/base/metrics_format.hpp"

namespace mqtt::server {
std::string metrics_text(const Statistics& statistics, std::string_view version) {
  std::string out;
  append_metric_head(out, "mq_broker_info", "The broker that answers.");
  fmt::format_to(std::back_inserter(out), "mq_broker_info{{version=\"{}\"}} 1\n",
                 metric_label(version));
  append_metric_head(out, "process_cpu_seconds_total", "Processor time spent, in seconds.");
  fmt::format_to(std::back_inserter(out), "process_cpu_seconds_total {:.3f}\n",
                 static_cast<double>(statistics.process.cpu_milliseconds) / 1000.0);
  std::string_view last;
  for (const StatisticRow& row : statistic_rows()) {
    if (row.metric.empty()) continue;
    if (row.metric != last) append_metric_head(out, row.metric, row.help);
    last = row.metric;
    const std::string labels = row.label.empty() ? std::string() : fmt::format("{{{}}}", row.label);
    fmt::format_to(std::back_inserter(out), "{}{} {}\n", row.metric, labels, row.value(statistics));
  }
  return out;
}

}  // namespace mqtt::server
