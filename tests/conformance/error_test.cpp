#include "tests/conformance/peer.hpp"

// Malformed packets and protocol errors (§4.8 of 3.1.1, §4.13 of 5.0).

using namespace conformance;
using namespace conformance::wire;

namespace {

struct Fault {
  std::string packet;
  unsigned reason_code;  ///< That 5.0 gives it; 0: one or another.
};

std::vector<Fault> faults(Level level) {
  return {{hex("00 00"), 0x81},                           // no packet type
          {hex("C0 80 80 80 80 01"), 0x81},               // Remaining Length of five bytes
          {hex("C0 01 00"), 0x81},                        // a body where there is none
          {hex("36 06 00 01 61 00 07 00"), 0x81},         // QoS 3
          {hex("30 03 00 05 61"), 0x81},                  // a topic longer than its packet
          {hex("40 01 00"), 0x81},                        // half a packet identifier
          {hex("60 02 00 07"), 0x81},                     // PUBREL with other flags
          {publish(level, {.topic = "a", .qos = 1}), 0},  // packet identifier 0
          {subscribe(level, 0, {{"a", 0}}), 0},
          {unsubscribe(level, 0, {"a"}), 0},
          {subscribe(level, 7, {}), 0x82},
          {connect(level, {.client_id = "second"}), 0x82},
          {packet(0x20, std::string(2, '\0') + properties(level)), 0x82},  // what servers send
          {packet(0x90, two_bytes(7) + properties(level) + byte(0)), 0x82},
          {packet(0xB0, two_bytes(7) + (level == Level::v5_0 ? hex("00 00") : "")), 0x82},
          {hex("D0 00"), 0x82}};
}

std::vector<Fault> faults_of_5() {
  constexpr Level level = Level::v5_0;
  const std::string expiry = property(id::message_expiry, four_bytes(1));
  const std::string alias = property(id::topic_alias, two_bytes(1));
  return {
      {subscribe(level, 7, {{"a", 0}}, property(0x7F, "x")), 0x81},  // no such property
      {subscribe(level, 7, {{"a", 0}}, expiry), 0},                  // of another packet
      {publish(level, {.topic = "a", .properties = expiry + expiry}), 0x82},
      {hex("30 05 00 01 61 09 02"), 0x81},  // properties longer than their packet
      {hex("F0 00"), 0x82},                 // AUTH without a method in CONNECT
      {publish(level, {.topic = ""}), 0x82},
      {publish(level, {.topic = "", .properties = alias}), 0x82},  // never set up
      {publish(level, {.topic = "a", .properties = property(id::topic_alias, two_bytes(0))}), 0x94},
      {publish(level, {.topic = "a#"}), 0x90}};
}

}  // namespace

TEST_CASE_TEMPLATE(
    "an error of the protocol ends the connection that it came on, and no other "
    "[3.1.1:MQTT-4.8.0-1] [5.0:MQTT-4.13.1-1]",
    V, V311, V50) {
  const std::string topic = unique("bystander");
  Peer bystander = connected(V::level);
  bystander.subscribe(topic, 0);
  std::vector<Fault> all = faults(V::level);
  if (V::level == Level::v5_0)
    for (Fault& fault : faults_of_5()) all.push_back(std::move(fault));
  else
    all.push_back({hex("F0 00"), 0});  // no packet type of 3.1.1
  for (const Fault& fault : all) {
    CAPTURE(support::to_hex(fault.packet));
    check_ends_connection(V::level, fault.packet, ours(fault.reason_code));
  }
  Peer publisher = connected(V::level);
  publisher.publish({.topic = topic, .payload = "well"});
  CHECK(bystander.read().payload == "well");
}

TEST_CASE("a failure in CONNACK goes with a close [5.0:MQTT-4.13.2-1]") {
  const std::string method = property(id::authentication_method, field("no such method"));
  for (const std::string& refused :
       {connect(Level::v5_0, {.client_id = unique("a"), .properties = method}),
        connect(Level::v5_0, {.client_id = unique("a"), .protocol_level = 6}),
        connect(Level::v5_0, {.client_id = "\xFF"})}) {
    Peer peer(Level::v5_0);
    const Received answer = peer.request(refused);
    if (answer.type != kClosed) {
      CHECK(answer.type == kConnack);
      CHECK(answer.reason_code != 0);
    }
    CHECK(peer.read().type == kClosed);
  }
}

TEST_CASE("a failure in DISCONNECT goes with a close, whoever sends it [5.0:MQTT-4.13.2-1]") {
  for (const Fault& fault : faults(Level::v5_0)) {
    Peer peer = connected(Level::v5_0);
    peer.send(fault.packet + pingreq());
    const Received answer = peer.read();
    if (is_our_broker()) CHECK(answer.type == kDisconnect);
    if (answer.type != kDisconnect) continue;
    CHECK(answer.reason_code >= 0x80);
    CHECK(peer.is_closed());
  }
  Peer peer = connected(Level::v5_0);
  peer.send(disconnect(Level::v5_0, 0x80));
  CHECK(peer.is_closed());
}
