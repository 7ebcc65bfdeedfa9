#include "tools/mq-bench/drift.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "tools/mq-bench/rates.hpp"

namespace mq_bench {
namespace {

using Rows = std::span<const Series::Row>;

constexpr std::size_t kFewestRows = 8;
constexpr std::size_t kQuarters = 4;
// What is worth a warning: with it the records of each second, which take some kilobytes a minute
// and thread up to a bound, are not.
constexpr double kNoticedGrowth = 16 << 20;  ///< Bytes, and
constexpr double kNoticedShare = 0.1;        ///< of what there was at first.
/// Each quarter must have this part of the growth; if it is even, each step between two has a
/// third.
constexpr double kLeastStep = 1.0 / 8;

/// The measured rows in four equal parts, without what remains between the second and the third;
/// empty: too few rows.
std::array<Rows, kQuarters> quarters_of(const Result& result) {
  const Rows rows = measured_rows(result);
  if (rows.size() < kFewestRows) return {};
  const std::size_t size = rows.size() / kQuarters;
  return {rows.first(size), rows.subspan(size, size), rows.last(2 * size).first(size),
          rows.last(size)};
}

std::optional<Duration> percentile_of(Rows rows, Percentile percentile) {
  Series::Row sum;
  for (const Series::Row& row : rows) sum.add(row);
  const Quantile quantile = sum.quantile(percentile);
  if (quantile.kind != Quantile::Kind::value) return std::nullopt;
  return quantile.value;
}

double mean(Rows rows, std::uint64_t Series::Row::*field) {
  double sum = 0;
  for (const Series::Row& row : rows) sum += static_cast<double>(row.*field);
  return rows.empty() ? 0 : sum / static_cast<double>(rows.size());
}

std::array<double, kQuarters> memory_of(const Result& result) {
  std::array<double, kQuarters> memory{};
  std::ranges::transform(quarters_of(result), memory.begin(),
                         [](Rows rows) { return mean(rows, &Series::Row::memory); });
  return memory;
}

}  // namespace

std::optional<Duration> drift(const Result& result, Percentile percentile) {
  const auto quarters = quarters_of(result);
  const auto before = percentile_of(quarters.front(), percentile);
  const auto after = percentile_of(quarters.back(), percentile);
  if (!before || !after) return std::nullopt;
  return *after - *before;
}

std::optional<double> rate_drift(const Result& result, std::uint64_t Series::Row::*count) {
  const auto quarters = quarters_of(result);
  if (quarters.front().empty()) return std::nullopt;
  const double difference = mean(quarters.back(), count) - mean(quarters.front(), count);
  return std::abs(difference) / static_cast<double>(result.series.seconds_per_row);
}

std::optional<double> memory_growth(const Result& result) {
  const auto memory = memory_of(result);
  if (memory.front() == 0) return std::nullopt;
  return memory.back() - memory.front();
}

std::string memory_warning(const Result& result) {
  const auto memory = memory_of(result);
  const double growth = memory.back() - memory.front();
  if (memory.front() == 0 || growth < kNoticedGrowth || growth < kNoticedShare * memory.front())
    return {};
  for (std::size_t i = 1; i < memory.size(); ++i) {
    if (memory[i] - memory[i - 1] < kLeastStep * growth) return {};
  }
  return fmt::format("the generator's own memory grew steadily, from {:.1f} to {:.1f} MiB",
                     memory.front() / (1 << 20), memory.back() / (1 << 20));
}

}  // namespace mq_bench
