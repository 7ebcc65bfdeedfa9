#include "tools/mq-bench/rates.hpp"

#include <chrono>

#include "tools/mq-bench/figures.hpp"

namespace mq_bench {
namespace {

struct Bounds {
  Duration begin;
  Duration end;
};

/// Clocks are not known better, and a second is still the same second by a thousandth.
constexpr Duration kNegligible = std::chrono::milliseconds(1);

// Second k of a shard begins k seconds after that shard did: all of them had begun by then from the
// skew on, and were still at it up to the length of the common window.
Bounds measured_bounds(const Result& result) {
  if (!result.joined) return {result.warmup, result.warmup + result.measured};
  return {result.warmup + result.joined->skew() - kNegligible,
          result.warmup + result.joined->common_window() + kNegligible};
}

Rates over(Duration window, const Series::Row& events) {
  return {window, per_second(events.offered, window), per_second(events.sent, window),
          per_second(events.received, window)};
}

}  // namespace

std::span<const Series::Row> measured_rows(const Result& result) {
  const Series& series = result.series;
  const auto [begin, end] = measured_bounds(result);
  std::size_t first = 0;
  while (first < series.rows.size() && mqtt::Seconds(series.second_of(first)) < begin) ++first;
  std::size_t last = first;
  while (last < series.rows.size() && mqtt::Seconds(series.second_of(last + 1)) <= end) ++last;
  return std::span(series.rows).subspan(first, last - first);
}

Rates rates_of(const Result& result) {
  const auto rows = result.joined ? measured_rows(result) : std::span<const Series::Row>();
  if (rows.empty())
    return over(result.measured,
                {.offered = result.offered, .sent = result.sent, .received = result.received});
  Series::Row sum;
  for (const Series::Row& row : rows) {
    sum.offered += row.offered;
    sum.sent += row.sent;
    sum.received += row.received;
  }
  const auto seconds = static_cast<std::int64_t>(rows.size()) * result.series.seconds_per_row;
  return over(mqtt::Seconds(seconds), sum);
}

}  // namespace mq_bench
