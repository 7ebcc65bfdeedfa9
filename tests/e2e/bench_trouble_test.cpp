#include <doctest/doctest.h>

#include "tests/e2e/bench_runs.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;
using namespace std::chrono_literals;
using support::Configuration;
using support::TempDir;

namespace {

const Arguments kBrief{"-q",       "1",  "--rate",     "1000/s", "-t",      "load/%i",
                       "--warmup", "0s", "--duration", "300ms",  "--drain", "2s"};

/// A broker that lets everybody do this: lines of an ACL.
Configuration allowing(const TempDir& directory, const std::string& lines) {
  return {{"listener 0 127.0.0.1", "allow_anonymous true",
           "acl_file " + directory.write("acl", lines)}};
}

}  // namespace

TEST_CASE("a probe that is lost is sent again, and no message") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.faults = {{.kind = Kind::drop}}});
  const auto run = run_bench(proxy.port(), "pair", kBrief);
  CAPTURE(run.end().err);
  CHECK(proxy.faults().done(Kind::drop) == 1);
  CHECK(run.code() == 0);
  CHECK(run.counter("unique") == 300);
  CHECK(run.counter("lost") == 0);
  CHECK(run.counter("dup") == 0);
}

TEST_CASE("a subscription that is refused measures nothing: 5, with the reason") {
  const TempDir directory;
  BrokerProcess broker(allowing(directory, "topic write load/#\n"));
  for (const char* mode : {"pair", "sub"}) {
    CAPTURE(mode);
    const Arguments arguments = mode == std::string("pair")
                                    ? kBrief
                                    : Arguments{"-q", "1", "-t", "load/%i", "--duration", "300ms"};
    const auto run = run_bench(broker.port(), mode, arguments + Arguments{"-V", "5"});
    CHECK(run.code() == 5);
    CHECK(contains(run.end().err, "1 x subscribe refused: Not authorized (0x87)"));
    CHECK(contains(run.headline(), "INVALID"));
  }
}

TEST_CASE("a pair of which one end never got in is a failure, and the others are measured") {
  BrokerProcess broker(kLite, {"--max-connections", "5"});
  const auto run = run_bench(broker.port(), "pair",
                             {"-c", "3", "-q", "1", "--rate", "60/s", "--reconnect", "off",
                              "--warmup", "0s", "--duration", "500ms", "--drain", "60s"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 99);
  CHECK(run.flag("/valid"));
  CHECK(run.counter("connected") == 5);
  CHECK(run.counter("unique") == 20);
  CHECK(run.counter("skipped_offline") == 10);
}

TEST_CASE("what comes after the drain is late, and counts as lost all the same") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.delay = 900ms});
  const auto run = run_bench(proxy.port(), "pair",
                             {"--rate", "100/s", "--warmup", "0s", "--duration", "1s", "--drain",
                              "1500ms", "--no-default-asserts"});
  CAPTURE(run.end().err);
  CHECK(run.counter("lost") > 0);
  CHECK(run.counter("late") == run.counter("lost"));
  run.check_balance();
}

TEST_CASE("the first delivery is timed from the SUBACK or the probe, not over the connect ramp") {
  BrokerProcess broker(kLite);
  const auto run = run_bench(broker.port(), "pair",
                             {"--connect-rate", "20/m", "--warmup", "0s", "--duration", "100ms"});
  CAPTURE(run.end().err);
  CHECK(run.number("/metrics/first_delivery/n") == 1);
  CHECK(std::chrono::nanoseconds(run.number("/metrics/first_delivery/max")) < 3s);
}

TEST_CASE("publishers whose messages are refused fail the run") {
  const TempDir directory;
  BrokerProcess broker(allowing(directory, "topic read load/#\n"));
  const auto run = run_bench(broker.port(), "pub", kBrief + Arguments{"-V", "5"});
  CAPTURE(run.end().err);
  CHECK(run.counter("nacked") == 300);
  CHECK(run.counter("acked") == 0);
  CHECK(contains(run.end().err, "300 x publish refused: Not authorized (0x87)"));
  CHECK(run.code() == 99);
}

TEST_CASE("publishers whose messages are not answered fail the run") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.faults = {{.kind = Kind::drop,
                                               .first = 201,
                                               .count = Fault::kAll,
                                               .type = PacketType::puback}},
                                   .counts = is_load});
  const auto run = run_bench(proxy.port(), "pub", kBrief + Arguments{"--drain", "500ms"});
  CAPTURE(run.end().err);
  CHECK(run.counter("acked") == 200);
  CHECK(run.counter("unacked") == 100);
  CHECK(run.code() == 99);
}

TEST_CASE("publishers that lose their connection come back, and what they owed meanwhile counts") {
  BrokerProcess broker(kLite);
  for (const Kind kind : {Kind::finish, Kind::reset}) {
    CAPTURE(kind == Kind::reset);
    FaultProxy proxy(broker.port(),
                     {.faults = {{.kind = kind, .first = 100, .way = Way::up}}, .counts = is_load});
    const auto run = run_bench(
        proxy.port(), "pub",
        {"-q", "1", "--rate", "1000/s", "--warmup", "0s", "--duration", "3s", "--drain", "5s"});
    CAPTURE(run.end().err);
    run.check_balance();
    CHECK(run.counter("reconnects") == 1);
    CHECK(run.counter("scheduled") == 3000);
    CHECK(run.counter("skipped_offline") > 0);
    CHECK(run.counter("sent") == run.counter("acked"));
    CHECK(run.counter("unacked") == 0);
    CHECK(run.code() == 0);
  }
}
