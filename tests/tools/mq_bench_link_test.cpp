// What mq-bench does when connections, acknowledgements or sessions fail.

#include <doctest/doctest.h>

#include <atomic>
#include <string>

#include "tests/support/broker_process.hpp"
#include "tests/support/proxy.hpp"
#include "tests/support/raw_connection.hpp"
#include "tests/tools/bench_run.hpp"

using namespace mq_bench;
using support::BrokerProcess;
using support::from_hex;
using support::Proxy;
using support::run;
using support::verdict_on;

namespace {

/// PUBACK for a PUBLISH of QoS 1, to the topic "t", that is shorter than 128 bytes.
std::string puback_for(const std::string& publish) {
  constexpr std::size_t kPacketId = 2 + 2 + 1;
  return from_hex("40 02") + publish.substr(kPacketId, 2);
}

}  // namespace

TEST_CASE("a publisher whose acknowledgement does not come connects anew and sends again") {
  std::atomic<int> connects{0};
  support::ScriptedServer broker([&](const std::string& packet) -> support::ScriptedServer::Answer {
    switch (packet[0] >> 4 & 0x0F) {
      case 1:
        ++connects;
        return {from_hex("20 02 00 00")};
      case 3:
        return {connects > 1 ? puback_for(packet) : std::string()};
      default:
        return {};
    }
  });
  const Result result =
      run(broker.port(),
          {"pub", "-t", "t", "-s", "16", "-q", "1", "--rate", "1000/s", "--ack-timeout", "50ms",
           "--reconnect", "10ms", "--warmup", "0s", "--duration", "200ms", "--drain", "60s"});
  CHECK(result.ack_timeouts == 1);
  CHECK(result.reconnects == 1);
  CHECK(result.measure.scheduled == 200);
  CHECK(result.measure.acked == result.measure.sent);
  CHECK(result.measure.sent + result.measure.skipped_offline == 200);
  CHECK(result.errors.size() == 1);
  CHECK(result.errors.begin()->first.ends_with("an acknowledgement is missing"));
}

TEST_CASE("messages due while a client is offline are skipped, or wait with --offline queue") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  for (const char* offline : {"skip", "queue"}) {
    CAPTURE(offline);
    Proxy proxy(broker.port());
    proxy.reset_at({2'000});
    const Result result = run(
        proxy.port(), {"pub", "-q", "1", "--rate", "10000/s", "--offline", offline, "--reconnect",
                       "50ms", "--warmup", "0s", "--duration", "300ms", "--drain", "60s"});
    const Counters& counters = result.measure;
    CHECK(result.reconnects == 1);
    CHECK(counters.scheduled == 3'000);
    CHECK(counters.sent == counters.acked);
    CHECK(counters.sent + counters.skipped_offline == 3'000);
    CHECK((counters.skipped_offline > 0) == (std::string(offline) == "skip"));
    CHECK(verdict_on(result).is_valid());
  }
}

TEST_CASE("with a session, what is published to a subscriber that is offline is owed to it") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto, {"max_queued_messages 0"});
  for (const char* version : {"3.1.1", "5"}) {
    CAPTURE(version);
    Proxy proxy(broker.port());
    proxy.reset_at({20'000});
    const Result result =
        run(proxy.port(), {"pair", "-V", version, "-q", "1", "--rate", "2000/s", "--session", "1h",
                           "--offline", "queue", "--reconnect", "50ms", "--warmup", "0s",
                           "--duration", "300ms", "--drain", "60s"});
    CHECK(result.reconnects == 2);
    CHECK(result.measure.scheduled == 600);
    CHECK(result.measure.expected == 600);
    CHECK(result.measure.unique == 600);
    CHECK(verdict_on(result).exit_code == 0);
  }
}

TEST_CASE("clients connect from the local addresses that --bind names") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  const Result result = run(broker.port(), {"conn", "-c", "8", "--rate", "1000/s", "--hold", "10ms",
                                            "--bind", "127.0.0.2-127.0.0.5"});
  CHECK(result.connected == 8);
  const Result failed = run(broker.port(), {"conn", "--hold", "10ms", "--bind", "192.0.2.1"});
  REQUIRE(failed.errors.size() == 1);
  CHECK(failed.errors.begin()->first.starts_with("bind 192.0.2.1: "));
}
