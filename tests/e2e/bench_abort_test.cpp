#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/e2e/bench_runs.hpp"

using namespace e2e;
using nlohmann::json;

namespace {

const Arguments kLongLoad{"--rate",     "200/s", "--warmup", "0s",
                          "--duration", "10m",   "--drain",  "100ms"};

}  // namespace

TEST_CASE("--abort-on ends a run early with a partial result: exit 4") {
  BrokerProcess broker(kLite);
  const BenchRun run =
      run_bench(broker.port(), "pair",
                kLongLoad + Arguments{"--abort-on", "e2e.p99.9>1h", "--abort-on", "rate.recv>1/s"});
  const Exit& end = run.end();
  CAPTURE(end.err);
  CHECK(end.code == 4);
  CHECK(contains(end.err, "        aborted: rate.recv>1/s ("));
  const json result = json::parse(end.out);
  CHECK(result["partial"] == true);
  CHECK(result["partial_reasons"].size() == 1);
  CHECK(result["counters"]["sent"] == result["counters"]["unique"]);
  CHECK(result["exit_code"] == 4);
}

TEST_CASE("a wrong --abort-on is told before anything is connected") {
  const Exit end = support::run({.argv = {support::tool("mq-bench"), "pair", "-h", "127.0.0.1",
                                          "-p", "1", "--abort-on", "e3e.p99>1s"}});
  CHECK(end.code == 2);
  CHECK(end.err == "mq-bench: --abort-on: 'e3e.p99' is not a figure that a result has\n");
  const Exit early = support::run({.argv = {support::tool("mq-bench"), "pair", "-h", "127.0.0.1",
                                            "-p", "1", "--abort-on", "e2e@warmup.p99>1s"}});
  CHECK(early.code == 2);
  CHECK(early.err ==
        "mq-bench: --abort-on: 'e2e@warmup.p99>1s' is not a condition of the measurement, which "
        "begins after it\n");
}
