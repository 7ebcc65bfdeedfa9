// Keep alive as the server watches it. These tests take the seconds that they are about.

#include <chrono>

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kOneAndAHalf(1500);

}  // namespace

TEST_CASE_TEMPLATE(
    "after one and a half keep alive periods of silence the client is cut as if the network had "
    "failed [3.1.1:MQTT-3.1.2-24] [5.0:MQTT-3.1.2-22] [5.0:MQTT-3.2.2-22]",
    V, V311, V50) {
  const std::string id = unique("silent");
  Peer watcher = connected(V::level);
  watcher.subscribe(id, 0);
  Peer never(V::level);
  never.connect({.client_id = unique("never"), .keep_alive = 0});
  Peer patient(V::level);
  patient.connect({.client_id = unique("patient"), .keep_alive = 600});

  Peer silent(V::level);
  const auto start = Clock::now();
  const auto connack = silent.connect({.client_id = id, .keep_alive = 1, .will = {{.topic = id}}});
  if (V::level == Level::v5_0) REQUIRE_FALSE(connack.property(0x13));
  const auto last = silent.read();
  CHECK(Clock::now() - start >= kOneAndAHalf);
  if (V::level == Level::v3_1_1) CHECK(last.type == 0);
  if (last.type != 0) CHECK(last.reason_code == 0x8D);
  CHECK(silent.is_closed());
  CHECK(watcher.read().payload == "will");
  CHECK(never.is_alive());
  CHECK(patient.is_alive());
}

TEST_CASE("the server's own keep alive is announced and enforced [5.0:MQTT-3.2.2-22]") {
  if (!can_start_own_broker("needs --max-keepalive")) return;
  const support::BrokerProcess broker(support::BrokerProcess::Kind::mq_broker_lite,
                                      {"--max-keepalive", "1"});
  Peer client(Level::v5_0, broker.port());
  const auto start = Clock::now();
  const auto connack = client.connect({.client_id = unique("told"), .keep_alive = 600});
  CHECK(connack.property(0x13) == wire::two_bytes(1));
  const auto last = client.read();
  CHECK(last.type == 14);
  CHECK(last.reason_code == 0x8D);
  CHECK(Clock::now() - start >= kOneAndAHalf);
  CHECK(client.is_closed());
}
