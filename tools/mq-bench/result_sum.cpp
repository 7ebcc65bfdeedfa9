#include <algorithm>

#include "tools/mq-bench/result.hpp"
#include "tools/mq-bench/result_fields.hpp"

namespace mq_bench {
namespace {

void add(SelfStats& whole, const SelfStats& part) {
  whole.loop_lag_max = std::max(whole.loop_lag_max, part.loop_lag_max);
  whole.cpu_share = std::max(whole.cpu_share, part.cpu_share);
  whole.involuntary_switches += part.involuntary_switches;
  whole.rss_bytes = std::max(whole.rss_bytes, part.rss_bytes);
}

void add(Result& whole, const Result& part, std::span<const FigureField> fields) {
  for (const FigureField& figure : fields) {
    std::uint64_t& total = whole.*figure.field;
    const std::uint64_t more = part.*figure.field;
    total = figure.merge == FigureField::Merge::sum ? total + more : std::max(total, more);
  }
}

void add(Metrics& whole, const Metrics& part) {
  const auto metrics = whole.all();
  const auto more = part.all();
  for (std::size_t i = 0; i < metrics.size(); ++i) metrics[i]->histogram.merge(more[i]->histogram);
}

}  // namespace

void add(Counters& whole, const Counters& part) {
  for (const auto& [name, field] : counter_fields()) whole.*field += part.*field;
}

void add(Result& whole, const Result& part) {
  add(whole.measure, part.measure);
  add(whole.warm, part.warm);
  add(whole, part, figure_fields());
  add(whole, part, window_fields());
  whole.sequences_exact = whole.sequences_exact && part.sequences_exact;
  whole.losses.add(part.losses);
  whole.measure.duplicates += add(whole.exchange, part.exchange);
  for (const auto& [name, value] : part.connack_properties) {
    std::string& property = whole.connack_properties.try_emplace(name, value).first->second;
    property = std::min(property, value);
  }
  for (const auto& [error, count] : part.errors) whole.errors[error] += count;
  add(whole.metrics, part.metrics);
  add(whole.warm_metrics, part.warm_metrics);
  whole.series.merge(part.series);
  add(whole.self, part.self);
  whole.threads.push_back(part.self);
}

}  // namespace mq_bench
