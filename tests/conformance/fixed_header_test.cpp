// The flags of the fixed header, and bytes that come in any pieces.

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

/// Every packet that a client may send to an open connection that goes on, apart from PUBLISH.
std::vector<std::string> good_packets(Level level) {
  return {
      wire::ack(0x40, 9),
      wire::ack(0x50, 9),
      wire::ack(0x62, 9),
      wire::ack(0x70, 9),
      wire::subscribe(level, 1, {{"t", 0}}),
      wire::unsubscribe(level, 2, {"t"}),
      wire::pingreq(),
  };
}

std::string with_flags(std::string packet, unsigned flags) {
  packet[0] = static_cast<char>((static_cast<unsigned char>(packet[0]) & 0xF0U) | flags);
  return packet;
}

unsigned flags_of(const std::string& packet) {
  return static_cast<unsigned char>(packet[0]) & 0x0FU;
}

}  // namespace

TEST_CASE_TEMPLATE(
    "other flags than the fixed ones end the connection [3.1.1:MQTT-2.2.2-2] [5.0:MQTT-2.1.3-1]", V,
    V311, V50) {
  for (const std::string& packet : good_packets(V::level)) {
    INFO(support::to_hex(packet));
    Peer peer = connected(V::level);
    peer.send(packet);
    peer.pending();  // it is alive
    for (unsigned flags = 0; flags < 16; ++flags)
      if (flags != flags_of(packet))
        check_ends_connection(V::level, with_flags(packet, flags), is_our_broker() ? 0x81 : 0);
  }
  const std::string connect = wire::connect(V::level, {.client_id = unique("flags")});
  for (unsigned flags = 1; flags < 16; ++flags)
    check_refuses_malformed(V::level, with_flags(connect, flags));
}

TEST_CASE_TEMPLATE(
    "a DISCONNECT with flags is none: the will is published [3.1.1:MQTT-2.2.2-2] "
    "[5.0:MQTT-2.1.3-1]",
    V, V311, V50) {
  for (unsigned flags = 1; flags < 16; ++flags) {
    const std::string topic = unique("flags");
    Peer watcher = connected(V::level);
    watcher.subscribe(topic, 0);
    Peer client(V::level);
    client.connect({.client_id = topic, .will = {{.topic = topic}}});
    client.send(with_flags(wire::disconnect(V::level), flags));
    CHECK(client.is_closed());
    CHECK(watcher.read().payload == "will");
  }
}

TEST_CASE_TEMPLATE("packet types that are not a client's end the connection", V, V311, V50) {
  for (const char* packet : {"00 00", "20 02 00 00", "90 03 00 01 00", "B0 02 00 01", "D0 00"})
    check_ends_connection(V::level, wire::hex(packet));
  if (V::level == Level::v3_1_1) check_ends_connection(V::level, wire::hex("F0 00"));
}

TEST_CASE_TEMPLATE(
    "the server's packets have the fixed flags [3.1.1:MQTT-2.2.2-1] [5.0:MQTT-2.1.3-1]", V, V311,
    V50) {
  const std::string topic = unique("from-server");
  Peer peer(V::level);
  const auto check_next = [&](unsigned type, unsigned flags) {
    const auto packet = peer.read();
    CHECK(packet.type == type);
    CHECK(packet.flags == flags);
  };
  peer.send(wire::connect(V::level, {.client_id = topic}));
  check_next(2, 0);
  peer.send(wire::subscribe(V::level, 1, {{topic, 2}}));
  check_next(9, 0);
  peer.send(wire::pingreq());
  check_next(13, 0);
  Peer publisher = connected(V::level);
  publisher.send(wire::publish(V::level, {.topic = topic, .qos = 2, .packet_id = 5}));
  CHECK(publisher.read().bytes[0] == 0x50);
  publisher.send(wire::ack(0x62, 5));
  CHECK(publisher.read().bytes[0] == 0x70);
  const auto message = peer.read();
  CHECK(message.type == 3);
  peer.send(wire::ack(0x50, message.packet_id));
  check_next(6, 2);
  peer.send(wire::ack(0x70, message.packet_id));
  peer.send(wire::publish(V::level, {.topic = "t", .qos = 1, .packet_id = 6}));
  check_next(4, 0);
  peer.send(wire::unsubscribe(V::level, 2, {topic}));
  check_next(11, 0);
  peer.send(wire::hex("C1 00"));
  if (const auto last = peer.read(); last.type != 0) CHECK(last.flags == 0);
}

TEST_CASE("packets come whole whatever pieces the bytes come in [5.0:MQTT-4.2.0-1]") {
  const std::string topic = unique("pieces");
  const std::string talk =
      wire::connect(Level::v5_0, {.client_id = topic}) +
      wire::subscribe(Level::v5_0, 1, {{topic, 0}}) +
      wire::publish(Level::v5_0,
                    {.topic = topic, .payload = std::string(300, 'x'), .qos = 1, .packet_id = 2}) +
      wire::pingreq();
  const auto check_answers = [&](Peer& peer) {
    CHECK(peer.read().type == 2);
    CHECK(peer.read().type == 9);
    std::vector<unsigned> types;
    for (unsigned i = 0; i < 3; ++i) types.push_back(peer.read().type);
    std::sort(types.begin(), types.end());
    CHECK(types == std::vector<unsigned>{3, 4, 13});
  };
  Peer at_once(Level::v5_0);
  at_once.send(talk);
  check_answers(at_once);
  Peer by_byte(Level::v5_0);
  for (const char byte : talk) by_byte.send(std::string(1, byte));
  check_answers(by_byte);
}

TEST_CASE("the transport loses nothing and keeps the order both ways [5.0:MQTT-4.2.0-1]") {
  constexpr unsigned kCount = 500;
  const std::string topic = unique("order");
  Peer peer = connected(Level::v5_0);
  peer.subscribe(topic, 1);
  std::string all;
  for (unsigned i = 1; i <= kCount; ++i)
    all += wire::publish(Level::v5_0, {.topic = topic, .payload = std::to_string(i)});
  peer.send(all);
  for (unsigned i = 1; i <= kCount; ++i) REQUIRE(peer.read().payload == std::to_string(i));
}
