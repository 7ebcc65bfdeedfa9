#include <doctest/doctest.h>

#include <chrono>

#include "tests/e2e/bench_runs.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;
using namespace std::chrono_literals;
using mqtt::Duration;

namespace {

const Arguments kLoad{"--rate",     "1000/s", "--warmup", "600ms",
                      "--duration", "400ms",  "--drain",  "20s"};

}  // namespace

TEST_CASE("what was due in the warm-up is told apart, and its percentiles can be asserted") {
  BrokerProcess broker(kLite);
  // Over when the warm-up is: no message of the measure phase is kept back by it.
  FaultProxy proxy(
      broker.port(),
      {.faults = {{.kind = Fault::Kind::stall, .first = 50, .time = 300ms}}, .counts = is_load});
  const support::TempDir folder;
  const std::string log = (folder.path() / "r.hlog").string();
  const auto run = run_bench(
      proxy.port(), "pair",
      kLoad + Arguments{"-q", "1", "--hdr", log, "--assert", "e2e@warmup.max>=298ms", "--assert",
                        "e2e@measure.n==400", "--assert", "e2e@warmup.n==600"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  CHECK(run.number("/metrics/e2e/n") == 400);
  for (const std::string metric : {"e2e", "ack", "send_lag", "own_lag", "e2e_service"}) {
    CAPTURE(metric);
    CHECK(run.number("/phase_metrics/warmup/" + metric + "/n") == 600);
  }
  CHECK_FALSE(run.has("/phase_metrics/warmup/connack"));
  CHECK(run.number("/series/0/rss") > 1'000'000);
  CHECK(contains(content_of(log), "\nTag=e2e@warmup,"));
  CHECK(contains(content_of(log), "\nTag=e2e,"));
}

TEST_CASE("a run without a warm-up has no figures of one: an assertion about it fails") {
  BrokerProcess broker(kLite);
  const auto run = run_bench(broker.port(), "pair",
                             {"--rate", "100/s", "--warmup", "0s", "--duration", "200ms",
                              "--assert", "e2e@warmup.max<1h"});
  CHECK(run.code() == 99);
  CHECK(run.text("/asserts/0/verdict") == "no_data");
}

TEST_CASE("a closed loop's warm-up is service time as well") {
  BrokerProcess broker(kLite);
  const auto run = run_bench(broker.port(), "pair",
                             {"--loop", "closed", "-q", "1", "--warmup", "200ms", "--duration",
                              "200ms", "--drain", "10s"});
  CAPTURE(run.end().err);
  CHECK_FALSE(run.has("/phase_metrics/warmup/e2e"));
  CHECK(run.number("/phase_metrics/warmup/e2e_service/n") == run.counter("warmup/unique"));
}
