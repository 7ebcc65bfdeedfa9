#include <doctest/doctest.h>

#include <chrono>

#include "tests/e2e/bench_runs.hpp"

using namespace e2e;
using namespace std::chrono_literals;
using mqtt::Duration;

namespace {

constexpr int kMaximum = 3;
constexpr Duration kDelay = 5ms;

/// A load that fills a small Receive Maximum: three messages in at least two delays, where 600/s
/// would be six.
BenchRun run_windowed(FaultProxy& proxy, const Arguments& arguments) {
  Arguments all{"--rate", "600/s", "--warmup", "0s", "--duration", "500ms", "--drain", "30s"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return run_bench(proxy.port(), "pair", all);
}

}  // namespace

TEST_CASE("the broker's Receive Maximum is filled and never exceeded [MQTT-3.3.4-9]") {
  for (const std::string qos : {"1", "2"}) {
    CAPTURE(qos);
    BrokerProcess broker(kLite);
    FaultProxy proxy(broker.port(),
                     {.counts = is_load, .receive_maximum = kMaximum, .delay = kDelay});
    const auto run = run_windowed(proxy, {"-V", "5", "-q", qos});
    CAPTURE(run.end().err);
    CHECK(run.code() == 0);
    run.check_balance();
    CHECK(proxy.faults().most_in_flight() == kMaximum);
    CHECK(run.counter("sent") == 300);
    CHECK(run.counter("acked") == 300);
    CHECK(run.counter("lost") == 0);
    // Before the last message there were 99 full windows, each of at least two delays.
    const Duration least = 99 * 2 * kDelay - 500ms;
    CHECK(Duration(run.number("/metrics/e2e/max")) >= least);
    CHECK(Duration(run.number("/metrics/send_lag/max")) >= least);
    // The broker is answerable for the wait, and it is told apart.
    CHECK(Duration(run.counter("window_full_ns")) >= least);
  }
}

TEST_CASE("--inflight is a window of one's own") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.counts = is_load, .delay = kDelay});
  const auto run = run_windowed(proxy, {"-V", "3.1.1", "-q", "1", "--inflight", "2"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  CHECK(proxy.faults().most_in_flight() == 2);
  CHECK(run.counter("acked") == 300);
}

TEST_CASE("what finds the backlog full is skipped and counted, never silent") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.counts = is_load, .delay = kDelay});
  const auto run = run_windowed(proxy, {"-q", "1", "--inflight", "1", "--max-backlog", "10"});
  CAPTURE(run.end().err);
  run.check_balance();
  CHECK(run.counter("scheduled") == 300);
  // One message in at least two delays: 51 in half a second, and then those that wait.
  CHECK(run.counter("sent") <= 51 + 10);
  CHECK(run.counter("skipped_backlog") == 300 - run.counter("sent"));
  CHECK(run.counter("unique") == run.counter("sent"));
}
