// Packet identifiers, in both directions.

#include <algorithm>
#include <set>

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

wire::ConnectFields lasting(Level level, const std::string& client_id) {
  wire::ConnectFields fields{.client_id = client_id, .clean = false};
  if (level == Level::v5_0) fields.properties = wire::property(0x11, wire::four_bytes(600));
  return fields;
}

/// QoS 1 for even numbers, QoS 2 for odd ones, published and done with.
void publish_mixed(Level level, const std::string& topic, unsigned count) {
  Peer publisher = connected(level);
  for (unsigned i = 0; i < count; ++i) {
    wire::PublishFields fields{.topic = topic, .payload = std::to_string(i)};
    if (i % 2 == 0) {
      publisher.publish(fields);
      continue;
    }
    fields.qos = 2;
    fields.packet_id = i;
    CHECK(publisher.request(wire::publish(level, fields)).type == 5);
    CHECK(publisher.request(wire::ack(0x62, i)).type == 7);
  }
}

}  // namespace

TEST_CASE_TEMPLATE(
    "packet identifier 0 ends the connection [3.1.1:MQTT-2.3.1-1] [5.0:MQTT-2.2.1-3]", V, V311,
    V50) {
  const unsigned code = is_our_broker() ? 0x82 : 0;
  check_ends_connection(V::level, wire::subscribe(V::level, 0, {{"t", 0}}), code);
  check_ends_connection(V::level, wire::unsubscribe(V::level, 0, {"t"}), code);
  for (const unsigned qos : {1U, 2U})
    check_ends_connection(
        V::level, wire::publish(V::level, {.topic = "t", .qos = qos, .packet_id = 0}), code);
}

TEST_CASE_TEMPLATE(
    "the server's messages have identifiers of their own, never 0 [3.1.1:MQTT-2.3.1-1] "
    "[3.1.1:MQTT-2.3.1-4] [5.0:MQTT-2.2.1-4]",
    V, V311, V50) {
  constexpr unsigned kCount = 10;
  const std::string topic = unique("ids");
  Peer reader(V::level);
  reader.connect(lasting(V::level, topic));
  reader.subscribe(topic, 2);
  publish_mixed(V::level, topic, kCount);
  std::vector<unsigned> ids;
  for (unsigned i = 0; i < kCount; ++i) {  // nothing is acknowledged
    const auto message = reader.read();
    CHECK(message.payload == std::to_string(i));
    ids.push_back(message.packet_id);
  }
  const std::set<unsigned> different(ids.begin(), ids.end());
  CHECK(different.size() == kCount);
  CHECK_FALSE(different.contains(0));

  // What is not acknowledged comes again under the same identifier.
  reader.drop();
  Peer back(V::level);
  back.connect(lasting(V::level, topic));
  std::vector<unsigned> again;
  for (unsigned i = 0; i < kCount; ++i) again.push_back(back.read().packet_id);
  CHECK(again == ids);

  // An identifier is free again after its last acknowledgement, and only then.
  back.send(wire::ack(0x40, ids[0]));
  CHECK(back.request(wire::ack(0x50, ids[1])).type == 6);
  publish_mixed(V::level, topic, kCount);
  for (unsigned i = 0; i < kCount; ++i) {
    const auto message = back.read();
    CHECK(message.packet_id != 0);
    CHECK(std::count(ids.begin() + 1, ids.end(), message.packet_id) == 0);
    ids.push_back(message.packet_id);
  }
}

TEST_CASE_TEMPLATE(
    "a QoS 0 message has no packet identifier [3.1.1:MQTT-2.3.1-5] [5.0:MQTT-2.2.1-2]", V, V311,
    V50) {
  const std::string topic = unique("no-id");
  Peer reader = connected(V::level);
  reader.subscribe(topic, 0);
  const std::string packet = wire::publish(V::level, {.topic = topic, .payload = "payload"});
  connected(V::level).send(packet);
  CHECK(reader.read().bytes == packet);
  // Nor when it was published with one.
  connected(V::level).publish({.topic = topic, .payload = "payload"});
  CHECK(reader.read().bytes == packet);
}

TEST_CASE_TEMPLATE(
    "acknowledgements carry the identifier of their message [3.1.1:MQTT-2.3.1-6] "
    "[5.0:MQTT-2.2.1-5]",
    V, V311, V50) {
  const std::string topic = unique("acks");
  Peer reader = connected(V::level);
  reader.subscribe(topic, 2);
  Peer peer = connected(V::level);
  for (const unsigned id : {1U, 0x1234U, 0xFFFFU}) {
    const auto puback =
        peer.request(wire::publish(V::level, {.topic = topic, .qos = 1, .packet_id = id}));
    CHECK(puback.type == 4);
    CHECK(puback.packet_id == id);
    reader.send(wire::ack(0x40, reader.read().packet_id));
    const auto pubrec =
        peer.request(wire::publish(V::level, {.topic = topic, .qos = 2, .packet_id = id}));
    CHECK(pubrec.type == 5);
    CHECK(pubrec.packet_id == id);
    const auto pubcomp = peer.request(wire::ack(0x62, id));
    CHECK(pubcomp.type == 7);
    CHECK(pubcomp.packet_id == id);
    const unsigned to_reader = reader.read().packet_id;
    const auto pubrel = reader.request(wire::ack(0x50, to_reader));
    CHECK(pubrel.type == 6);
    CHECK(pubrel.packet_id == to_reader);
    reader.send(wire::ack(0x70, to_reader));
  }
}

TEST_CASE_TEMPLATE(
    "SUBACK and UNSUBACK carry the identifier of the request [3.1.1:MQTT-2.3.1-7] "
    "[5.0:MQTT-2.2.1-6]",
    V, V311, V50) {
  Peer peer = connected(V::level);
  for (const unsigned id : {1U, 0xBEEFU, 0xFFFFU}) {
    const auto suback = peer.request(wire::subscribe(V::level, id, {{"t", 0}}));
    CHECK(suback.type == 9);
    CHECK(suback.packet_id == id);
    const auto unsuback = peer.request(wire::unsubscribe(V::level, id, {"t"}));
    CHECK(unsuback.type == 11);
    CHECK(unsuback.packet_id == id);
  }
}
