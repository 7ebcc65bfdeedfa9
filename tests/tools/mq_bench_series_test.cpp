#include <doctest/doctest.h>

#include <chrono>

#include "tools/mq-bench/series.hpp"
#include "tools/mq-bench/series_recorder.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kStart{1'000s + 300us};

std::vector<std::uint64_t> sent_of(const Series& series) {
  std::vector<std::uint64_t> sent;
  for (const Series::Row& row : series.rows) sent.push_back(row.sent);
  return sent;
}

/// One message sent in each of so many seconds from `first` on, and received after `latency`.
Series series_of(std::int64_t seconds, Duration latency = 1ms) {
  Series series;
  SeriesRecorder recorder(series);
  recorder.begin(kStart);
  recorder.set_connections(2);
  recorder.set_origin(kStart);
  for (std::int64_t i = 0; i < seconds; ++i) {
    const TimePoint now = kStart + i * 1s;
    recorder.note_sent(now);
    recorder.note_latency(now, latency);
  }
  recorder.flush();
  return series;
}

}  // namespace

TEST_CASE("coarse buckets: every duration is at most 3.2 % below the top of its bucket") {
  for (std::int64_t ns = 0; ns < 4'000'000'000'000; ns += 1 + ns / 97) {
    const Duration value = std::min(Duration(ns), Histogram::kHighest);
    const std::size_t index = CoarseBuckets::index_of(value);
    REQUIRE(index < CoarseBuckets::kCount);
    const Duration top = CoarseBuckets::highest_at(index);
    CHECK(top >= value);
    CHECK((top - value).count() <= std::max<std::int64_t>(1'023, value.count() / 31));
    if (top < Histogram::kHighest) CHECK(CoarseBuckets::index_of(top + Duration(1)) == index + 1);
  }
  CHECK(CoarseBuckets::index_of(-1s) == 0);
}

TEST_CASE("a row counts what happens in its second, and silent seconds have rows") {
  Series series;
  SeriesRecorder recorder(series);
  recorder.begin(kStart);
  recorder.set_origin(kStart);
  recorder.set_connections(7);
  recorder.note_sent(kStart);
  recorder.note_sent(kStart + 1s - 1ns);
  recorder.note_received(kStart + 1s);
  recorder.set_connections(5);
  recorder.note_sent(kStart + 4s);
  recorder.flush();
  REQUIRE(series.rows.size() == 6);
  CHECK(series.second_of(0) == -1);
  CHECK(sent_of(series) == std::vector<std::uint64_t>{0, 2, 0, 0, 0, 1});
  CHECK(series.rows[2].received == 1);
  CHECK(series.rows[1].connections == 7);
  CHECK(series.rows[2].connections == 5);
  CHECK(series.rows[4].connections == 5);
}

TEST_CASE("seconds count from the first message that was due, those of connecting are negative") {
  Series series;
  SeriesRecorder recorder(series);
  recorder.begin(kStart);
  recorder.advance(kStart + 1'700ms);
  recorder.set_origin(kStart + 2'300ms);
  recorder.note_sent(kStart + 2'300ms);
  recorder.note_sent(kStart + 3'299ms);
  recorder.note_sent(kStart + 3'300ms);
  CHECK(series.second_of(0) == -3);
  CHECK(sent_of(series) == std::vector<std::uint64_t>{0, 0, 0, 2, 1});
}

TEST_CASE("a message that is owed is missing in the second when it was due") {
  Series series;
  SeriesRecorder recorder(series);
  recorder.begin(kStart);
  recorder.set_origin(kStart);
  recorder.owe(kStart, 1);
  recorder.owe(kStart + 500ms, 3);
  recorder.advance(kStart + 1s);
  recorder.owe(kStart + 1s, 1);
  recorder.advance(kStart + 9s);
  recorder.owe(kStart + 500ms, -2);
  recorder.owe(kStart + 1s, -1);
  CHECK(series.rows[1].missing == 2);
  CHECK(series.rows[2].missing == 0);
}

TEST_CASE("percentiles of a row need ten samples above them, its maximum is exact") {
  Series series;
  SeriesRecorder recorder(series);
  recorder.begin(kStart);
  for (int i = 1; i <= 100; ++i) recorder.note_latency(kStart, i * 1ms);
  recorder.flush();
  const Series::Row& row = series.rows.front();
  CHECK(row.samples() == 100);
  CHECK(row.max == 100ms);
  CHECK(row.quantile(kP50).value >= 50ms);
  CHECK(row.quantile(kP50).value < 52ms);
  CHECK(row.quantile(kP99).kind == Quantile::Kind::insufficient);
}

TEST_CASE("slots that were reached are counted in their second, memory is the last that was told") {
  Series series;
  SeriesRecorder recorder(series);
  recorder.begin(kStart);
  recorder.set_memory(5'000);
  recorder.note_offered(kStart);
  recorder.advance(kStart + 3s);
  recorder.note_offered(kStart + 3s);
  recorder.note_offered(kStart + 3s);
  recorder.set_memory(7'000);
  recorder.flush();
  REQUIRE(series.rows.size() == 4);
  CHECK(series.rows[0].offered == 1);
  CHECK(series.rows[2].offered == 0);
  CHECK(series.rows[3].offered == 2);
  CHECK(series.rows[0].memory == 5'000);
  CHECK(series.rows[2].memory == 5'000);
  CHECK(series.rows[3].memory == 7'000);
  series.coarsen();
  CHECK(series.rows.back().offered == 2);
  CHECK(series.rows.back().memory == 7'000);
}

TEST_CASE("series of the same run add up row by row") {
  Series sum = series_of(2);
  Series other = series_of(4, 3ms);
  sum.merge(other);
  CHECK(sent_of(sum) == std::vector<std::uint64_t>{0, 2, 2, 1, 1});
  CHECK(sum.rows[1].connections == 4);
  CHECK(sum.rows[1].samples() == 2);
  CHECK(sum.rows[1].max == 3ms);
  other.merge(series_of(2));
  CHECK(other == sum);
  Series none;
  none.merge(sum);
  CHECK(none == sum);
  sum.merge(Series());
  CHECK(none == sum);
}

TEST_CASE("a run of many hours gets fewer and wider rows, and nothing is lost by it") {
  constexpr std::int64_t kSeconds = 10'000;
  const Series series = series_of(kSeconds);
  CHECK(series.seconds_per_row == 4);
  CHECK(series.rows.size() <= Series::kMostRows);
  std::uint64_t sent = 0;
  std::uint64_t samples = 0;
  for (const Series::Row& row : series.rows) {
    sent += row.sent;
    samples += row.samples();
    CHECK(row.connections <= 2);
  }
  CHECK(sent == kSeconds);
  CHECK(samples == kSeconds);

  Series sum = series_of(100);
  sum.merge(series);
  CHECK(sum.seconds_per_row == 4);
  const auto first = static_cast<std::size_t>(-sum.first);
  CHECK(sum.second_of(first) == 0);
  CHECK(sum.rows[first].sent == 8);
  CHECK(sum.rows[first + 25].sent == 4);
}

TEST_CASE("bucket counts have a text form, which is read back strictly") {
  const CoarseCounts counts{{0, 3}, {118, 70}, {895, 1}};
  CHECK(to_text(counts) == "0:3 118:70 895:1");
  CHECK(parse_counts("0:3 118:70 895:1") == counts);
  CHECK(parse_counts("") == CoarseCounts());
  for (const char* text :
       {"1", "1:", ":1", "896:1", "5:1 5:1", "5:1 4:1", "1:-1", "1:2  3:4", "a:1"})
    CHECK_MESSAGE(!parse_counts(text), text);
}
