#include "tools/mq-bench/drift.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

/// A run of `seconds` behind a warm-up of three, whose messages of second i took so long.
template <class Latency>
Result run_of(std::int64_t seconds, Latency latency_of) {
  Result result;
  result.warmup = 3s;
  result.measured = std::chrono::seconds(seconds);
  for (std::int64_t i = -3; i < seconds + 2; ++i) {
    const Duration latency = i < 0 || i >= seconds ? Duration(1h) : latency_of(i);
    Series::Row row;
    row.latencies = {{static_cast<std::uint16_t>(CoarseBuckets::index_of(latency)), 2'000}};
    row.max = latency;
    result.series.rows.push_back(row);
  }
  return result;
}

}  // namespace

TEST_CASE("drift is the last quarter's percentile minus the first quarter's") {
  const Result slower = run_of(40, [](std::int64_t i) { return i < 30 ? 2ms : 5ms; });
  const auto found = drift(slower, kP99);
  REQUIRE(found.has_value());
  CHECK(*found > 2'800us);  // Buckets are 3 % wide.
  CHECK(*found < 3'200us);
  CHECK(*drift(run_of(40, [](std::int64_t i) { return i < 10 ? 5ms : 2ms; }), kP50) < 0s);
  CHECK(drift(run_of(40, [](std::int64_t) { return 2ms; }), kP99) == Duration(0));
}

TEST_CASE("what is before the measurement and behind it is no drift") {
  CHECK(drift(run_of(8, [](std::int64_t) { return 1ms; }), kP50) == Duration(0));
}

TEST_CASE("too short a run, or too few samples, have no drift") {
  CHECK_FALSE(drift(run_of(7, [](std::int64_t) { return 1ms; }), kP50).has_value());
  Result quiet = run_of(8, [](std::int64_t) { return 1ms; });
  for (auto& row : quiet.series.rows) row.latencies.clear();
  CHECK_FALSE(drift(quiet, kP50).has_value());
}
