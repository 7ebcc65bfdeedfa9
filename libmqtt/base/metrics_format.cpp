#include "libmqtt/base/metrics_format.hpp"

namespace mqtt {

void append_metric_head(std::string& out, std::string_view metric, std::string_view help) {
  // Prometheus' convention: a counter's name ends so, and no other's does.
  const std::string_view type = metric.ends_with("_total") ? "counter" : "gauge";
  out.append("# HELP ").append(metric).append(" ").append(help);
  out.append("\n# TYPE ").append(metric).append(" ").append(type).append("\n");
}

std::string metric_label(std::string_view text) {
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

}  // namespace mqtt
