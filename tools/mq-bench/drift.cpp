#include "tools/mq-bench/drift.hpp"

#include <algorithm>
#include <span>

namespace mq_bench {
namespace {

constexpr std::size_t kFewestRows = 8;

/// The rows that lie in the measure phase as a whole.
std::span<const Series::Row> measured_rows(const Result& result) {
  const Series& series = result.series;
  const auto begin = result.warmup;
  const auto end = result.warmup + result.measured;
  std::size_t first = 0;
  while (first < series.rows.size() && mqtt::Seconds(series.second_of(first)) < begin) ++first;
  std::size_t last = first;
  while (last < series.rows.size() && mqtt::Seconds(series.second_of(last + 1)) <= end) ++last;
  return std::span(series.rows).subspan(first, last - first);
}

std::optional<Duration> percentile_of(std::span<const Series::Row> rows, Percentile percentile) {
  Series::Row sum;
  for (const Series::Row& row : rows) sum.add(row);
  const Quantile quantile = sum.quantile(percentile);
  if (quantile.kind != Quantile::Kind::value) return std::nullopt;
  return quantile.value;
}

}  // namespace

std::optional<Duration> drift(const Result& result, Percentile percentile) {
  const auto rows = measured_rows(result);
  if (rows.size() < kFewestRows) return std::nullopt;
  const std::size_t quarter = rows.size() / 4;
  const auto before = percentile_of(rows.first(quarter), percentile);
  const auto after = percentile_of(rows.last(quarter), percentile);
  if (!before || !after) return std::nullopt;
  return *after - *before;
}

}  // namespace mq_bench
