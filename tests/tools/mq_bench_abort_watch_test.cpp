#include "tools/mq-bench/abort_watch.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/tools/bench_results.hpp"
#include "tools/mq-bench/verdict.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

/// A run after so many seconds of 2,000 messages each, which took 2 ms, after the third `late`.
Result after(int seconds, Duration late = 2ms) {
  Result result;
  result.clients = result.connected = result.online_at_end = 20;
  result.publishers = result.receivers = 10;
  for (int second = 0; second < seconds; ++second) {
    result.measure.expected += 2'000;
    result.measure.unique += 2'000;
    result.received += 2'000;
    for (int i = 0; i < 2'000; ++i)
      result.metrics.e2e.histogram.record(second < 3 ? Duration(2ms) : late);
  }
  return result;
}

AbortWatch watch(const std::string& condition) {
  return AbortWatch({*Condition::parse(condition)});
}

}  // namespace

TEST_CASE("a run is ended by what happens in a second, whatever the seconds before were like") {
  AbortWatch slow = watch("e2e.p99>50ms");
  const TimePoint start{100s};
  for (int second = 0; second <= 3; ++second)
    CHECK(slow.look(after(second), start + 1s * second).empty());
  CHECK(slow.look(after(4, 80ms), start + 4s) == "aborted: e2e.p99>50ms (80ms)");
  CHECK(after(4, 80ms).metrics.e2e.histogram.quantile(kP50).value < Duration(3ms));
}

TEST_CASE("rates are those of the window, losses those that are new in it") {
  const TimePoint start{100s};
  AbortWatch rate = watch("rate.recv<1500");
  CHECK(rate.look(after(1), start).empty());
  CHECK(rate.look(after(2), start + 1s).empty());
  CHECK(rate.look(after(3), start + 2s) == "");
  CHECK(rate.look(after(4), start + 4s) == "aborted: rate.recv<1500 (1000.0/s)");
  AbortWatch loss = watch("loss>0");
  Result result = after(1);
  result.measure.lost = 5;
  CHECK(loss.look(result, start).empty());
  CHECK(loss.look(result, start + 1s) == "");
  result.measure.expected += 10;
  ++result.measure.lost;
  CHECK(loss.look(result, start + 2s).starts_with("aborted: loss>0 (1 = "));
}

TEST_CASE("a second without data, or with too few samples, ends nothing; connections do at once") {
  const TimePoint start{100s};
  AbortWatch latency = watch("e2e.p99>1ms");
  CHECK(latency.look(after(1), start).empty());
  CHECK(latency.look(after(1), start + 1s).empty());
  Result few = after(1);
  few.metrics.e2e.histogram.record(1s);
  CHECK(latency.look(few, start + 2s).empty());
  AbortWatch held = watch("held<20");
  Result result = after(1);
  CHECK(held.look(result, start).empty());
  result.online_at_end = 19;
  CHECK(held.look(result, start + 1s) == "aborted: held<20 (19)");
}

TEST_CASE("the watch looks once a second, and not at all without conditions") {
  AbortWatch any = watch("loss>0");
  const TimePoint start{100s};
  CHECK(any.is_due(start));
  any.look(after(1), start);
  CHECK_FALSE(any.is_due(start + 999ms));
  CHECK(any.is_due(start + 1s));
  CHECK_FALSE(AbortWatch({}).is_due(start));
}

TEST_CASE("a run that was aborted is partial: exit 4") {
  Result result = support::good_result();
  result.aborted = "aborted: loss>0 (1)";
  CHECK(judge(result, {}).exit_code == 4);
  CHECK(judge(result, {}).partial_reasons == std::vector<std::string>{"aborted: loss>0 (1)"});
}
