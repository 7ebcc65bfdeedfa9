#include <doctest/doctest.h>

#include "tests/e2e/bench_runs.hpp"

using namespace e2e;

namespace {

const Arguments kLoad{"-q",         "1",  "--rate",  "500/s", "--warmup",    "0s",
                      "--duration", "1s", "--drain", "2s",    "--reconnect", "20ms"};

}  // namespace

TEST_CASE("fanout owes every message to every subscriber, and misses each that is dropped") {
  BrokerProcess broker(kLite);
  for (const char* threads : {"1", "2"}) {
    CAPTURE(threads);
    FaultProxy proxy(broker.port(),
                     {.faults = {{.kind = Kind::drop, .first = 100, .count = 9, .every = 50},
                                 {.kind = Kind::duplicate, .first = 120, .count = 4, .every = 50}},
                      .counts = is_load});
    const auto run = run_bench(proxy.port(), "fanout",
                               kLoad + Arguments{"--pub", "2", "--sub", "5", "--threads", threads});
    CAPTURE(run.end().err);
    run.check_balance();
    CHECK(run.counter("sent") == 500);
    CHECK(run.counter("acked") == 500);
    CHECK(run.counter("expected") == 2500);
    CHECK(run.counter("lost") == 9);
    CHECK(run.counter("unique") == 2491);
    CHECK(run.counter("dup") == 4);
    CHECK(run.counter("foreign") + run.counter("corrupt") == 0);
    CHECK(run.code() == 99);
  }
}

TEST_CASE("fanin owes every message to its one subscriber") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(),
                   {.faults = {{.kind = Kind::drop, .first = 10, .count = 7}}, .counts = is_load});
  const auto run = run_bench(proxy.port(), "fanin", kLoad + Arguments{"--pub", "20"});
  CAPTURE(run.end().err);
  run.check_balance();
  CHECK(run.counter("sent") == 500);
  CHECK(run.counter("expected") == 500);
  CHECK(run.counter("lost") == 7);
  CHECK(run.code() == 99);
}

TEST_CASE("a shared subscription is one receiver: what two members get is a duplicate") {
  for (const auto kind : {kLite, BrokerProcess::Kind::mosquitto}) {
    CAPTURE(support::name(kind));
    BrokerProcess broker(kind);
    FaultProxy proxy(broker.port(), {.faults = {{.kind = Kind::duplicate, .first = 200, .count = 3},
                                                {.kind = Kind::drop, .first = 300, .count = 2}},
                                     .counts = is_load});
    const auto run =
        run_bench(proxy.port(), "fanin",
                  kLoad + Arguments{"--pub", "4", "--sub", "3", "--share", "group", "-V", "5"});
    CAPTURE(run.end().err);
    run.check_balance();
    CHECK(run.counter("expected") == 500);
    CHECK(run.counter("unique") == 498);
    CHECK(run.counter("lost") == 2);
    CHECK(run.counter("dup") == 3);
  }
}

TEST_CASE("storm: all that were cut off come back, and what was sent meanwhile is owed") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port());
  const auto run = run_bench(
      proxy.port(), "storm",
      {"-c", "40", "--kill", "50%",   "--back",   "200ms", "--session",  "1h", "-V",      "5",
       "-q", "1",  "--rate", "400/s", "--warmup", "200ms", "--duration", "1s", "--drain", "5s"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  run.check_balance();
  CHECK(run.counter("lost") == 0);
  CHECK(run.counter("reconnects") == 20);
  CHECK(run.counter("online_at_end") == run.counter("clients"));
  CHECK(proxy.faults().seen(Way::up, PacketType::connect) ==
        static_cast<std::uint64_t>(run.counter("clients") + 20));
}

TEST_CASE("storm: who is not let in at first tries again, and comes back") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.faults = {{.kind = Kind::reset,
                                               .first = 11,
                                               .count = 3,
                                               .way = Way::up,
                                               .type = PacketType::connect}}});
  const auto run = run_bench(proxy.port(), "storm",
                             {"-c", "10", "--back", "100ms", "--warmup", "100ms", "--duration",
                              "500ms", "--reconnect", "20ms"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  CHECK(run.counter("departures") == 10);
  CHECK(run.counter("returns") == 10);
  CHECK(run.counter("return_retries") == 3);
  CHECK(run.number("/metrics/reconnect/n") == 10);
  CHECK(run.number("/metrics/tcp/n") == 20);
  CHECK(run.number("/metrics/connack/n") == 17);
  CHECK_FALSE(contains(run.end().err, "\nbalance"));
}

TEST_CASE("storm: a client that is not let in again fails the run") {
  BrokerProcess broker(kLite);
  // Of ten clients that come back the last two get no answer.
  FaultProxy proxy(
      broker.port(),
      {.faults = {
           {.kind = Kind::drop, .first = 19, .count = Fault::kAll, .type = PacketType::connack}}});
  const auto run = run_bench(proxy.port(), "storm",
                             {"-c", "10", "--back", "100ms", "--warmup", "100ms", "--duration",
                              "1s", "--drain", "1s", "--session", "1h", "-V", "5"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 99);
  CHECK(run.counter("reconnects") == 8);
  CHECK(run.counter("online_at_end") == 8);
}

TEST_CASE("conn --churn: clients leave and come back at their rate, and all are there at the end") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port());
  const auto run = run_bench(proxy.port(), "conn",
                             {"-c", "20", "--rate", "1000/s", "--hold", "1s", "--churn", "30/s"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  CHECK(run.counter("connected") == 20);
  CHECK(run.counter("reconnects") >= 25);
  CHECK(run.counter("reconnects") <= 31);  // both ends of the hold count
  CHECK(proxy.faults().seen(Way::up, PacketType::connect) ==
        static_cast<std::uint64_t>(20 + run.counter("reconnects")));
}

TEST_CASE("retained messages that do not come are lost") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(),
                   {.faults = {{.kind = Kind::drop, .first = 40, .count = 5}}, .counts = is_load});
  const Arguments load{"--topics", "100", "--sub",      "2",  "--rate",  "1000/s",
                       "-q",       "1",   "--duration", "1s", "--drain", "2s"};
  const auto run = run_bench(proxy.port(), "retained", load);
  CAPTURE(run.end().err);
  run.check_balance();
  CHECK(run.counter("expected") == 200);
  CHECK(run.counter("lost") == 5);
  CHECK(run.code() == 99);
  CHECK(run_bench(broker.port(), "retained", load).code() == 0);
}

TEST_CASE("wills reach their subscriber once each, and a missing one is told") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(),
                   {.faults = {{.kind = Kind::drop, .first = 7, .count = 3}}, .counts = is_load});
  const Arguments load{"-c", "50", "-q", "1", "--duration", "1s", "--drain", "2s"};
  const auto run = run_bench(proxy.port(), "wills", load);
  CAPTURE(run.end().err);
  CHECK(run.counter("expected") == 50);
  CHECK(run.counter("lost") == 3);
  CHECK(run.code() == 99);
  const auto whole = run_bench(broker.port(), "wills", load);
  CHECK(whole.code() == 0);
  CHECK(whole.counter("unique") == 50);
}

TEST_CASE("the long header's checksum tells what the compact one cannot: a corrupt payload") {
  BrokerProcess broker(kLite);
  for (const std::string form : {"compact", "long"}) {
    CAPTURE(form);
    FaultProxy proxy(
        broker.port(),
        {.faults = {{.kind = Kind::corrupt, .first = 100, .count = 4, .offset = 100}}});
    const auto run = run_bench(proxy.port(), "pair", kLoad + Arguments{"--header", form});
    CAPTURE(run.end().err);
    CHECK(proxy.faults().done(Kind::corrupt) == 4);
    CHECK(run.counter("corrupt") == (form == "long" ? 4 : 0));
    CHECK(run.counter("lost") == (form == "long" ? 4 : 0));
  }
}

TEST_CASE("words that do not fit a mode are told before anything is connected") {
  const std::vector<Arguments> refused{
      {"fanout", "--share", "g"},   {"fanin", "--members", "3"},  {"fanout", "--sub", "0"},
      {"storm", "--kill", "0%"},    {"storm", "--kill", "101%"},  {"storm", "--kill", "half"},
      {"storm", "--back", "5"},     {"conn", "--churn", "5"},     {"retained", "--topics", "0"},
      {"pair", "--decoys", "1001"}, {"pair", "--filter", "a/#b"}, {"wills", "--rate", "1"}};
  for (const auto& words : refused) {
    const Exit end =
        support::run({.argv = Arguments{support::tool("mq-bench")} + words + Arguments{"-p", "1"}});
    CAPTURE(words[0] + words[1]);
    CAPTURE(end.err);
    CHECK(end.code == 2);
    CHECK(contains(end.err, words[1]));
    CHECK(lines_of(end.err).size() == 1);
  }
}
