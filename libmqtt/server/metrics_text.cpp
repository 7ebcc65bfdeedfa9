#include "libmqtt/server/metrics_text.hpp"

#include <fmt/format.h>

#include <iterator>

namespace mqtt::server {
namespace {

void append_head(std::string& out, std::string_view metric, std::string_view help) {
  // Prometheus' convention: a counter's name ends so, and no other's does.
  const std::string_view type = metric.ends_with("_total") ? "counter" : "gauge";
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", metric, help, metric,
                 type);
}

std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string metrics_text(const Statistics& statistics, std::string_view version) {
  std::string out;
  append_head(out, "mq_broker_info", "The broker that answers.");
  fmt::format_to(std::back_inserter(out), "mq_broker_info{{version=\"{}\"}} 1\n",
                 label_value(version));
  append_head(out, "process_cpu_seconds_total", "Processor time spent, in seconds.");
  fmt::format_to(std::back_inserter(out), "process_cpu_seconds_total {:.3f}\n",
                 static_cast<double>(statistics.process.cpu_milliseconds) / 1000.0);
  std::string_view last;
  for (const StatisticRow& row : statistic_rows()) {
    if (row.metric.empty()) continue;
    if (row.metric != last) append_head(out, row.metric, row.help);
    last = row.metric;
    const std::string labels = row.label.empty() ? std::string() : fmt::format("{{{}}}", row.label);
    fmt::format_to(std::back_inserter(out), "{}{} {}\n", row.metric, labels, row.value(statistics));
  }
  return out;
}

}  // namespace mqtt::server
