// The CONNECT packet: its form, and what becomes of one that has another.

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

/// A CONNECT with these flags, whatever they say, and this behind the client id.
std::string connect_with(Level level, unsigned flags, std::string_view payload = {}) {
  return wire::packet(0x10, wire::field("MQTT") + wire::byte(static_cast<unsigned>(level)) +
                                wire::byte(flags) + wire::two_bytes(0) + wire::properties(level) +
                                wire::field(unique("form")) + std::string(payload));
}

/// What a will is in the payload.
std::string will_fields(Level level) {
  return wire::properties(level) + wire::field("will/topic") + wire::field("payload");
}

void check_accepts(Level level, std::string_view packet) {
  Peer peer(level);
  const wire::Received connack = peer.request(packet);
  CHECK(connack.type == 2);
  CHECK(connack.reason_code == 0);
  CHECK(peer.is_alive());
}

}  // namespace

TEST_CASE_TEMPLATE("another protocol name is not served as MQTT [MQTT-3.1.2-1]", V, V311, V50) {
  for (const std::string name : {"MQTX", "mqtt", "MQTTT", "MQT", ""}) {
    Peer peer(V::level);
    const auto answer =
        peer.request(wire::connect(V::level, {.client_id = unique("name"), .protocol_name = name}));
    CHECK(peer.is_closed());
    if (answer.type == 0) continue;
    CHECK(answer.type == 2);
    if (V::level == Level::v5_0)
      CHECK(answer.reason_code == 0x84);
    else
      CHECK(answer.reason_code != 0);
  }
}

TEST_CASE("3.1.1 is told of an unknown protocol level by return code 1 [3.1.1:MQTT-3.1.2-2]") {
  for (const unsigned level : {0U, 2U, 3U, 0x7FU}) {
    Peer peer(Level::v3_1_1);
    const auto answer = peer.request(
        wire::connect(Level::v3_1_1, {.client_id = unique("level"), .protocol_level = level}));
    // A server of 5.0 may take a later level for a version after it.
    if (level > 5)
      CHECK((answer.bytes == wire::hex("20 02 00 01") ||
             answer.bytes == wire::hex("20 03 00 84 00")));
    else
      CHECK(answer.bytes == wire::hex("20 02 00 01"));
    CHECK(peer.is_closed());
  }
}

TEST_CASE("5.0 may say 0x84 of an unknown protocol version and closes [5.0:MQTT-3.1.2-2]") {
  Peer peer(Level::v5_0);
  const auto answer =
      peer.request(wire::connect(Level::v5_0, {.client_id = unique("level"), .protocol_level = 6}));
  CHECK(peer.is_closed());
  if (answer.type == 0) return;
  CHECK(answer.type == 2);
  // What a server of 3.1.1 says of it is understood as well.
  CHECK((answer.reason_code == 0x84 || answer.bytes == wire::hex("20 02 00 01")));
}

TEST_CASE_TEMPLATE("the reserved connect flag is 0 [MQTT-3.1.2-3]", V, V311, V50) {
  check_accepts(V::level, connect_with(V::level, 0x02));
  check_refuses_malformed(V::level, connect_with(V::level, 0x03));
}

TEST_CASE_TEMPLATE(
    "with the will flag the will's fields are there [3.1.1:MQTT-3.1.2-9] [5.0:MQTT-3.1.2-9]", V,
    V311, V50) {
  check_accepts(V::level, connect_with(V::level, 0x06, will_fields(V::level)));
  check_refuses_malformed(V::level, connect_with(V::level, 0x06));
  const std::string without_payload = wire::properties(V::level) + wire::field("will/topic");
  check_refuses_malformed(V::level, connect_with(V::level, 0x06, without_payload));
}

TEST_CASE_TEMPLATE(
    "without the will flag will QoS is 0 and the will's fields are not there [MQTT-3.1.2-11] "
    "[3.1.1:MQTT-3.1.2-13]",
    V, V311, V50) {
  check_refuses_malformed(V::level, connect_with(V::level, 0x0A));
  check_refuses_malformed(V::level, connect_with(V::level, 0x12));
  check_refuses_malformed(V::level, connect_with(V::level, 0x02, will_fields(V::level)));
}

TEST_CASE_TEMPLATE(
    "without the will flag will retain is 0 [3.1.1:MQTT-3.1.2-15] [5.0:MQTT-3.1.2-13]", V, V311,
    V50) {
  check_refuses_malformed(V::level, connect_with(V::level, 0x22));
}

TEST_CASE_TEMPLATE("will QoS 3 does not exist [3.1.1:MQTT-3.1.2-14] [5.0:MQTT-3.1.2-12]", V, V311,
                   V50) {
  check_refuses_malformed(V::level, connect_with(V::level, 0x1E, will_fields(V::level)));
}

TEST_CASE_TEMPLATE(
    "the user name is there exactly when its flag is 1 [3.1.1:MQTT-3.1.2-18] "
    "[3.1.1:MQTT-3.1.2-19] [5.0:MQTT-3.1.2-16] [5.0:MQTT-3.1.2-17]",
    V, V311, V50) {
  check_accepts(V::level, connect_with(V::level, 0x82, wire::field("user")));
  check_refuses_malformed(V::level, connect_with(V::level, 0x02, wire::field("user")));
  check_refuses_malformed(V::level, connect_with(V::level, 0x82));
}

TEST_CASE_TEMPLATE(
    "the password is there exactly when its flag is 1 [3.1.1:MQTT-3.1.2-20] "
    "[3.1.1:MQTT-3.1.2-21] [5.0:MQTT-3.1.2-18] [5.0:MQTT-3.1.2-19]",
    V, V311, V50) {
  const std::string user = wire::field("user");
  check_accepts(V::level, connect_with(V::level, 0xC2, user + wire::field("pass")));
  check_refuses_malformed(V::level, connect_with(V::level, 0x82, user + wire::field("pass")));
  check_refuses_malformed(V::level, connect_with(V::level, 0xC2, user));
}

TEST_CASE("3.1.1 knows no password without a user name [3.1.1:MQTT-3.1.2-22]") {
  check_refuses_malformed(Level::v3_1_1,
                          connect_with(Level::v3_1_1, 0x42, wire::field("password")));
}

TEST_CASE("5.0 allows a password without a user name [5.0:MQTT-3.1.2-19]") {
  check_accepts(Level::v5_0, connect_with(Level::v5_0, 0x42, wire::field("password")));
}

TEST_CASE_TEMPLATE("the payload's fields are taken in their order [MQTT-3.1.3-1]", V, V311, V50) {
  const std::string topic = unique("order/will");
  const wire::ConnectFields all{.client_id = unique("order"),
                                .will = {{.topic = topic, .payload = "the payload", .qos = 1}},
                                .username = "user",
                                .password = std::string("pass\0word", 9)};
  Peer watcher = connected(V::level);
  watcher.subscribe(topic, 1);
  Peer client(V::level);
  client.connect(all);
  // The first field is the client id: another connection under it takes over.
  Peer same(V::level);
  same.connect(all.client_id);
  CHECK(client.is_closed());
  const auto will = watcher.read();
  CHECK(will.topic == topic);
  CHECK(will.payload == "the payload");
  CHECK(will.qos == 1);
}

TEST_CASE_TEMPLATE("a CONNECT has a client id [MQTT-3.1.3-3]", V, V311, V50) {
  check_refuses_malformed(
      V::level,
      wire::packet(0x10, wire::field("MQTT") + wire::byte(static_cast<unsigned>(V::level)) +
                             wire::hex("02 0000") + wire::properties(V::level)));
}

TEST_CASE_TEMPLATE(
    "a CONNECT of another form ends the connection, in 3.1.1 without a CONNACK "
    "[MQTT-3.1.4-1] [3.1.1:MQTT-3.2.2-6]",
    V, V311, V50) {
  const std::string good = connect_with(V::level, 0x02);
  const std::string body = good.substr(2);
  for (std::size_t size = 0; size < body.size(); ++size)  // cut short
    check_refuses_malformed(V::level, wire::packet(0x10, body.substr(0, size)), 0);
  check_refuses_malformed(V::level, wire::packet(0x10, body + "x"));
  check_accepts(V::level, good);
}

TEST_CASE_TEMPLATE("a will topic has no wildcard [MQTT-3.1.4-1]", V, V311, V50) {
  for (const std::string topic : {"a/#", "+", ""})
    check_refuses_malformed(
        V::level,
        wire::connect(V::level, {.client_id = unique("will"), .will = {{.topic = topic}}}), 0);
}
