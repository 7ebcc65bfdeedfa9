#include "tools/mq-bench/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace mq_bench {
namespace {

// The lowest discernible value, 1000 ns, rounds down to 2^9. A bucket has 2048 sub-buckets (the
// power of two above 2 * 10^3 keeps three digits), of which the lower half belongs to the bucket
// before.
constexpr unsigned kUnitShift = 9;
constexpr unsigned kHalfShift = 10;
constexpr std::size_t kHalf = std::size_t{1} << kHalfShift;
constexpr std::uint64_t kFirstBucketMask = (2 * kHalf - 1) << kUnitShift;
constexpr unsigned kFirstBucketBits = kUnitShift + kHalfShift + 1;
constexpr std::uint64_t kMillion = 1'000'000;

__extension__ using Wide = __int128;

/// Power of two that the values of a counter's bucket are counted in.
unsigned shift_at(std::size_t index) {
  const std::size_t bucket = index < 2 * kHalf ? 0 : (index >> kHalfShift) - 1;
  return static_cast<unsigned>(bucket) + kUnitShift;
}

}  // namespace

std::uint64_t rank_of(Percentile percentile, std::uint64_t count) {
  return std::max<std::uint64_t>((count * percentile.millionths + kMillion - 1) / kMillion, 1);
}

bool speaks_for(Percentile percentile, std::uint64_t count) {
  return count * (kMillion - percentile.millionths) >= 10 * kMillion;
}

std::size_t Histogram::index_of(Duration value) {
  const auto ns = static_cast<std::uint64_t>(value.count());
  const unsigned bucket =
      static_cast<unsigned>(std::bit_width(ns | kFirstBucketMask)) - kFirstBucketBits;
  return (std::size_t{bucket} << kHalfShift) + (ns >> (bucket + kUnitShift));
}

Duration Histogram::lowest_at(std::size_t index) {
  const std::uint64_t sub = index < 2 * kHalf ? index : (index & (kHalf - 1)) + kHalf;
  return Duration(static_cast<std::int64_t>(sub << shift_at(index)));
}

Duration Histogram::highest_at(std::size_t index) {
  return lowest_at(index) + Duration((std::int64_t{1} << shift_at(index)) - 1);
}

void Histogram::record(Duration sample) {
  if (counters_.empty()) counters_.resize(kCounters);
  ++count_;
  sum_ += sample.count();
  min_ = std::min(min_, sample);
  max_ = std::max(max_, sample);
  if (sample < Duration{}) {
    ++negative_;
    return;
  }
  if (sample > kHighest) ++overflow_;
  ++counters_[index_of(std::min(sample, kHighest))];
}

std::optional<Histogram> Histogram::restore(std::vector<std::uint64_t> counters,
                                            const Summary& summary) {
  assert(counters.size() <= kCounters);
  Histogram histogram;
  std::uint64_t count = summary.negative;
  for (const std::uint64_t counter : counters) {
    if (__builtin_add_overflow(count, counter, &count)) return std::nullopt;
  }
  if (count == 0) return histogram;
  const Wide wide_count = static_cast<Wide>(count);
  const bool is_mean_between = wide_count * summary.min.count() <= summary.sum &&
                               summary.sum <= wide_count * summary.max.count();
  if (summary.min > summary.max || !is_mean_between) return std::nullopt;
  if ((summary.negative > 0) != (summary.min < Duration())) return std::nullopt;
  counters.resize(kCounters);
  histogram.counters_ = std::move(counters);
  histogram.count_ = count;
  histogram.overflow_ = summary.overflow;
  histogram.negative_ = summary.negative;
  histogram.sum_ = summary.sum;
  histogram.min_ = summary.min;
  histogram.max_ = summary.max;
  return histogram.agrees_with_counters() ? std::optional(std::move(histogram)) : std::nullopt;
}

// The largest sample stands in the last counter that is not 0, those above the range too.
bool Histogram::agrees_with_counters() const {
  const std::size_t used = counters().size();
  if ((used == 0) != (negative_ == count_)) return false;
  if (used > 0 && (max_ < Duration() || index_of(std::min(max_, kHighest)) != used - 1))
    return false;
  return overflow_ <= counters_[index_of(kHighest)] && (overflow_ > 0) == (max_ > kHighest);
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  if (counters_.empty()) counters_.resize(kCounters);
  std::transform(counters_.begin(), counters_.end(), other.counters_.begin(), counters_.begin(),
                 std::plus{});
  count_ += other.count_;
  overflow_ += other.overflow_;
  negative_ += other.negative_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

Histogram Histogram::since(const Histogram& before) const {
  Histogram recent;
  if (count_ == before.count_) return recent;
  recent.counters_ = counters_;
  std::size_t lowest = kCounters;
  for (std::size_t i = 0; i < kCounters; ++i) {
    if (!before.counters_.empty()) recent.counters_[i] -= before.counters_[i];
    if (recent.counters_[i] > 0) lowest = std::min(lowest, i);
  }
  recent.count_ = count_ - before.count_;
  recent.overflow_ = overflow_ - before.overflow_;
  recent.negative_ = negative_ - before.negative_;
  recent.sum_ = sum_ - before.sum_;
  const std::size_t used = recent.counters().size();
  recent.min_ = recent.negative_ > 0 || used == 0 ? min_ : std::max(min_, lowest_at(lowest));
  recent.max_ = used == 0 ? max_ : std::min(max_, highest_at(used - 1));
  return recent;
}

Histogram Histogram::filled_up(Duration interval) const {
  Histogram filled = *this;
  interval = std::max(interval, kLowest);
  const auto recorded = counters();
  for (std::size_t i = index_of(std::min(2 * interval, kHighest)); i < recorded.size(); ++i) {
    if (recorded[i] > 0) filled.fill_below(std::min(highest_at(i), max_), recorded[i], interval);
  }
  return filled;
}

// Sample - j * interval for j >= 1, as long as it is an interval at least: there may be millions of
// these, but never more counters than there are, so the counters are what it goes through.
void Histogram::fill_below(Duration sample, std::uint64_t count, Duration interval) {
  const auto steps_to = [&](Duration value) { return (sample - value) / interval; };
  const std::int64_t most = steps_to(interval);
  for (std::int64_t j = 1; j <= most;) {
    const std::size_t index = index_of(sample - j * interval);
    const std::int64_t last = std::min(most, steps_to(lowest_at(index)));
    std::uint64_t added = 0;
    // No run has so many, but a file may say so.
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(last - j + 1), &added) ||
        __builtin_add_overflow(count_, added, &count_))
      return;
    counters_[index] += added;
    const Duration middle = sample - interval * (j + last) / 2;
    sum_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum_) +
                                     added * static_cast<std::uint64_t>(middle.count()));
    min_ = std::min(min_, sample - last * interval);
    j = last + 1;
  }
}

Duration Histogram::mean() const {
  return count_ == 0 ? Duration{} : Duration(sum_ / static_cast<std::int64_t>(count_));
}

Quantile Histogram::quantile(Percentile percentile, std::uint64_t lost) const {
  const std::uint64_t total = count_ + lost;
  if (!speaks_for(percentile, total)) return {};
  const std::uint64_t rank = rank_of(percentile, total);
  if (rank > count_) return {Quantile::Kind::infinite, {}};
  return {Quantile::Kind::value, value_at_rank(rank)};
}

std::span<const std::uint64_t> Histogram::counters() const {
  std::size_t size = counters_.size();
  while (size > 0 && counters_[size - 1] == 0) --size;
  return {counters_.data(), size};
}

Duration Histogram::value_at_rank(std::uint64_t rank) const {
  assert(rank >= 1 && rank <= count_);
  std::uint64_t seen = negative_;
  if (rank <= seen) return min_;
  std::size_t index = 0;
  while ((seen += counters_[index]) < rank) ++index;
  return std::min(highest_at(index), max_);
}

}  // namespace mq_bench
