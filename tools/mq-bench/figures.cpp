#include "tools/mq-bench/figures.hpp"

#include <fmt/format.h>

#include "tools/mq-bench/text.hpp"
#include "tools/mq-bench/units.hpp"

namespace mq_bench {

double per_second(std::uint64_t count, Duration window) {
  return window.count() > 0 ? static_cast<double>(count) / in_seconds(window) : 0;
}

bool sends_in_measure(const Result& result) {
  const bool is_meant_to = result.target_rate > 0 || result.config.contains("loop");
  return result.publishers > 0 && (is_meant_to || result.measure.scheduled > 0);
}

bool has_arrivals(const Result& result) {
  const std::uint64_t expected = result.measure.expected + result.warm.expected;
  const bool is_meant_to = result.publishers > 0 || result.mode == Mode::sub;
  return result.receivers > 0 && (is_meant_to || expected + result.received > 0);
}

bool is_closed_loop(const Result& result) { return result.config.contains("loop"); }

std::string payload_text(const Result& result) {
  const auto found = result.config.find("payload");
  return found != result.config.end() ? found->second : fmt::format("{} B", result.size);
}

const Metric& leading_metric(const Result& result) {
  const Metrics& metrics = result.metrics;
  const Metric& usual = result.series_metric();
  if (result.lost_of(usual) > 0) return usual;
  const Metric& service = result.mode == Mode::pub ? metrics.ack_service : metrics.e2e_service;
  for (const Metric* metric : {&usual, &service, &metrics.reconnect, &metrics.connect_total})
    if (metric->histogram.count() > 0) return *metric;
  return usual;
}

std::string quantile_text(const Quantile& quantile) {
  switch (quantile.kind) {
    case Quantile::Kind::value:
      return milliseconds(quantile.value);
    case Quantile::Kind::insufficient:
      return "n/a";
    case Quantile::Kind::infinite:
      return "∞";
  }
  return {};
}

std::optional<FilledUp> filled_up(const Result& result, const Metric& service) {
  const Histogram& histogram = service.histogram;
  if (!is_closed_loop(result) || histogram.count() == 0) return std::nullopt;
  const auto given = result.config.find("expected_interval");
  const auto interval =
      given == result.config.end() ? std::nullopt : std::optional(parse_duration(given->second));
  const Duration expected = interval && *interval
                                ? **interval
                                : histogram.value_at_rank(rank_of(kP50, histogram.count()));
  return FilledUp{expected, histogram.filled_up(expected)};
}

}  // namespace mq_bench
