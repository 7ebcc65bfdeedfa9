#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/broker_process.hpp"
#include "tests/tools/bench_run.hpp"

using namespace mq_bench;
using support::BrokerProcess;
using support::run;
using support::verdict_on;

namespace {

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Nothing was lost, doubled or taken for something else, and the run says so.
void check_clean(const Result& result) {
  CHECK(result.measure.expected == result.measure.unique);
  CHECK(result.measure.lost + result.measure.duplicates == 0);
  CHECK(result.corrupt + result.foreign == 0);
  CHECK(result.errors.empty());
  CHECK(verdict_on(result).exit_code == 0);
}

}  // namespace

TEST_CASE("every message of a fan reaches each of its receivers, shared subscriptions once") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  const auto check_fan = [&](std::vector<std::string> fan, std::uint64_t receivers_of_each) {
    CAPTURE(fan.front());
    const Result result =
        run(broker.port(), with(fan, {"-V", "5", "-q", "1", "--rate", "500/s", "--warmup", "100ms",
                                      "--duration", "200ms", "--drain", "60s"}));
    CHECK(result.warm.unique == 50 * receivers_of_each);
    CHECK(result.measure.scheduled == 100);
    CHECK(result.measure.unique == 100 * receivers_of_each);
    check_clean(result);
  };
  check_fan({"fanout", "--pub", "3", "--sub", "4"}, 4);
  check_fan({"fanin", "--pub", "7", "--sub", "2"}, 1);
  check_fan({"fanin", "--pub", "7", "--sub", "4", "--share", "g"}, 1);
  check_fan({"fanin", "--pub", "7", "--sub", "6", "--share", "g", "--members", "2"}, 1);
  check_fan({"pair", "-c", "3", "-t", "x/%i/a/b", "--filter", "+/%i/#", "--decoys", "5"}, 1);
}

TEST_CASE("in echo mode every message comes back to its sender, who times the round trip alone") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"-V", "3.1.1"},
        {"-V", "5", "-s", "4", "--threads", "2"}}) {  // The header is a user property.
    const Result result =
        run(broker.port(), with({"pair", "--mode", "echo", "-c", "3", "-q", "1", "--rate", "500/s",
                                 "--warmup", "100ms", "--duration", "200ms", "--drain", "60s"},
                                more));
    CHECK(result.warm.unique == 50);
    CHECK(result.measure.unique == 100);
    CHECK(result.metrics.rtt.histogram.count() == 100);
    CHECK(result.metrics.e2e.histogram.count() == 0);
    CHECK(result.connected == 9);
    CHECK(result.subscriptions_proven == 6);
    check_clean(result);
  }
}

TEST_CASE("a fan over several threads keeps its books") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  for (const char* mode : {"fanout", "fanin"}) {
    const Result result =
        run(broker.port(), {mode, "--pub", "5", "--sub", "3", "--threads", "3", "-q", "1", "--rate",
                            "500/s", "--warmup", "0s", "--duration", "200ms", "--drain", "60s"});
    CHECK(result.measure.scheduled == 100);
    check_clean(result);
  }
}

TEST_CASE("after a storm all victims are back, in their sessions, and miss nothing") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  for (const char* version : {"3.1.1", "5"}) {
    CAPTURE(version);
    const Result result =
        run(broker.port(),
            {"storm",     "-c",       "8",     "--kill",     "50%",   "--back",  "200ms",
             "--session", "1h",       "-V",    version,      "-q",    "1",       "--rate",
             "400/s",     "--warmup", "100ms", "--duration", "400ms", "--drain", "60s"});
    CHECK(result.departures == 4);
    CHECK(result.returns == 4);
    CHECK(result.resumed == 4);
    CHECK(result.reconnects == 4);
    CHECK(result.metrics.reconnect.histogram.count() == 4);
    CHECK(result.measure.scheduled == 160);
    CHECK(result.measure.expected == 160);
    CHECK(result.measure.lost == 0);
    CHECK(result.online_at_end == 16);
    CHECK(verdict_on(result).exit_code == 0);
  }
}

TEST_CASE("a storm without a rate is one of subscribers alone") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  const Result result = run(broker.port(), {"storm", "-c", "20", "--back", "100ms", "--warmup",
                                            "50ms", "--duration", "200ms"});
  CHECK(result.departures == 20);
  CHECK(result.returns == 20);
  CHECK(result.resumed == 0);
  CHECK(result.publishers == 0);
  CHECK(verdict_on(result).exit_code == 0);
}

TEST_CASE("connections that churn leave and come back, and all are held at the end") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  const Result result = run(broker.port(), {"conn", "-c", "10", "--rate", "1000/s", "--churn",
                                            "100/s", "--hold", "300ms"});
  CHECK(result.departures >= 25);
  CHECK(result.departures <= 30);
  CHECK(result.returns == result.departures);
  CHECK(result.online_at_end == 10);
  CHECK(result.errors.empty());
  CHECK(verdict_on(result).exit_code == 0);
}

TEST_CASE("everybody who comes gets every retained message, and none is left behind") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto, {"max_queued_messages 0"});
  const std::vector<std::string> words{
      "retained", "--topics", "200",        "--sub", "3",       "--rate", "5000/s", "-q",     "1",
      "--warmup", "0s",       "--duration", "200ms", "--drain", "60s",    "-t",     "kept/%i"};
  const Result result = run(broker.port(), words);
  CHECK(result.target_rate == 0);
  CHECK(result.warm.sent == 200);
  CHECK(result.warm.acked == 200);
  CHECK(result.measure.expected == 600);
  CHECK(result.connected == 4);
  CHECK(result.metrics.first_delivery.histogram.count() == 3);
  check_clean(result);
  const Result again = run(broker.port(), {"sub", "-t", "kept/#", "--duration", "200ms"});
  CHECK(again.received + again.foreign == 0);
}

TEST_CASE("when clients die every will arrives once, with its latency") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto, {"max_queued_messages 0"});
  const Result result =
      run(broker.port(), {"wills", "-c", "40", "--sub", "2", "-q", "1", "--warmup", "50ms",
                          "--duration", "100ms", "--drain", "60s"});
  CHECK(result.departures == 40);
  CHECK(result.returns == 0);
  CHECK(result.measure.expected == 80);
  CHECK(result.metrics.e2e.histogram.count() == 80);
  check_clean(result);
}
