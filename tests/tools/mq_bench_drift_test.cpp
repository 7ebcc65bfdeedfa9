#include "tools/mq-bench/drift.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tools/mq-bench/report.hpp"

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

constexpr std::uint64_t kMiB = 1 << 20;

/// The same run with other things that the rows tell.
template <class Change>
Result run_with(std::int64_t seconds, Change change) {
  Result result = run_of(seconds, [](std::int64_t) { return 1ms; });
  for (std::int64_t i = 0; i < seconds; ++i)
    change(result.series.rows[static_cast<std::size_t>(i + 3)], static_cast<std::uint64_t>(i));
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

TEST_CASE("a rate that sinks or rises drifts, whatever it does in between") {
  const auto sinking = run_with(40, [](Series::Row& row, std::uint64_t i) {
    row.sent = i < 30 ? 1'000 : 950;
    row.received = 1'000 + 2 * i;
  });
  CHECK(rate_drift(sinking, &Series::Row::sent) == doctest::Approx(50));
  CHECK(rate_drift(sinking, &Series::Row::received) == doctest::Approx(60));
  const auto busy_in_between = run_with(
      40, [](Series::Row& row, std::uint64_t i) { row.sent = i >= 10 && i < 30 ? 5'000 : 1'000; });
  CHECK(rate_drift(busy_in_between, &Series::Row::sent) == doctest::Approx(0));
  CHECK_FALSE(rate_drift(run_with(7, [](Series::Row&, std::uint64_t) {}), &Series::Row::sent));
}

TEST_CASE("memory that grows all the time is worth a warning, and only that") {
  const auto with_memory = [](auto memory_at) {
    return run_with(40, [&](Series::Row& row, std::uint64_t i) { row.memory = memory_at(i); });
  };
  const Result leaking = with_memory([](std::uint64_t i) { return 100 * kMiB + i * kMiB; });
  CHECK(memory_growth(leaking) == doctest::Approx(30.0 * kMiB));
  CHECK(memory_warning(leaking) ==
        "the generator's own memory grew steadily, from 104.5 to 134.5 MiB");
  const Result constant = with_memory([](std::uint64_t) { return 100 * kMiB; });
  CHECK(memory_growth(constant) == doctest::Approx(0));
  CHECK(memory_warning(constant).empty());
  const Result once = with_memory([](std::uint64_t i) { return (i < 15 ? 100 : 200) * kMiB; });
  CHECK(memory_growth(once) == doctest::Approx(100.0 * kMiB));
  CHECK(memory_warning(once).empty());
  const Result little = with_memory([](std::uint64_t i) { return 100 * kMiB + i * kMiB / 2; });
  CHECK(memory_warning(little).empty());
  const Result large = with_memory([](std::uint64_t i) { return 1'000 * kMiB + i * kMiB; });
  CHECK(memory_warning(large).empty());
  const Result shrinking = with_memory([](std::uint64_t i) { return (200 - i) * kMiB; });
  CHECK(memory_growth(shrinking) < 0);
  CHECK(memory_warning(shrinking).empty());
  CHECK_FALSE(
      memory_growth(with_memory([](std::uint64_t) { return std::uint64_t{0}; })).has_value());
}

TEST_CASE("growth and drifting rates are figures that can be asserted, and the warning is told") {
  Result result = run_with(40, [](Series::Row& row, std::uint64_t i) {
    row.memory = 100 * kMiB + i * kMiB;
    row.sent = row.received = 1'000 - i;
  });
  result.publishers = result.receivers = 1;
  result.sent = result.received = 40'000;
  const auto outcome = [&](const std::string& text) {
    const auto condition = Condition::parse(text);
    REQUIRE_MESSAGE(condition.has_value(), text);
    return condition->check(result).outcome;
  };
  using Outcome = Assertion::Outcome;
  CHECK(outcome("mem.growth<31MiB") == Outcome::pass);
  CHECK(outcome("mem.growth<29MiB") == Outcome::fail);
  CHECK(outcome("drift.sent<=0.031*rate.sent") == Outcome::pass);
  CHECK(outcome("drift.recv<=0.029*rate.recv") == Outcome::fail);
  const Verdict verdict = judge(result, {});
  REQUIRE(verdict.warnings.size() == 1);
  CHECK(render_text(result, verdict).contains("        warning: the generator's own memory grew"));
  CHECK(render_text(result, verdict).contains("rss 0MiB (+30.0MiB)\n"));
  CHECK(render_json(result, verdict).contains("\"rss_growth\":31457280"));
  CHECK(render_html(result, verdict).contains("Memory of the generator"));
  result.series.rows.clear();
  CHECK(outcome("mem.growth<1GiB") == Outcome::no_data);
  CHECK(outcome("drift.sent<1000/s") == Outcome::no_data);
}
