#include <doctest/doctest.h>

#include <string>

#include "tests/e2e/bench_runs.hpp"

using namespace e2e;
using namespace std::chrono_literals;

namespace {

const Arguments kRoundTrips{"--mode", "echo",     "-c", "4",          "-q", "1",       "--rate",
                            "500/s",  "--warmup", "0s", "--duration", "1s", "--drain", "2s"};

bool is_answer(const mqtt::Publish& publish) {
  return is_load(publish) && publish.topic.view().ends_with("/echo");
}

bool is_question(const mqtt::Publish& publish) {
  return is_load(publish) && !publish.topic.view().ends_with("/echo");
}

}  // namespace

TEST_CASE("--mode echo: what is lost or doubled on either way is, and nothing else") {
  BrokerProcess broker(kLite);
  for (const auto& way : {is_question, is_answer}) {
    FaultProxy proxy(broker.port(),
                     {.faults = {{.kind = Kind::drop, .first = 100, .count = 9, .every = 20},
                                 {.kind = Kind::duplicate, .first = 301, .count = 4, .every = 20}},
                      .counts = way});
    const auto run = run_bench(proxy.port(), "pair", kRoundTrips);
    CAPTURE(run.end().err);
    run.check_balance();
    CHECK(run.code() == 99);
    CHECK(run.text("/mode") == "echo");
    CHECK(run.counter("sent") == 500);
    CHECK(run.counter("acked") == 500);
    CHECK(run.counter("expected") == 500);
    CHECK(run.counter("lost") == 9);
    CHECK(run.counter("dup") == 4);
    CHECK(run.counter("foreign") + run.counter("corrupt") == 0);
    CHECK(run.number("/metrics/rtt/n") == 491);
    CHECK(run.flag("/metrics/rtt/lost_as_inf"));
    CHECK(run.has("/metrics/rtt/delivered"));
    CHECK(run.text("/series_metric") == "rtt");
    CHECK_FALSE(run.has("/metrics/e2e"));
    CHECK(run.end().err.find("\nrtt     p50 ") != std::string::npos);
  }
}

TEST_CASE("--mode echo: the delay of each of the four hops is in the round trip") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.delay = 20ms});
  const auto run = run_bench(
      proxy.port(), "pair",
      kRoundTrips + Arguments{"--rate", "100/s", "--drain", "30s", "--assert", "rtt.min>=80ms"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  CHECK(run.number("/metrics/rtt/n") == 100);
}

TEST_CASE("--mode echo: asserting e2e is a mistake, told before anything is connected") {
  const auto end =
      support::run(bench(1, "pair", kRoundTrips + Arguments{"--assert", "e2e.p99<1s"}));
  CHECK(end.code == 2);
  CHECK(end.err == "mq-bench: --assert: e2e.p99<1s: --mode echo measures rtt, and no e2e\n");
}
