// What a 5.0 client asks of the server in CONNECT: packet size, aliases, information.

#include <map>

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

constexpr auto k5 = Level::v5_0;

std::string expiry() { return wire::property(0x11, wire::four_bytes(600)); }

/// A payload that makes a QoS 1 PUBLISH of this size on the wire.
std::string payload_for(const std::string& topic, std::size_t size) {
  const std::size_t rest = wire::publish(k5, {.topic = topic, .qos = 1, .packet_id = 1}).size();
  return std::string(size - rest, 'x');
}

}  // namespace

TEST_CASE(
    "nothing above the client's Maximum Packet Size is sent to it; it counts as delivered "
    "[5.0:MQTT-3.1.2-24] [5.0:MQTT-3.1.2-25]") {
  constexpr std::size_t kLimit = 40;
  const std::string topic = unique("size");
  const wire::ConnectFields small{
      .client_id = topic,
      .clean = false,
      .properties = wire::property(0x27, wire::four_bytes(kLimit)) + expiry()};
  Peer limited(k5);
  limited.connect(small);
  limited.subscribe(topic, 1);
  Peer unlimited = connected(k5);
  unlimited.subscribe(topic, 1);

  Peer publisher = connected(k5);
  const std::vector<std::size_t> sizes = {kLimit - 1, kLimit, kLimit + 1, 120, kLimit};
  for (const std::size_t size : sizes)
    CHECK(publisher.publish({.topic = topic, .payload = payload_for(topic, size)}) == 0);
  for (const std::size_t size : sizes) CHECK(unlimited.read().bytes.size() == size);
  for (const std::size_t size : {kLimit - 1, kLimit, kLimit}) {
    const auto message = limited.read();
    CHECK(message.bytes.size() == size);
    limited.send(wire::ack(0x40, message.packet_id));
  }
  CHECK(limited.pending().empty());
  limited.disconnect();

  // The large ones are done with: they do not come to a later connection that could take them.
  Peer back(k5);
  CHECK(back.connect({.client_id = topic, .clean = false, .properties = expiry()}).session_present);
  CHECK(back.pending().empty());
}

TEST_CASE(
    "the limit holds for what was published at QoS 0 and 2 and retained [5.0:MQTT-3.1.2-24]") {
  const std::string topic = unique("size") + "/";
  Peer publisher = connected(k5);
  publisher.publish({.topic = topic + "1", .payload = std::string(100, 'x'), .retain = true});
  publisher.publish({.topic = topic + "2", .payload = "small", .retain = true});
  Peer limited(k5);
  limited.connect({.client_id = topic, .properties = wire::property(0x27, wire::four_bytes(60))});
  limited.subscribe(topic + "#", 2);
  CHECK(limited.read().payload == "small");
  for (const unsigned qos : {0U, 2U})
    publisher.send(wire::publish(
        k5, {.topic = topic, .payload = std::string(100, 'x'), .qos = qos, .packet_id = 7}));
  CHECK(publisher.read().type == 5);
  CHECK(limited.pending().empty());
  publisher.publish({.topic = topic + "1", .retain = true});
  publisher.publish({.topic = topic + "2", .retain = true});
}

TEST_CASE("the limit holds for every other packet as well [5.0:MQTT-3.1.2-24]") {
  // A SUBACK of 66 bytes, and a CONNACK with a made-up client id.
  Peer limited(k5);
  limited.connect(
      {.client_id = unique("size"), .properties = wire::property(0x27, wire::four_bytes(40))});
  std::vector<std::pair<std::string, unsigned>> filters;
  for (unsigned i = 0; i < 60; ++i) filters.emplace_back("t" + std::to_string(i), 0);
  limited.send(wire::subscribe(k5, 1, filters) + wire::pingreq());
  for (auto packet = limited.read(); packet.type != 0 && packet.type != 13; packet = limited.read())
    CHECK(packet.bytes.size() <= 40);

  Peer nameless(k5);
  const auto connack = nameless.request(wire::connect(
      k5, {.client_id = "", .properties = wire::property(0x27, wire::four_bytes(16))}));
  CHECK(connack.bytes.size() <= 16);
}

TEST_CASE("the server's aliases keep to the client's maximum [5.0:MQTT-3.1.2-26]") {
  const std::string topic = unique("alias") + "/";
  Peer reader(k5);
  reader.connect({.client_id = topic, .properties = wire::hex("22 00 02")});
  reader.subscribe(topic + "#", 0);
  Peer publisher = connected(k5);
  std::map<std::string, std::string> topics;  // by alias
  bool has_alias = false;
  for (unsigned i = 0; i < 30; ++i) {
    const std::string name = topic + std::to_string(i % 5);
    publisher.publish({.topic = name});
    const auto message = reader.read();
    const auto alias = message.property(0x23);
    if (alias) {
      has_alias = true;
      CHECK((*alias == wire::two_bytes(1) || *alias == wire::two_bytes(2)));
      if (!message.topic.empty()) topics[*alias] = message.topic;
      CHECK(topics[*alias] == name);
    } else {
      CHECK(message.topic == name);
    }
  }
  if (is_our_broker()) CHECK(has_alias);
}

TEST_CASE("a client that gives no alias maximum, or 0, gets no alias [5.0:MQTT-3.1.2-27]") {
  for (const char* list : {"", "22 00 00"}) {
    const std::string topic = unique("no-alias");
    Peer reader(k5);
    reader.connect({.client_id = topic, .properties = wire::hex(list)});
    reader.subscribe(topic, 0);
    Peer publisher = connected(k5);
    for (unsigned i = 0; i < 5; ++i) {
      publisher.publish({.topic = topic});
      const auto message = reader.read();
      CHECK(message.topic == topic);
      CHECK_FALSE(message.property(0x23));
    }
  }
}

TEST_CASE("without Request Response Information there is none [5.0:MQTT-3.1.2-28]") {
  for (const char* list : {"", "19 00"}) {
    Peer peer(k5);
    const auto connack =
        peer.connect({.client_id = unique("information"), .properties = wire::hex(list)});
    CHECK_FALSE(connack.property(0x1A));
  }
}

TEST_CASE("Request Problem Information 0: no reason in words on an answer [5.0:MQTT-3.1.2-29]") {
  const std::string id = unique("problems");
  Peer peer(k5);
  peer.connect({.client_id = id, .properties = wire::hex("17 00")});
  // Requests that fail as far as a server lets them without ending the connection.
  peer.send(wire::subscribe(k5, 1, {{"$share/group/" + id, 1}, {id, 0}}) +
            wire::unsubscribe(k5, 2, {"never subscribed"}) +
            wire::publish(k5, {.topic = "$SYS/" + id, .qos = 1, .packet_id = 3}) +
            wire::publish(k5, {.topic = "$SYS/" + id, .qos = 2, .packet_id = 4}) +
            wire::publish(k5, {.topic = "nobody/" + id, .qos = 1, .packet_id = 5}) +
            wire::ack(0x62, 99) + wire::ack(0x50, 99));
  for (const auto& packet : peer.pending()) {
    INFO(support::to_hex(packet.bytes));
    CHECK(packet.type != 14);
    CHECK_FALSE(packet.property(0x1F));
    CHECK(packet.user_properties().empty());
  }
}
