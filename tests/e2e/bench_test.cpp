#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>

#include "tests/e2e/bench_runs.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/proxy.hpp"

using namespace e2e;

namespace {

/// A load whose figures are compared with what somebody else's subscriber saw of it.
void check_witnessed(BrokerProcess& broker, const std::string& version, const std::string& qos) {
  CAPTURE(version);
  CAPTURE(qos);
  auto witness =
      subscribed(broker.port(), {"-t", "load/#", "-q", qos, "-F", "%l %p"}, Family::mosquitto);
  const auto run = run_bench(broker.port(), "pair",
                             {"-c", "3", "--rate", "600/s", "-q", qos, "-V", version, "-t",
                              "load/%i", "-s", "77", "--warmup", "100ms", "--duration", "500ms"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  run.check_balance();
  CHECK(run.counter("sent") == 300);
  CHECK(run.counter("unique") == 300);
  CHECK(run.counter("lost") == 0);
  CHECK(run.counter("dup") == 0);
  CHECK(run.counter("connected") == 6);

  // At the same QoS: a handshake of more steps would be overtaken by one of fewer.
  publish(broker.port(), {"-t", "load/end", "-m", "the end", "-q", qos}, Family::mosquitto);
  CHECK(witness->wait_for_line("the end").has_value());
  witness->signal(SIGTERM);
  const auto lines = lines_of(without_ready(witness->wait().out));
  const auto seen = std::count_if(lines.begin(), lines.end(),
                                  [](const auto& line) { return line.starts_with("77 "); });
  const long probes = 3;
  CHECK(seen == run.counter("sent") + run.counter("warmup/sent") + probes);
}

}  // namespace

TEST_CASE("mq-bench pair counts what really passed, on both brokers") {
  for (auto kind : {kLite, BrokerProcess::Kind::mosquitto}) {
    CAPTURE(support::name(kind));
    BrokerProcess broker(kind);
    for (const std::string version : {"3.1.1", "5"}) {
      for (const std::string qos : {"0", "1"}) check_witnessed(broker, version, qos);
      // mosquitto's QoS 2 deliveries overtake each other: there the last line seen is not the last.
      if (kind == kLite) check_witnessed(broker, version, "2");
    }
  }
}

TEST_CASE("mq-bench over a cut connection comes back, and its sheet still balances") {
  for (const std::string qos : {"0", "1", "2"}) {
    CAPTURE(qos);
    BrokerProcess broker(kLite);
    support::Proxy proxy(broker.port());
    proxy.reset_at({40'001});
    const auto run = run_bench(proxy.port(), "pair",
                               {"-c", "2", "--rate", "400/s", "-q", qos, "--warmup", "0s",
                                "--duration", "2s", "--drain", "1s"});
    CAPTURE(run.end().out);
    CHECK(proxy.resets() == 1);
    run.check_balance();
    CHECK(run.counter("reconnects") > 0);
    CHECK(run.counter("unique") > 0);
    if (qos == "2") CHECK(run.counter("dup") == 0);
    const bool has_loss = run.counter("lost") > 0;
    CHECK(run.code() == (has_loss && qos != "0" ? 99 : 0));
  }
}

TEST_CASE("mq-bench conn holds as many connections as it says") {
  BrokerProcess broker(kLite);
  const auto run =
      run_bench(broker.port(), "conn", {"-c", "50", "--rate", "1000/s", "--hold", "100ms"});
  CHECK(run.code() == 0);
  CHECK(run.counter("connected") == 50);
  CHECK(run.counter("online_at_end") == 50);
}

TEST_CASE("mq-bench ends with 3 when nobody ever connected") {
  const auto run = run_bench(support::free_port(), "pair", {"-c", "2"});
  CHECK(run.code() == 3);
}

TEST_CASE("a signal ends mq-bench with a result and 130 or 143") {
  BrokerProcess broker(kLite);
  for (const int number : {SIGINT, SIGTERM}) {
    auto witness = subscribed(broker.port(), {"-t", "load/#"});
    Process process(
        bench(broker.port(), "pair", {"-t", "load/%i", "--rate", "500/s", "--warmup", "0s"}));
    CHECK(witness->wait_for_lines(50));
    process.signal(number);
    const BenchRun run(process.wait());
    CHECK(run.code() == 128 + number);
    CHECK(run.flag("/partial"));
    run.check_balance();
    CHECK(run.counter("unique") > 0);
  }
}

TEST_CASE("a signal among several runs makes the whole of them partial, and no figure of the cut") {
  BrokerProcess broker(kLite);
  auto witness = subscribed(broker.port(), {"-t", "load/#"});
  Process process(bench(broker.port(), "pair",
                        {"-t", "load/%i", "--rate", "4/s", "--warmup", "0s", "--duration", "500ms",
                         "--repeat", "60", "--no-default-asserts"}));
  CHECK(witness->wait_for_lines(12));  // A probe and two messages are one run.
  process.signal(SIGINT);
  const BenchRun run(process.wait());
  CHECK(run.code() == 128 + SIGINT);
  CHECK(run.flag("/partial"));
  CHECK(run.lines("/partial_reasons").contains("interrupted by signal 2"));
  CHECK(run.counter("scheduled") == 2);
}
