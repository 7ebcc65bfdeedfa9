// How CONNECT is answered: acceptance, refusals, Session Present.

#include <algorithm>
#include <array>

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

/// A well-formed CONNECT that no server can accept: 3.1.1 has no empty client id with a session
/// that stays, 5.0 no way to follow an authentication method that does not exist.
std::string unacceptable(Level level, const std::string& client_id = unique("refused")) {
  if (level == Level::v3_1_1) return wire::connect(level, {.client_id = "", .clean = false});
  return wire::connect(level, {.client_id = client_id,
                               .clean = false,
                               .properties = wire::property(0x15, wire::field("no such method"))});
}

/// A session that is stored and not connected.
std::string stored_session(Level level) {
  const std::string client_id = unique("stored");
  Peer peer(level);
  wire::ConnectFields fields{.client_id = client_id, .clean = false};
  if (level == Level::v5_0) fields.properties = wire::property(0x11, wire::four_bytes(600));
  peer.connect(fields);
  peer.disconnect();
  return client_id;
}

/// The reason codes that 5.0 has for CONNACK (3.2.2.2).
bool is_connack_code(unsigned code) {
  constexpr std::array kCodes = {0x00U, 0x80U, 0x81U, 0x82U, 0x83U, 0x84U, 0x85U, 0x86U,
                                 0x87U, 0x88U, 0x89U, 0x8AU, 0x8CU, 0x90U, 0x95U, 0x97U,
                                 0x99U, 0x9AU, 0x9BU, 0x9CU, 0x9DU, 0x9FU};
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

}  // namespace

TEST_CASE_TEMPLATE(
    "a good CONNECT is answered with CONNACK and code 0 [3.1.1:MQTT-3.1.4-4] [5.0:MQTT-3.1.4-5]", V,
    V311, V50) {
  Peer peer(V::level);
  const auto connack = peer.request(wire::connect(V::level, {.client_id = unique("good")}));
  CHECK(connack.bytes.substr(0, 1) == wire::hex("20"));
  CHECK(connack.bytes.substr(2, 2) == wire::hex("00 00"));
  CHECK(peer.is_alive());
}

TEST_CASE_TEMPLATE(
    "a refused client is told so and cut off [3.1.1:MQTT-3.2.2-5] [5.0:MQTT-3.2.2-7] "
    "[5.0:MQTT-3.1.4-2]",
    V, V311, V50) {
  Peer peer(V::level);
  const auto connack = peer.request(unacceptable(V::level));
  CHECK(peer.is_closed());
  if (V::level == Level::v3_1_1) CHECK(connack.bytes == wire::hex("20 02 00 02"));
  if (connack.type != 0) CHECK(connack.reason_code != 0);
}

TEST_CASE_TEMPLATE(
    "what a refused client sent behind its CONNECT is not looked at [3.1.1:MQTT-3.1.4-5] "
    "[5.0:MQTT-3.1.4-6]",
    V, V311, V50) {
  const std::string topic = unique("refused/topic");
  Peer watcher = connected(V::level);
  watcher.subscribe(topic, 0);
  const std::string message =
      wire::publish(V::level, {.topic = topic, .payload = "unheard", .retain = true});
  // Not even a CONNECT that would be accepted.
  const std::string good = wire::connect(V::level, {.client_id = unique("second-try")});
  for (const std::string& more : {message, good + message}) {
    Peer refused(V::level);
    refused.send(unacceptable(V::level) + more);
    for (auto answer = refused.read(); answer.type != 0; answer = refused.read())
      CHECK(answer.reason_code != 0);
    CHECK(refused.is_closed());
  }
  CHECK(watcher.pending().empty());
  watcher.subscribe(topic, 0);
  CHECK(watcher.pending().empty());
}

TEST_CASE_TEMPLATE(
    "a refusal carries Session Present 0, session or not [3.1.1:MQTT-3.2.2-4] [5.0:MQTT-3.2.2-6] "
    "[5.0:MQTT-3.2.2-1]",
    V, V311, V50) {
  const std::string client_id = stored_session(V::level);
  const std::string by_version =
      wire::connect(V::level, {.client_id = client_id, .clean = false, .protocol_level = 3});
  for (const std::string& packet : {by_version, unacceptable(V::level, client_id)}) {
    Peer peer(V::level);
    const auto connack = peer.request(packet);
    CHECK(peer.is_closed());
    if (connack.type == 0) continue;
    CHECK(connack.type == 2);
    CHECK(connack.bytes[2] == 0);
    CHECK(connack.bytes[3] != 0);
  }
  // The session was there all the time.
  Peer peer(V::level);
  CHECK(peer.connect(client_id, false).session_present);
}

TEST_CASE_TEMPLATE(
    "Session Present is 1 when a session is resumed, with no other flag set [3.1.1:MQTT-3.2.2-2] "
    "[5.0:MQTT-3.2.2-3] [5.0:MQTT-3.2.2-1]",
    V, V311, V50) {
  Peer peer(V::level);
  const auto connack = peer.connect(stored_session(V::level), false);
  CHECK(connack.bytes[2] == 1);
}

TEST_CASE_TEMPLATE("Session Present is 0 when there is no session to resume [MQTT-3.2.2-3]", V,
                   V311, V50) {
  Peer peer(V::level);
  CHECK(peer.connect(unique("new"), false).bytes[2] == 0);
}

TEST_CASE_TEMPLATE(
    "Session Present is 0 after a clean start [3.1.1:MQTT-3.2.2-1] [5.0:MQTT-3.2.2-2]", V, V311,
    V50) {
  Peer peer(V::level);
  CHECK(peer.connect(stored_session(V::level), true).bytes[2] == 0);
}

TEST_CASE_TEMPLATE("CONNACK is the first packet from the server [MQTT-3.2.0-1]", V, V311, V50) {
  const std::string client_id = unique("first");
  const std::string topic = unique("first/topic");
  wire::ConnectFields fields{.client_id = client_id, .clean = false};
  if (V::level == Level::v5_0) fields.properties = wire::property(0x11, wire::four_bytes(600));
  Peer client(V::level);
  client.connect(fields);
  client.subscribe(topic, 1);
  client.disconnect();
  Peer publisher = connected(V::level);
  publisher.publish({.topic = topic, .payload = "waits"});

  // Neither what waits nor what is asked before CONNACK comes overtakes it.
  Peer back(V::level);
  back.send(wire::connect(V::level, fields) + wire::pingreq());
  CHECK(back.read().type == 2);
  bool has_message = false;
  for (unsigned answers = 0; answers < 2; ++answers)
    if (back.read().type == 3) has_message = true;
  CHECK(has_message);
}

TEST_CASE("there is one CONNACK on a connection [5.0:MQTT-3.2.0-2]") {
  Peer peer = connected(Level::v5_0);
  peer.subscribe(unique("once"), 0);
  CHECK(peer.pending().empty());
  // Not even after a mistake that an answer would fit.
  peer.send(wire::connect(Level::v5_0, {.client_id = unique("again")}));
  for (auto packet = peer.read(); packet.type != 0; packet = peer.read()) CHECK(packet.type != 2);
}

TEST_CASE("CONNACK carries codes of its own table only [5.0:MQTT-3.2.2-8]") {
  constexpr auto kLevel = Level::v5_0;
  const std::string id = unique("codes");
  const wire::ConnectFields wild{.client_id = id, .will = {{.topic = "a/#"}}};
  const std::string bad_text = wire::property(0x26, wire::field("\xFF") + wire::field(""));
  const std::vector<std::string> attempts = {
      wire::connect(kLevel, {.client_id = id}),
      wire::connect(kLevel, {.client_id = id, .more_flags = 1}),
      wire::connect(kLevel, {.client_id = id, .protocol_level = 6}),
      wire::connect(kLevel, {.client_id = id, .properties = bad_text}),
      wire::connect(kLevel, {.client_id = id, .properties = wire::hex("21 0000")}),
      wire::connect(kLevel, {.client_id = id, .properties = wire::hex("23 0001")}),
      wire::connect(kLevel, {.client_id = id, .properties = wire::hex("7F 00")}),
      wire::connect(kLevel, wild),
      unacceptable(kLevel),
  };
  for (const std::string& attempt : attempts) {
    Peer peer(kLevel);
    const auto answer = peer.request(attempt);
    // Which version a server answers that does not know the one asked for is its own choice.
    if (answer.type == 0 || answer.bytes == wire::hex("20 02 00 01")) continue;
    CHECK(answer.type == 2);
    CHECK(is_connack_code(answer.reason_code));
  }
}

TEST_CASE(
    "neither Reason String nor User Property takes CONNACK over the client's limit "
    "[5.0:MQTT-3.2.2-19] [5.0:MQTT-3.2.2-20]") {
  for (const bool is_refused : {false, true}) {
    Peer peer(Level::v5_0);
    // Enough for any server's other properties, but not for words.
    const unsigned limit = is_refused ? 8 : 60;
    std::string properties = wire::property(0x27, wire::four_bytes(limit));
    if (is_refused) properties += wire::property(0x15, wire::field("no such method"));
    const auto connack = peer.request(
        wire::connect(Level::v5_0, {.client_id = unique("tight"), .properties = properties}));
    CHECK(connack.bytes.size() <= limit);
    CHECK((connack.reason_code != 0) == (is_refused && connack.type != 0));
  }
}

TEST_CASE("the limits of a server are told and kept [5.0:MQTT-3.2.2-9] [5.0:MQTT-3.2.2-10]") {
  if (!can_start_own_broker("needs --max-qos")) return;
  const support::BrokerProcess broker(support::BrokerProcess::Kind::mq_broker_lite,
                                      {"--max-qos", "1"});
  Peer peer(Level::v5_0, broker.port());
  CHECK(peer.connect(unique("modest")).property(0x24) == wire::byte(1));
  for (const unsigned qos : {0U, 1U, 2U})
    CHECK(peer.subscribe("t" + std::to_string(qos), qos) == std::min(qos, 1U));
  // And an older client, which can't be told.
  Peer old(Level::v3_1_1, broker.port());
  old.connect(unique("modest"));
  CHECK(old.subscribe("t", 2) == 1);
}

TEST_CASE("a server of all three QoS says nothing of a maximum [5.0:MQTT-3.2.2-9]") {
  if (!can_start_own_broker("others may have a maximum")) return;
  Peer peer(Level::v5_0);
  CHECK_FALSE(peer.connect(unique("whole")).property(0x24));
}

TEST_CASE("a will above Maximum QoS is refused with 0x9B [5.0:MQTT-3.2.2-12]") {
  if (!can_start_own_broker("needs --max-qos")) return;
  const support::BrokerProcess broker(support::BrokerProcess::Kind::mq_broker_lite,
                                      {"--max-qos", "1"});
  Peer peer(Level::v5_0, broker.port());
  const auto connack = peer.request(wire::connect(
      Level::v5_0, {.client_id = unique("will"), .will = {{.topic = "t", .qos = 2}}}));
  CHECK(connack.reason_code == 0x9B);
  CHECK(peer.is_closed());
  Peer within(Level::v5_0, broker.port());
  within.connect({.client_id = unique("will"), .will = {{.topic = "t", .qos = 1}}});
}

TEST_CASE("a retained will is refused with 0x9A where nothing is retained [5.0:MQTT-3.2.2-13]") {
  if (!can_start_own_broker("needs --retain-available")) return;
  const support::BrokerProcess broker(support::BrokerProcess::Kind::mq_broker_lite,
                                      {"--retain-available", "false"});
  Peer peer(Level::v5_0, broker.port());
  const auto connack = peer.request(wire::connect(
      Level::v5_0, {.client_id = unique("will"), .will = {{.topic = "t", .retain = true}}}));
  CHECK(connack.reason_code == 0x9A);
  CHECK(peer.is_closed());
  Peer within(Level::v5_0, broker.port());
  const auto welcome = within.connect({.client_id = unique("will"), .will = {{.topic = "t"}}});
  CHECK(welcome.property(0x25) == wire::byte(0));
}
