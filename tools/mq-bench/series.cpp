#include "tools/mq-bench/series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <numeric>
#include <utility>

#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

// Units of 2^10 ns; up to 64 of them a bucket each, from there on 32 buckets a doubling.
constexpr unsigned kUnitShift = 10;
constexpr unsigned kLinearBits = 6;
constexpr std::size_t kHalf = std::size_t{1} << (kLinearBits - 1);

CoarseCounts sum(const CoarseCounts& a, const CoarseCounts& b) {
  CoarseCounts total;
  total.reserve(a.size() + b.size());
  std::ranges::merge(a, b, std::back_inserter(total));
  auto last = total.begin();
  for (auto next = total.begin(); next != total.end(); ++next) {
    if (next == last) continue;
    if (next->first == last->first)
      last->second += next->second;
    else
      *++last = *next;
  }
  if (!total.empty()) total.erase(last + 1, total.end());
  return total;
}

/// Towards minus infinity: the rows on both sides of 0 are equally wide.
std::int64_t half(std::int64_t number) { return number >> 1; }

}  // namespace

std::size_t CoarseBuckets::index_of(Duration value) {
  const Duration known = std::clamp(value, Duration{}, Histogram::kHighest);
  const auto units = static_cast<std::uint64_t>(known.count()) >> kUnitShift;
  const unsigned width = static_cast<unsigned>(std::bit_width(units));
  const unsigned shift = width > kLinearBits ? width - kLinearBits : 0;
  return kHalf * shift + (units >> shift);
}

Duration CoarseBuckets::highest_at(std::size_t index) {
  const std::size_t shift = index < 2 * kHalf ? 0 : index / kHalf - 1;
  const std::size_t above = index - kHalf * shift + 1;
  return Duration(static_cast<std::int64_t>(above << (shift + kUnitShift)) - 1);
}

std::string to_text(const CoarseCounts& counts) {
  std::string text;
  for (const auto& [bucket, count] : counts)
    fmt::format_to(std::back_inserter(text), "{}{}:{}", text.empty() ? "" : " ", bucket, count);
  return text;
}

std::optional<CoarseCounts> parse_counts(std::string_view text) {
  CoarseCounts counts;
  while (!text.empty()) {
    const auto bucket = take_natural(text, ':');
    const auto count = take_natural(text, ' ');
    if (!bucket || !count || *bucket >= CoarseBuckets::kCount) return std::nullopt;
    if (!counts.empty() && *bucket <= counts.back().first) return std::nullopt;
    counts.emplace_back(static_cast<std::uint16_t>(*bucket), *count);
  }
  return counts;
}

std::uint64_t Series::Row::samples() const {
  return std::accumulate(latencies.begin(), latencies.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& entry) { return sum + entry.second; });
}

Quantile Series::Row::quantile(Percentile percentile) const {
  const std::uint64_t count = samples();
  if (!speaks_for(percentile, count)) return {};
  const std::uint64_t rank = rank_of(percentile, count);
  std::uint64_t seen = 0;
  for (const auto& [bucket, number] : latencies) {
    seen += number;
    if (seen >= rank)
      return {Quantile::Kind::value, std::min(CoarseBuckets::highest_at(bucket), max)};
  }
  return {};
}

void Series::Row::add(const Row& other) {
  offered += other.offered;
  sent += other.sent;
  received += other.received;
  missing += other.missing;
  connections += other.connections;
  memory += other.memory;
  latencies = sum(latencies, other.latencies);
  max = std::max(max, other.max);
}

void Series::coarsen() {
  std::vector<Row> wide;
  const std::int64_t wide_first = half(first);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto at =
        static_cast<std::size_t>(half(first + static_cast<std::int64_t>(i)) - wide_first);
    if (at == wide.size()) {
      wide.push_back(std::move(rows[i]));
      continue;
    }
    // Neither a number of connections nor memory is a sum over time.
    wide[at].connections = wide[at].memory = 0;
    wide[at].add(rows[i]);
  }
  rows = std::move(wide);
  first = wide_first;
  seconds_per_row *= 2;
}

Series Series::tail(std::size_t count) const {
  const std::size_t skipped = rows.size() - std::min(count, rows.size());
  return {.seconds_per_row = seconds_per_row,
          .first = first + static_cast<std::int64_t>(skipped),
          .rows = {rows.begin() + static_cast<std::ptrdiff_t>(skipped), rows.end()}};
}

void Series::merge(const Series& other) {
  if (other.rows.empty()) return;
  Series added = other;
  while (added.seconds_per_row < seconds_per_row) added.coarsen();
  if (rows.empty()) {
    *this = std::move(added);
    return;
  }
  while (seconds_per_row < added.seconds_per_row) coarsen();
  if (added.first < first) {
    rows.insert(rows.begin(), static_cast<std::size_t>(first - added.first), Row{});
    first = added.first;
  }
  const auto offset = static_cast<std::size_t>(added.first - first);
  rows.resize(std::max(rows.size(), offset + added.rows.size()));
  for (std::size_t i = 0; i < added.rows.size(); ++i) rows[offset + i].add(added.rows[i]);
  while (rows.size() > kMostRows) coarsen();
}

}  // namespace mq_bench
