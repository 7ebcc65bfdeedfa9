#include <doctest/doctest.h>

#include <algorithm>

#include "tests/e2e/bench_runs.hpp"
#include "tests/support/loopback.hpp"

using namespace e2e;

namespace {

const Arguments kLoad{"-q",         "1",  "--rate",  "1000/s", "--warmup",    "0s",
                      "--duration", "1s", "--drain", "10s",    "--reconnect", "20ms"};

}  // namespace

TEST_CASE("a broker that does not acknowledge is given up on after --ack-timeout, and counted") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(),
                   {.faults = {{.kind = Kind::drop, .first = 50, .type = PacketType::puback}},
                    .counts = is_load});
  const auto run = run_bench(proxy.port(), "pair", kLoad + Arguments{"--ack-timeout", "400ms"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  run.check_balance();
  CHECK(run.counter("ack_timeouts") == 1);
  CHECK(run.counter("reconnects") == 1);
  CHECK(run.counter("unacked") == 0);
  CHECK(run.counter("acked") == run.counter("sent"));
  CHECK(run.counter("lost") == 0);
  // The unanswered message was sent again, and its receiver got it before.
  CHECK(run.counter("dup") >= 1);
  CHECK(run.counter("dup_allowed") == run.counter("dup"));
  CHECK(run.number("/metrics/ack/max") >= 400'000'000);
}

TEST_CASE("without --ack-timeout a missing acknowledgement stays missing") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(),
                   {.faults = {{.kind = Kind::drop, .first = 50, .type = PacketType::puback}},
                    .counts = is_load});
  const auto run =
      run_bench(proxy.port(), "pair", kLoad + Arguments{"--ack-timeout", "0s", "--drain", "500ms"});
  CAPTURE(run.end().err);
  CHECK(run.counter("ack_timeouts") == 0);
  CHECK(run.counter("reconnects") == 0);
  CHECK(run.counter("unacked") == 1);
  CHECK(run.counter("lost") == 0);
  CHECK(run.code() == 99);
}

TEST_CASE("--offline queue keeps what is due while offline, and its latency runs") {
  BrokerProcess broker(kLite);
  for (const std::string offline : {"skip", "queue"}) {
    CAPTURE(offline);
    FaultProxy proxy(
        broker.port(),
        {.faults = {{.kind = Kind::finish, .first = 100, .way = Way::up}}, .counts = is_load});
    const auto run = run_bench(proxy.port(), "pub",
                               kLoad + Arguments{"--offline", offline, "--reconnect", "300ms"});
    CAPTURE(run.end().err);
    CHECK(run.code() == 0);
    run.check_balance();
    CHECK(run.counter("reconnects") == 1);
    CHECK(run.counter("acked") == run.counter("sent"));
    if (offline == "queue") {
      CHECK(run.counter("skipped_offline") == 0);
      CHECK(run.counter("sent") == 1000);
      CHECK(run.number("/metrics/ack/max") >= 290'000'000);
    } else {
      CHECK(run.counter("skipped_offline") >= 100);
    }
  }
}

TEST_CASE("--session lets a subscriber that was away get what it missed") {
  BrokerProcess broker(kLite);
  for (const std::string version : {"3.1.1", "5"}) {
    CAPTURE(version);
    FaultProxy proxy(broker.port(),
                     {.faults = {{.kind = Kind::finish, .first = 100}}, .counts = is_load});
    const auto run =
        run_bench(proxy.port(), "pair", kLoad + Arguments{"--session", "1h", "-V", version});
    CAPTURE(run.end().err);
    CHECK(run.code() == 0);
    CHECK(run.counter("reconnects") == 1);
    CHECK(run.counter("expected") == 1000);
    CHECK(run.counter("unique") == 1000);
    CHECK(run.counter("dup") == run.counter("dup_allowed"));
  }
}

TEST_CASE("--reconnect off leaves a lost connection lost") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.faults = {{.kind = Kind::reset, .first = 100, .way = Way::up}},
                                   .counts = is_load});
  const auto run = run_bench(proxy.port(), "pub", kLoad + Arguments{"--reconnect", "off"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 4);
  run.check_balance();
  CHECK(run.counter("reconnects") == 0);
  CHECK(run.counter("online_at_end") == 0);
}

TEST_CASE("clients take turns at local addresses and at hosts") {
  BrokerProcess broker(kLite, {"-v"});
  const auto run = run_bench(
      broker.port(), "conn",
      {"-c", "4", "--rate", "1000/s", "--hold", "50ms", "--bind", "127.0.0.2-127.0.0.3,127.0.0.9"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  for (const char* address : {"127.0.0.2:", "127.0.0.3:", "127.0.0.9:", "127.0.0.2:"})
    CHECK(broker.process().wait_for_error(address).has_value());

  auto command = bench(broker.port(), "conn", {"-c", "4", "--rate", "1000/s", "--hold", "50ms"});
  *(std::ranges::find(command.argv, "127.0.0.1")) = "127.0.0.1,localhost";
  CHECK(BenchRun(support::run(command)).counter("connected") == 4);
}

TEST_CASE("bad words about addresses, sessions and pauses are told before anything is connected") {
  const std::string port = std::to_string(support::free_port());
  const std::vector<std::pair<std::string, std::string>> words{{"--bind", "127.0.0.9-127.0.0.2"},
                                                               {"--bind", "127.0.0.1/33"},
                                                               {"--bind", "nowhere"},
                                                               {"--bind", ""},
                                                               {"--reconnect", "5s..1s"},
                                                               {"--reconnect", "0s"},
                                                               {"--reconnect", "soon"},
                                                               {"--session", "1500ms"},
                                                               {"--session", "x"},
                                                               {"--ack-timeout", "5"},
                                                               {"--offline", "drop"},
                                                               {"--threads", "0"},
                                                               {"--arrival", "burst:0"},
                                                               {"--arrival", "chance"},
                                                               {"--ramp", "5..10/s"},
                                                               {"--ramp", "0..0/s:1s"},
                                                               {"--seed", "x"},
                                                               {"-h", ","},
                                                               {"--progress", "loud"},
                                                               {"--metrics", "9100"},
                                                               {"--metrics", ":99999"},
                                                               {"--events", "/no/such/place/x"}};
  for (const auto& [flag, word] : words) {
    CAPTURE(flag);
    CAPTURE(word);
    const Exit end =
        support::run({.argv = {support::tool("mq-bench"), "pub", "-p", port, flag, word}});
    CHECK(end.code == 2);
    CHECK(contains(end.err, flag));
    CHECK(lines_of(end.err).size() == 1);
  }
}
