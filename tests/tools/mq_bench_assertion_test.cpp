#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/tools/bench_results.hpp"
#include "tools/mq-bench/assertion.hpp"
#include "tools/mq-bench/verdict.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;
using support::good_result;
using support::with_losses;
using Outcome = Assertion::Outcome;

namespace {

Assertion check(const std::string& text, const Result& result) {
  CAPTURE(text);
  const auto condition = Condition::parse(text);
  REQUIRE(condition.has_value());
  return condition->check(result);
}

Outcome outcome(const std::string& text, const Result& result) {
  return check(text, result).outcome;
}

}  // namespace

TEST_CASE("a latency is compared with a duration, by each operator") {
  const Result result = good_result();
  for (const char* text : {"e2e.p99<3ms", "e2e.max<=2ms", "e2e.min==2ms", "e2e.mean!=1ms",
                           "e2e@measure.p50>=2ms", "e2e.p99.9 > 1.9ms", "ack.n==10000"}) {
    CAPTURE(text);
    CHECK(outcome(text, result) == Outcome::pass);
  }
  for (const char* text : {"e2e.p99<2ms", "e2e.max<=1999us", "e2e.min==1ms", "e2e.mean!=2ms",
                           "e2e.p50>=3ms", "e2e.p90>2ms", "ack.n<10000"}) {
    CAPTURE(text);
    CHECK(outcome(text, result) == Outcome::fail);
  }
  CHECK(check("e2e.p99<2ms", result).value == "2ms");
}

TEST_CASE("counts, shares, rates and memory are asserted as well") {
  Result result = with_losses(20);
  result.self.rss_bytes = 8 << 20;
  for (const char* text :
       {"loss==20", "loss<=0.2%", "dup==0", "ooo==0", "connected==20", "mem.rss<9MiB",
        "rate.recv>=0.99*rate.expected", "rate.sent==rate.target", "rate.offered>=60000/m"}) {
    CAPTURE(text);
    CHECK(outcome(text, result) == Outcome::pass);
  }
  for (const char* text : {"loss==0", "loss<0.2%", "connected<20", "mem.rss<8MiB",
                           "rate.recv>=1.01*rate.expected", "rate.sent>1000"}) {
    CAPTURE(text);
    CHECK(outcome(text, result) == Outcome::fail);
  }
  CHECK(check("loss==0", result).value == "20 = 0.2%; first: pub 17 seq 20411");
}

TEST_CASE("lost messages are later than any bound, those delivered can be asked for apart") {
  const Result result = with_losses(200);
  CHECK(outcome("e2e.p90<3ms", result) == Outcome::pass);
  CHECK(outcome("e2e.p99<1h", result) == Outcome::fail);
  CHECK(outcome("e2e.max<1h", result) == Outcome::fail);
  CHECK(outcome("e2e.delivered.p99<3ms", result) == Outcome::pass);
}

TEST_CASE("the warm-up has percentiles of its own, and losses") {
  Result result = good_result();
  for (int i = 0; i < 1'900; ++i) result.warm_metrics.e2e.histogram.record(70ms);
  result.warm = {.expected = 2'000, .unique = 1'900, .lost = 100};
  CHECK(outcome("e2e.p90<3ms", result) == Outcome::pass);
  CHECK(outcome("e2e@measure.p90<3ms", result) == Outcome::pass);
  CHECK(outcome("connack@measure.p90<3ms", result) == Outcome::no_data);
  CHECK(outcome("e2e@warmup.p90<71ms", result) == Outcome::pass);
  CHECK(outcome("e2e@warmup.p90<69ms", result) == Outcome::fail);
  CHECK(outcome("e2e@warmup.p99<1h", result) == Outcome::fail);
  CHECK(outcome("e2e@warmup.delivered.p99<71ms", result) == Outcome::pass);
  CHECK(outcome("ack@warmup.p99<1h", result) == Outcome::no_data);
  CHECK(outcome("e2e.n>=5*e2e@warmup.n", result) == Outcome::pass);
  CHECK(outcome("e2e.n>=6*e2e@warmup.n", result) == Outcome::fail);
}

TEST_CASE("without data, or with too few samples, no assertion passes") {
  const Result result = good_result();
  CHECK(outcome("suback.p50>=0s", result) == Outcome::no_data);
  CHECK(outcome("e2e.p99.99>=0s", result) == Outcome::insufficient);
  Result load = good_result();
  load.receivers = 0;
  load.measure.expected = load.measure.unique = 0;
  CHECK(outcome("loss==0", load) == Outcome::no_data);
  CHECK(outcome("rate.recv>=0", load) == Outcome::no_data);
  CHECK(judge(result, {.conditions = {*Condition::parse("suback.p50>=0s")}}).exit_code == 99);
}

TEST_CASE("nobody is owed anything: that is no run without losses") {
  Result silent = good_result();
  silent.measure.expected = silent.measure.unique = 0;
  CHECK(judge(silent, {}).exit_code == 99);
  Result shard = silent;  // Whether its groups lost anything only all shards together know.
  shard.shards = {2, {0}};
  CHECK(judge(shard, {}).exit_code == 0);
  Result storm = silent;
  storm.mode = Mode::storm;
  storm.publishers = 0;
  storm.measure = {};
  CHECK(judge(storm, {}).exit_code == 0);
}

TEST_CASE("given assertions take the place of the default ones") {
  const Result result = with_losses(20);
  CHECK(judge(result, {}).exit_code == 99);
  const Verdict verdict = judge(result, {.conditions = {*Condition::parse("loss<=1%")}});
  CHECK(verdict.exit_code == 0);
  CHECK(verdict.assertions.size() == 1);
}

TEST_CASE("an unknown name, unit or operator is refused before the run") {
  for (const char* text : {"",
                           "e2e",
                           "e2e.p99",
                           "e2e.p99=5ms",
                           "e2e.p99<5",
                           "e2e.p99<",
                           "e2e.p100<5ms",
                           "e2e.px<5ms",
                           "e2e<5ms",
                           "e3e.p99<5ms",
                           "e2e@drain.p99<5ms",
                           "e2e@.p99<5ms",
                           "connack@warmup.p99<5ms",
                           "ack.delivered.p99<5ms",
                           "loss==0.1s",
                           "loss==",
                           "loss==-1",
                           "connected==5%",
                           "mem.rss<5",
                           "rate.recv>=0.9*loss",
                           "rate.recv>=0.9*",
                           "rate.recv>=5MiB",
                           "==5"}) {
    CAPTURE(text);
    CHECK_FALSE(Condition::parse(text).has_value());
  }
  CHECK(Condition::parse("e3e.p99<5ms").error() == "'e3e.p99' is not a figure that a result has");
}
