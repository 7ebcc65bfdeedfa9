#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "tests/support/broker_process.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/raw_connection.hpp"
#include "tests/tools/bench_run.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;
using support::BrokerProcess;
using support::run;
using support::verdict_on;

TEST_CASE("every message of a pair run is accounted for, at each QoS and in each version") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  for (const char* version : {"3.1.1", "5"}) {
    for (const char* qos : {"0", "1", "2"}) {
      CAPTURE(version);
      CAPTURE(qos);
      const Result result =
          run(broker.port(), {"pair", "-c", "3", "--rate", "600/s", "-V", version, "-q", qos,
                              "--warmup", "100ms", "--duration", "200ms", "--drain", "60s"});
      const Counters& counters = result.measure;
      CHECK(result.warm.scheduled == 60);
      CHECK(result.warm.unique == 60);
      CHECK(counters.scheduled == 120);
      CHECK(counters.sent == 120);
      CHECK(counters.acked == (std::string(qos) == "0" ? 0 : 120));
      CHECK(counters.expected == 120);
      CHECK(counters.unique == 120);
      CHECK(counters.lost + counters.duplicates + counters.out_of_order == 0);
      CHECK(result.metrics.e2e.histogram.count() == 120);
      CHECK(result.metrics.send_lag.histogram.count() == 120);
      CHECK(result.metrics.own_lag.histogram.count() == 120);
      CHECK(result.metrics.ack.histogram.count() == counters.acked);
      CHECK(result.metrics.rec.histogram.count() == (std::string(qos) == "2" ? 120 : 0));
      CHECK(result.metrics.e2e_service.histogram.count() <= 120);
      CHECK(result.metrics.e2e_service.histogram.max() <= result.metrics.e2e.histogram.max());
      CHECK(result.metrics.ack_service.histogram.max() <= result.metrics.ack.histogram.max());
      CHECK(result.metrics.first_delivery.histogram.count() == 3);
      CHECK(result.metrics.e2e.histogram.min() > Duration());
      CHECK(result.metrics.connect_total.histogram.count() == 6);
      CHECK(result.metrics.suback.histogram.count() == 3);
      CHECK(verdict_on(result).exit_code == 0);
    }
  }
}

TEST_CASE("--count measures exactly so many messages, over any number of threads") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  for (const char* arrival : {"uniform", "poisson", "burst:50"}) {
    for (const char* threads : {"1", "3"}) {
      CAPTURE(arrival);
      CAPTURE(threads);
      const Result result =
          run(broker.port(),
              {"pair", "-c", "5", "--rate", "1000/s", "--arrival", arrival, "--threads", threads,
               "-q", "1", "--warmup", "33ms", "--count", "150", "--drain", "60s"});
      CHECK(result.measure.scheduled == 150);
      CHECK(result.measure.unique == 150);
    }
  }
}

TEST_CASE(
    "more messages than the window and the socket take wait in the backlog, and none is lost") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto,
                       {"max_queued_messages 0", "max_inflight_messages 0"});
  const Result result =
      run(broker.port(), {"pair", "--rate", "20000/s", "-q", "1", "--inflight", "1", "--warmup",
                          "0s", "--duration", "100ms", "--drain", "60s"});
  CHECK(result.measure.scheduled == 2'000);
  CHECK(result.measure.sent == 2'000);
  CHECK(result.measure.unique == 2'000);
  CHECK(result.metrics.send_lag.histogram.count() == 2'000);
  CHECK(result.metrics.send_lag.histogram.max() >= result.metrics.own_lag.histogram.max());
  CHECK(result.window_full_ns > 0);
}

TEST_CASE("messages above the backlog's limit are skipped and counted") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  const Result result = run(
      broker.port(), {"pub", "--rate", "1000000/s", "-q", "1", "--inflight", "1", "--max-backlog",
                      "10", "--warmup", "0s", "--duration", "100ms", "--drain", "60s"});
  CHECK(result.measure.scheduled == 100'000);
  CHECK(result.measure.skipped_backlog > 0);
  CHECK(result.measure.sent + result.measure.skipped_backlog == 100'000);
  CHECK(result.measure.expected + result.measure.lost == 0);  // Nobody of ours receives.
  CHECK(verdict_on(result).exit_code == 0);
}

TEST_CASE("what left and was never answered is sent and unanswered") {
  support::ScriptedServer broker([](const std::string& packet) -> support::ScriptedServer::Answer {
    return {packet.starts_with('\x10') ? support::from_hex("20 02 00 00") : std::string()};
  });
  const Result result = run(broker.port(), {"pub", "--rate", "1000/s", "-q", "1", "--warmup",
                                            "20ms", "--duration", "50ms", "--drain", "20ms"});
  CHECK(result.measure.scheduled == 50);
  CHECK(result.measure.sent == 50);
  CHECK(result.measure.unacked == 50);
  CHECK(result.warm.unacked == 20);
  CHECK(result.metrics.send_lag.histogram.count() == 50);
  CHECK(result.metrics.ack.histogram.count() == 0);
  CHECK(verdict_on(result).is_valid());
}

TEST_CASE("bursts, chance and ramps put the load on the broker that they promise") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  const auto scheduled = [&](std::vector<std::string> pace) {
    std::vector<std::string> words{"pair",  "-c",      "2",   "--warmup", "0s", "--duration",
                                   "200ms", "--drain", "60s", "--seed",   "5"};
    words.insert(words.end(), pace.begin(), pace.end());
    const Result result = run(broker.port(), words);
    CHECK(result.measure.unique == result.measure.scheduled);
    CHECK(verdict_on(result).exit_code == 0);
    return std::pair(result.warm.scheduled, result.measure.scheduled);
  };
  using Counts = std::pair<std::uint64_t, std::uint64_t>;
  CHECK(scheduled({"--rate", "500/s", "--arrival", "burst:10"}) == Counts(0, 100));
  CHECK(scheduled({"--ramp", "0..500/s:400ms"}) == Counts(100, 100));
  const auto [before, by_chance] = scheduled({"--rate", "500/s", "--arrival", "poisson"});
  CHECK(by_chance > 50);
  CHECK(by_chance < 150);
  CHECK(scheduled({"--rate", "500/s", "--arrival", "poisson"}).second == by_chance);
}

TEST_CASE("in a closed loop answers set the pace, and nothing calls itself end-to-end latency") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  for (const char* qos : {"0", "1", "2"}) {
    CAPTURE(qos);
    const Result result =
        run(broker.port(), {"pair", "-c", "2", "-q", qos, "--loop", "closed", "--warmup", "0s",
                            "--duration", "100ms", "--drain", "60s"});
    const Counters& counters = result.measure;
    CHECK(counters.sent > 0);
    CHECK(counters.scheduled == counters.sent);
    CHECK(counters.expected == counters.sent);
    // At QoS 0 a write is answer enough, and the broker may drop what it has no room for.
    if (std::string(qos) != "0") CHECK(counters.unique == counters.expected);
    CHECK(result.target_rate == 0);
    CHECK(result.metrics.e2e.histogram.count() == 0);
    CHECK(result.metrics.ack.histogram.count() == 0);
    CHECK(result.metrics.e2e_service.histogram.count() == counters.unique);
    CHECK(result.metrics.ack_service.histogram.count() == counters.acked);
    CHECK(verdict_on(result).exit_code == 0);
  }
}

TEST_CASE("a terminal that hangs up ends a run as SIGTERM does, unless that is to be ignored") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  const std::vector<std::string> words{
      "pair",     "-h", "127.0.0.1",  "-p",  std::to_string(broker.port()),
      "--warmup", "0s", "--duration", "50ms"};
  Options options;
  REQUIRE(cli::parse(describe(options), words).has_value());
  Workload ended(options, read_environment(), support::patient_time);
  for (int i = 0; i < 2; ++i) std::raise(SIGHUP);
  const Result result = ended.run();
  CHECK(result.signal == SIGTERM);
  CHECK(result.phases.back().name == "close");
}

TEST_CASE("a terminal that hangs up does not end a run under nohup") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  Options options;
  const std::vector<std::string> words{
      "pair",     "-h", "127.0.0.1",  "-p",  std::to_string(broker.port()),
      "--warmup", "0s", "--duration", "50ms"};
  REQUIRE(cli::parse(describe(options), words).has_value());
  const auto before = std::signal(SIGHUP, SIG_IGN);
  {
    Workload workload(options, read_environment(), support::patient_time);
    std::raise(SIGHUP);
    CHECK_FALSE(workload.run().signal.has_value());
  }
  std::signal(SIGHUP, before);
}

TEST_CASE("a conn run connects all clients at its rate and holds them") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  const Result result =
      run(broker.port(), {"conn", "-c", "50", "--rate", "1000/s", "--hold", "50ms"});
  CHECK(result.connected == 50);
  CHECK(result.online_at_end == 50);
  CHECK(result.metrics.connect_total.histogram.count() == 50);
  CHECK(result.metrics.tcp.histogram.count() == 50);
  CHECK(result.metrics.connack.histogram.count() == 50);
  CHECK(result.metrics.tcp.histogram.mean() + result.metrics.connack.histogram.mean() <=
        result.metrics.connect_total.histogram.mean());
  CHECK(result.metrics.connack.histogram.min() > Duration());
  CHECK(verdict_on(result).exit_code == 0);
}

TEST_CASE("several threads share the clients, and each message is accounted for all the same") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  const Result result =
      run(broker.port(), {"pair", "-c", "5", "--rate", "1000/s", "-q", "1", "--threads", "3",
                          "--warmup", "100ms", "--duration", "200ms", "--drain", "60s"});
  CHECK(result.threads.size() == 3);
  CHECK(result.connected == 10);
  CHECK(result.online_at_end == 10);
  CHECK(result.subscriptions_proven == 5);
  CHECK(result.warm.unique == 100);
  CHECK(result.measure.scheduled == 200);
  CHECK(result.measure.acked == 200);
  CHECK(result.measure.expected == 200);
  CHECK(result.measure.unique == 200);
  CHECK(result.metrics.e2e.histogram.count() == 200);
  CHECK(verdict_on(result).exit_code == 0);
}

TEST_CASE("a conn run of several threads connects every client once") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  const Result result = run(
      broker.port(), {"conn", "-c", "20", "--rate", "1000/s", "--threads", "2", "--hold", "50ms"});
  CHECK(result.threads.size() == 2);
  CHECK(result.connected == 20);
  CHECK(result.online_at_end == 20);
  CHECK(result.metrics.connect_total.histogram.count() == 20);
  CHECK(verdict_on(result).exit_code == 0);
}

TEST_CASE("where nobody listens no client connects, which exits 3 and names the reason") {
  const Result result = run(support::free_port(), {"pair", "--duration", "1s"});
  CHECK(result.connected == 0);
  REQUIRE(result.errors.size() == 1);
  CHECK(result.errors.begin()->first.contains("connection refused"));
  CHECK(result.errors.begin()->second == 2);
  CHECK(verdict_on(result).exit_code == 3);
}
