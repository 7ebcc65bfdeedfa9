#include <doctest/doctest.h>

#include <chrono>
#include <csignal>

#include "tests/e2e/bench_runs.hpp"
#include "tests/support/loopback.hpp"

using namespace e2e;
using namespace std::chrono_literals;

namespace {

const Arguments kShort{"--rate", "1000/s", "--warmup", "0s", "--duration", "2s", "--drain", "1s"};

std::string first_verdict(const BenchRun& run) { return run.text("/asserts/0/verdict"); }

}  // namespace

TEST_CASE("a generator that was stopped declares its run invalid, first thing") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.counts = is_load});
  Process process(bench(proxy.port(), "pair", kShort, true));
  CHECK(proxy.faults().wait_for(Way::down, PacketType::publish, 300));
  process.suspend(200ms);
  const BenchRun run(process.wait());
  CAPTURE(run.end().err);
  CHECK(run.code() == 5);
  CHECK_FALSE(run.flag("/valid"));
  CHECK(run.headline().starts_with("RESULT  INVALID"));
  CHECK(run.lines("/invalid_reasons").find("generator-limited: loop lag") != std::string::npos);
  CHECK(run.number("/self/loop_lag_max_ns") >= 190'000'000);
  run.check_balance();
  CHECK(run.counter("scheduled") == 2000);
}

TEST_CASE("--allow-limited lets such a run count, and says so") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.counts = is_load});
  Process process(bench(proxy.port(), "pair", kShort));
  CHECK(proxy.faults().wait_for(Way::down, PacketType::publish, 300));
  process.suspend(100ms);
  const BenchRun run(process.wait());
  CHECK(run.code() == 0);
  CHECK(run.flag("/valid"));
  CHECK(run.lines("/warnings").find("generator-limited: loop lag") != std::string::npos);
}

TEST_CASE("a broker that stalls is no fault of the generator's") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.counts = is_load});
  Process process(bench(proxy.port(), "pair", kShort, true));
  CHECK(proxy.faults().wait_for(Way::down, PacketType::publish, 300));
  broker.process().suspend(300ms);
  const BenchRun run(process.wait());
  CHECK(run.number("/metrics/e2e/max") >= 290'000'000);
  // Only a machine that is busy otherwise may spoil this run.
  if (run.flag("/valid")) CHECK(run.number("/self/loop_lag_max_ns") <= 50'000'000);
}

TEST_CASE("a broker that dies half-way leaves a partial result, and 4") {
  for (const std::string qos : {"0", "1"}) {
    CAPTURE(qos);
    BrokerProcess broker(kLite);
    FaultProxy proxy(broker.port(), {.counts = is_load});
    Process process(bench(proxy.port(), "pair", kShort + Arguments{"-q", qos}));
    CHECK(proxy.faults().wait_for(Way::down, PacketType::publish, 1000));
    broker.process().signal(SIGKILL);
    const BenchRun run(process.wait());
    CAPTURE(run.end().err);
    CHECK(run.code() == 4);
    CHECK(run.flag("/partial"));
    CHECK(run.headline().find(" PARTIAL") != std::string::npos);
    run.check_balance();
    CHECK(run.counter("scheduled") == 2000);
    CHECK(run.counter("unique") >= 900);
    CHECK(run.counter("skipped_offline") > 0);
    CHECK(run.counter("online_at_end") == 0);
    CHECK(run.number("/exit_code") == 4);
  }
}

TEST_CASE("every message of the schedule is offered at its time, without drift") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.counts = is_load});
  const auto run = run_bench(proxy.port(), "pair",
                             {"-c", "7", "--rate", "997/s", "--warmup", "200ms", "--duration",
                              "1500ms", "--drain", "20s"});
  CHECK(run.code() == 0);
  // Message n of all is due n / 997 s after the start: 199.4 before the measurement.
  CHECK(run.counter("warmup/scheduled") == 200);
  CHECK(run.counter("scheduled") == 1695 - 200);
  CHECK(run.counter("sent") == 1695 - 200);
  const auto deliveries = proxy.faults().deliveries();
  REQUIRE(deliveries.size() == 1695);
  auto start = mqtt::kNever;
  for (const auto& delivery : deliveries)
    start = std::min(start, stamp_of(delivery.payload).intended);
  for (const auto& delivery : deliveries) {
    const Stamp stamp = stamp_of(delivery.payload);
    const auto number = stamp.sequence * 7 + stamp.publisher;
    const auto due = start + mqtt::Duration(number * 1'000'000'000ULL / 997);
    CHECK(stamp.intended >= due - 2us);
    CHECK(stamp.intended <= due + 2us);
    CHECK(delivery.time >= stamp.intended);
  }
}

TEST_CASE("a client that never got in is a failure") {
  BrokerProcess broker(kLite, {"--max-connections", "5"});
  const auto run =
      run_bench(broker.port(), "conn", {"-c", "6", "--rate", "1000/s", "--hold", "100ms"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 99);
  CHECK(run.counter("connected") == 5);
  CHECK(run.text("/asserts/0/expr") == "connected==6");
  CHECK(first_verdict(run) == "fail");
}

TEST_CASE("a client that gets no CONNACK is named with what it waited for") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(
      broker.port(),
      {.faults = {{.kind = Fault::Kind::drop, .first = 2, .type = PacketType::connack}}});
  const auto run =
      run_bench(proxy.port(), "conn",
                {"-c", "3", "--rate", "1000/s", "--hold", "100ms", "--connect-timeout", "1"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 99);
  CHECK(run.counter("connected") == 2);
  CHECK(run.end().err.find("no CONNACK within 1 s") != std::string::npos);
}

TEST_CASE("an unknown metric is an error before any connection") {
  // To connect to where nobody listens would end with 3.
  const std::string port = std::to_string(support::free_port());
  for (const std::string condition :
       {"nonsense<3", "e2e.p99<", "e2e.p101<1s", "e2e.p99<50", "loss==0.1x", "", "e2e", "<3"}) {
    CAPTURE(condition);
    const auto end = support::run(
        {.argv = {support::tool("mq-bench"), "pair", "-p", port, "--assert", condition}});
    CHECK(end.code == 2);
    CHECK(end.out.empty());
    CHECK(lines_of(end.err).size() <= 2);
    CHECK(end.err.find("--assert") != std::string::npos);
  }
}

TEST_CASE("no data, or too few samples, fail an assertion") {
  BrokerProcess broker(kLite);
  const Arguments brief{"--rate", "500/s", "--warmup", "0s", "--duration", "200ms"};
  const auto silent = run_bench(broker.port(), "pub", brief + Arguments{"--assert", "e2e.p50<1h"});
  CHECK(silent.code() == 99);
  CHECK(first_verdict(silent) == "no_data");
  const auto few = run_bench(broker.port(), "pair", brief + Arguments{"--assert", "e2e.p99<1h"});
  CHECK(few.code() == 99);
  CHECK(first_verdict(few) == "insufficient");
}

TEST_CASE("assertions of the user decide alone, default ones can be turned off") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(),
                   {.faults = {{.kind = Fault::Kind::drop, .first = 10}}, .counts = is_load});
  const Arguments lossy{"-q", "1",          "--rate", "500/s",   "--warmup",
                        "0s", "--duration", "200ms",  "--drain", "500ms"};
  const auto run = run_bench(
      proxy.port(), "pair",
      lossy + Arguments{"--assert", "loss<=1%", "--assert", "connected==2", "--assert", "loss==0"});
  CHECK(run.code() == 99);
  CHECK(run.counter("lost") == 1);
  CHECK(run.text("/asserts/0/verdict") == "pass");
  CHECK(run.text("/asserts/1/verdict") == "pass");
  CHECK(run.text("/asserts/2/verdict") == "fail");

  FaultProxy second(broker.port(),
                    {.faults = {{.kind = Fault::Kind::drop, .first = 10}}, .counts = is_load});
  const auto free = run_bench(second.port(), "pair", lossy + Arguments{"--no-default-asserts"});
  CHECK(free.counter("lost") == 1);
  CHECK(free.code() == 0);
}

TEST_CASE("a signal before the first message, and a second one, end a run with its result") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.counts = is_load});
  for (const int number : {SIGINT, SIGTERM}) {
    Process process(bench(proxy.port(), "pair", {"--rate", "1/h", "--warmup", "1h"}));
    CHECK(proxy.faults().wait_for(Way::up, PacketType::subscribe, number == SIGINT ? 1 : 2));
    process.signal(number);
    process.signal(number);
    const BenchRun run(process.wait());
    CHECK(run.code() == 128 + number);
    CHECK(run.flag("/partial"));
  }
}
