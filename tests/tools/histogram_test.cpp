#include "tools/mq-bench/histogram.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

using namespace mq_bench;

namespace {

Duration ns(std::int64_t count) { return Duration(count); }

/// Latencies as they come: mostly near 1 ms, a long tail, a few stalls.
std::vector<std::int64_t> samples(std::size_t count) {
  std::mt19937_64 random(20'261'122);
  std::lognormal_distribution<double> body(13.8, 0.7);
  std::vector<std::int64_t> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = static_cast<std::int64_t>(body(random)) * (i % 500 == 0 ? 1000 : 1);
  }
  return values;
}

std::int64_t exact(const std::vector<std::int64_t>& sorted, Percentile percentile) {
  const std::uint64_t rank = (sorted.size() * percentile.millionths + 999'999) / 1'000'000;
  return sorted[rank - 1];
}

Quantile value(std::int64_t count) { return {Quantile::Kind::value, ns(count)}; }

constexpr Quantile kInsufficient{Quantile::Kind::insufficient, {}};
constexpr Quantile kInfinite{Quantile::Kind::infinite, {}};

}  // namespace

TEST_CASE("percentiles are within 0.1 % above the exact ones, or within one unit of 512 ns") {
  auto values = samples(1'000'000);
  Histogram histogram;
  for (const auto v : values) histogram.record(ns(v));
  std::sort(values.begin(), values.end());
  for (const Percentile percentile : kReportedPercentiles) {
    CAPTURE(percentile.name);
    const std::int64_t truth = exact(values, percentile);
    const Quantile quantile = histogram.quantile(percentile);
    REQUIRE(quantile.kind == Quantile::Kind::value);
    CHECK(quantile.value.count() >= truth);
    CHECK(quantile.value.count() <= truth + std::max<std::int64_t>(truth / 1000, 511));
  }
  CHECK(histogram.min() == ns(values.front()));
  CHECK(histogram.max() == ns(values.back()));
}

TEST_CASE("every value of the range has a counter whose bounds hold it and whose width is 0.1 %") {
  for (std::int64_t v = 0; v <= Histogram::kHighest.count(); v += 1 + v / 777) {
    const std::size_t index = Histogram::index_of(ns(v));
    REQUIRE(index < Histogram::kCounters);
    const std::int64_t low = Histogram::lowest_at(index).count();
    const std::int64_t high = Histogram::highest_at(index).count();
    REQUIRE(low <= v);
    REQUIRE(v <= high);
    REQUIRE(high - low <= std::max<std::int64_t>(v / 1000, 511));
  }
}

TEST_CASE("counters lie side by side without a gap or an overlap") {
  for (std::size_t index = 0; index + 1 < Histogram::kCounters; ++index) {
    REQUIRE(Histogram::highest_at(index) + ns(1) == Histogram::lowest_at(index + 1));
    REQUIRE(Histogram::index_of(Histogram::lowest_at(index)) == index);
    REQUIRE(Histogram::index_of(Histogram::highest_at(index)) == index);
  }
  CHECK(Histogram::index_of(Histogram::kHighest) < Histogram::kCounters);
}

TEST_CASE("a sample above one hour is clamped into the last counter and counted as overflow") {
  Histogram histogram;
  histogram.record(Histogram::kHighest);
  CHECK(histogram.overflow() == 0);
  histogram.record(Histogram::kHighest + ns(1));
  histogram.record(Duration::max() / 4);
  CHECK(histogram.overflow() == 2);
  CHECK(histogram.count() == 3);
  CHECK(histogram.value_at_rank(3) >= Histogram::kHighest);
  CHECK(histogram.max() == Duration::max() / 4);
}

TEST_CASE("a sample below zero is kept as the minimum, counted, and takes the lowest ranks") {
  Histogram histogram;
  histogram.record(ns(-7));
  histogram.record(ns(-3'000));
  histogram.record(ns(5'000));
  CHECK(histogram.negative() == 2);
  CHECK(histogram.count() == 3);
  CHECK(histogram.min() == ns(-3'000));
  CHECK(histogram.value_at_rank(2) == ns(-3'000));
  CHECK(histogram.value_at_rank(3) == ns(5'000));
}

TEST_CASE("merged histograms equal one that took all samples, in either order") {
  const auto values = samples(30'000);
  Histogram all, left, right;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Duration sample = ns(i % 1000 == 0 ? -values[i] : values[i]);
    all.record(sample);
    (i % 3 == 0 ? left : right).record(sample);
  }
  Histogram one = left, other = right;
  one.merge(right);
  other.merge(left);
  one.merge(Histogram());
  for (const Histogram* merged : {&one, &other}) {
    for (std::uint64_t rank = 1; rank <= all.count(); rank += 97) {
      REQUIRE(merged->value_at_rank(rank) == all.value_at_rank(rank));
    }
    CHECK(merged->count() == all.count());
    CHECK(merged->negative() == all.negative());
    CHECK(merged->mean() == all.mean());
    CHECK(merged->min() == all.min());
    CHECK(merged->max() == all.max());
  }
}

TEST_CASE("a percentile is given only when ten samples lie above it") {
  Histogram histogram;
  CHECK(histogram.quantile(kP50) == kInsufficient);
  for (int i = 0; i < 999; ++i) histogram.record(ns(1'000));
  CHECK(histogram.quantile(kP90) == value(1'000));
  CHECK(histogram.quantile(kP99) == kInsufficient);
  histogram.record(ns(1'000));
  CHECK(histogram.quantile(kP99) == value(1'000));
}

TEST_CASE("lost messages count as infinitely late") {
  Histogram histogram;
  for (int i = 0; i < 980; ++i) histogram.record(ns(1'000));
  CHECK(histogram.quantile(kP90, 20) == value(1'000));
  CHECK(histogram.quantile(kP99, 20) == kInfinite);
  for (int i = 0; i < 10; ++i) histogram.record(ns(1'000));
  CHECK(histogram.quantile(kP99, 10) == value(1'000));
  CHECK(histogram.quantile(kP99, 11) == kInfinite);
  CHECK(Histogram().quantile(kP50, 100) == kInfinite);
}

TEST_CASE("the mean is exact") {
  Histogram histogram;
  CHECK(histogram.mean() == ns(0));
  for (const int v : {1'000'001, 1'000'003, 4'000'005}) histogram.record(ns(v));
  CHECK(histogram.mean() == ns(2'000'003));
}

TEST_CASE("what a waiting sender left out is filled in, as if it had sent at every interval") {
  Histogram histogram;
  for (int i = 0; i < 90; ++i) histogram.record(ns(1'000'000));
  for (int i = 0; i < 2; ++i) histogram.record(ns(10'500'000));
  const Histogram filled = histogram.filled_up(ns(1'000'000));
  // 9.5 ms, 8.5 ms ... 1.5 ms for each of the two.
  CHECK(filled.count() == 92 + 2 * 9);
  CHECK(filled.max() == ns(10'500'000));
  CHECK(filled.min() == ns(1'000'000));
  for (int j = 0; j < 10; ++j) {
    const auto stall = Histogram::index_of(ns(10'500'000 - j * 1'000'000));
    CHECK(filled.counters()[stall] == 2);
  }
  CHECK(histogram.filled_up(ns(6'000'000)).count() == 92);
  CHECK(Histogram().filled_up(ns(1'000)).count() == 0);
}

TEST_CASE("filling in takes no longer for an hour's stall, and agrees with one step at a time") {
  Histogram histogram;
  histogram.record(Histogram::kHighest);
  const Histogram filled = histogram.filled_up(ns(7'777));
  CHECK(filled.count() == 3'600'000'000'000 / 7'777);
  const Duration sample = ns(100'000'000);
  Histogram slow;
  Histogram fast;
  fast.record(sample);
  for (Duration value = sample; value >= ns(3'333); value -= ns(3'333)) slow.record(value);
  fast = fast.filled_up(ns(3'333));
  CHECK(fast.count() == slow.count());
  CHECK(std::ranges::equal(fast.counters(), slow.counters()));
}

TEST_CASE("a histogram with more samples than any run has is filled in without overflowing") {
  std::vector<std::uint64_t> counters(Histogram::kCounters);
  counters.back() = std::uint64_t{1} << 63;
  const Duration top = Histogram::highest_at(Histogram::kCounters - 1);
  const auto histogram = Histogram::restore(std::move(counters), {.min = {}, .max = top});
  if (histogram) CHECK(histogram->filled_up(ns(1'000)).count() >= std::uint64_t{1} << 63);
}
