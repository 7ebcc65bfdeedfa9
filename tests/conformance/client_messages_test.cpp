#include <algorithm>

#include "tests/conformance/client.hpp"

using namespace conformance;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

mqtt::ClientSessionOptions resumable(Level level) {
  mqtt::ClientSessionOptions options;
  options.connect.clean_start = false;
  if (level == Level::v5_0)
    options.connect.properties =
        mqtt::PropertiesBuilder().add(mqtt::property::session_expiry_interval, 60).build();
  return options;
}

std::vector<wire::Received> read_all(Level level, const std::vector<std::string>& packets) {
  std::vector<wire::Received> all;
  for (const std::string& packet : packets) all.push_back(wire::read(level, packet));
  return all;
}

std::optional<ReasonCode> finished(Client& client) {
  for (const mqtt::ClientEvent& event : client.events())
    if (const auto* done = std::get_if<mqtt::client_event::PublishFinished>(&event))
      return done->reason_code;
  return std::nullopt;
}

mqtt::Subscribe subscribe_to(std::string_view filter) {
  mqtt::Subscribe subscribe;
  subscribe.requests.push_back({mqtt::Bytes::copy(filter), {}});
  return subscribe;
}

}  // namespace

TEST_CASE_TEMPLATE(
    "each new packet with an identifier takes one that is free and not 0 [5.0:MQTT-2.2.1-3] "
    "[3.1.1:MQTT-2.3.1-2]",
    V, V311, V50) {
  Client client(V::level);
  client.go_online();
  std::vector<unsigned> ids;
  for (int i = 0; i < 5; ++i) client.publish(Qos::at_least_once);
  for (const auto& packet : read_all(V::level, client.sent())) ids.push_back(packet.packet_id);
  ids.push_back(client.session().subscribe(subscribe_to("a"), client.now()));
  mqtt::Unsubscribe unsubscribe;
  unsubscribe.filters.push_back(mqtt::Bytes::copy("a"));
  ids.push_back(client.session().unsubscribe(unsubscribe, client.now()));
  std::ranges::sort(ids);
  CHECK(ids.size() == 7);
  CHECK(ids.front() != 0);
  CHECK(std::ranges::adjacent_find(ids) == ids.end());
}

TEST_CASE_TEMPLATE(
    "a message sent again keeps its identifier, with DUP, in the original order; the id is free "
    "after the last "
    "acknowledgement [MQTT-4.6.0-1] [3.1.1:MQTT-2.3.1-3]",
    V, V311, V50) {
  Client client(V::level, resumable(V::level));
  client.go_online();
  for (int i = 0; i < 3; ++i) client.publish(Qos::at_least_once);
  auto first = read_all(V::level, client.sent());
  client.receive(wire::ack(0x40, first[1].packet_id));
  client.lose_connection();
  client.go_online({}, true);
  const auto again = read_all(V::level, client.sent());
  REQUIRE(again.size() == 2);
  CHECK(again[0].packet_id == first[0].packet_id);
  CHECK(again[1].packet_id == first[2].packet_id);
  CHECK(again[0].dup);
  for (const auto& packet : again) client.receive(wire::ack(0x40, packet.packet_id));
  CHECK(client.session().unfinished() == 0);
}

TEST_CASE_TEMPLATE(
    "whatever the client makes of messages, it acknowledges them, PUBACKs and PUBRECs in the order "
    "of the messages, "
    "PUBRELs in the order of the PUBRECs [MQTT-4.5.0-2] [MQTT-4.6.0-2] [MQTT-4.6.0-3] "
    "[MQTT-4.6.0-4]",
    V, V311, V50) {
  Client client(V::level);
  client.go_online();
  for (const unsigned id : {7U, 3U, 5U})
    client.receive(wire::publish(V::level, {.topic = "t", .qos = 1, .packet_id = id}));
  CHECK(client.sent() == std::vector{wire::ack(0x40, 7), wire::ack(0x40, 3), wire::ack(0x40, 5)});
  for (const unsigned id : {8U, 2U})
    client.receive(wire::publish(V::level, {.topic = "t", .qos = 2, .packet_id = id}));
  CHECK(client.sent() == std::vector{wire::ack(0x50, 8), wire::ack(0x50, 2)});
  client.publish(Qos::exactly_once);
  client.publish(Qos::exactly_once);
  const auto published = read_all(V::level, client.sent());
  client.receive(wire::ack(0x50, published[1].packet_id));
  client.receive(wire::ack(0x50, published[0].packet_id));
  CHECK(client.sent() == std::vector{wire::ack(0x62, published[1].packet_id),
                                     wire::ack(0x62, published[0].packet_id)});
}

TEST_CASE("a message over the server's Maximum QoS is not sent [5.0:MQTT-3.2.2-11]") {
  Client client(Level::v5_0);
  client.go_online(wire::property(0x24, wire::byte(1)));
  client.publish(Qos::exactly_once);
  CHECK(client.sent().empty());
  CHECK(finished(client) == ReasonCode::qos_not_supported);
}

TEST_CASE("no retained message goes to a server without Retain Available [5.0:MQTT-3.2.2-14]") {
  Client client(Level::v5_0);
  client.go_online(wire::property(0x25, wire::byte(0)));
  client.publish(Qos::at_least_once, "t", true);
  CHECK(client.sent().empty());
  CHECK(finished(client) == ReasonCode::retain_not_supported);
}

TEST_CASE("nothing above the server's Maximum Packet Size is sent to it [5.0:MQTT-3.2.2-15]") {
  Client client(Level::v5_0);
  client.go_online(wire::property(0x27, wire::four_bytes(20)));
  client.publish(Qos::at_least_once, "a/topic/of/more/than/20/bytes");
  CHECK(client.sent().empty());
  CHECK(finished(client) == ReasonCode::packet_too_large);
  client.publish(Qos::at_least_once, "short");
  CHECK(client.sent().size() == 1);
}

TEST_CASE(
    "aliases stay within the server's maximum, and without one there are none [5.0:MQTT-3.2.2-17] "
    "[5.0:MQTT-3.2.2-18] [5.0:MQTT-3.3.2-9]") {
  mqtt::ClientSessionOptions options;
  options.topic_alias_maximum = 10;
  for (const unsigned most : {0U, 2U}) {
    Client client(Level::v5_0, options);
    client.go_online(most == 0 ? std::string() : wire::property(0x22, wire::two_bytes(most)));
    for (const char* topic : {"a", "b", "c", "d"}) client.publish(Qos::at_most_once, topic);
    std::size_t with_alias = 0;
    for (const auto& packet : read_all(Level::v5_0, client.sent())) {
      const auto alias = packet.property(0x23);
      if (alias) ++with_alias;
      if (alias) CHECK(*alias <= wire::two_bytes(most));
    }
    CHECK(with_alias == most);
  }
}

TEST_CASE("every alias up to the client's own maximum is taken [5.0:MQTT-3.3.2-10]") {
  mqtt::ClientSessionOptions options;
  options.connect.properties =
      mqtt::PropertiesBuilder().add(mqtt::property::topic_alias_maximum, 3).build();
  Client client(Level::v5_0, options);
  client.go_online();
  client.events();
  for (unsigned alias = 1; alias <= 3; ++alias) {
    const std::string property = wire::property(0x23, wire::two_bytes(alias));
    client.receive(
        wire::publish(Level::v5_0, {.topic = "t" + std::to_string(alias), .properties = property}));
    client.receive(wire::publish(Level::v5_0, {.topic = "", .properties = property}));
    const auto events = client.events();
    REQUIRE(events.size() == 2);
    CHECK(std::get<mqtt::client_event::MessageReceived>(events[1]).publish.topic.view() ==
          "t" + std::to_string(alias));
  }
}

TEST_CASE(
    "a client's PUBLISH has no Subscription Identifier: mq-pub refuses to set one "
    "[5.0:MQTT-3.3.4-6]") {
  const Overheard overheard = overhear(Level::v5_0, {"mq-pub", "-t", "t", "-m", "x", "-D",
                                                     "publish", "subscription-identifier", "1"});
  CHECK(overheard.exit.code == 1);
  CHECK(overheard.packets.empty());
}

TEST_CASE(
    "no more QoS 1 and 2 messages are open than the server's Receive Maximum, and other packets "
    "are not held back [5.0:MQTT-3.3.4-7] [5.0:MQTT-3.3.4-8]") {
  Client client(Level::v5_0);
  client.go_online(wire::property(0x21, wire::two_bytes(2)));
  for (const Qos qos : {Qos::at_least_once, Qos::exactly_once, Qos::at_least_once})
    client.publish(qos);
  const auto open = read_all(Level::v5_0, client.sent());
  REQUIRE(open.size() == 2);
  client.session().subscribe(subscribe_to("a"), client.now());
  CHECK(client.sent().size() == 1);
  client.receive(wire::ack(0x50, open[1].packet_id));  // PUBREC alone makes no room
  CHECK(client.sent() == std::vector{wire::ack(0x62, open[1].packet_id)});
  client.receive(wire::ack(0x70, open[1].packet_id));
  CHECK(client.sent().size() == 1);
}

TEST_CASE_TEMPLATE(
    "SUBSCRIBE and UNSUBSCRIBE carry at least one filter: mq-sub asks for one [5.0:MQTT-3.8.3-2] "
    "[3.1.1:MQTT-3.8.3-3] [MQTT-3.10.3-2]",
    V, V311, V50) {
  const Overheard none = overhear(V::level, {"mq-sub"});
  CHECK(none.exit.code == 1);
  CHECK(none.packets.empty());
  const Overheard both = overhear(V::level, {"mq-sub", "-t", "a", "-U", "b", "-E"});
  REQUIRE(both.packets.size() >= 3);
  CHECK(both.packets[1].find(wire::field("a")) != std::string::npos);
  CHECK(both.packets[2].find(wire::field("b")) != std::string::npos);
}

TEST_CASE(
    "AUTH only within an exchange that CONNECT began: there is none without a method "
    "[5.0:MQTT-4.12.0-7]") {
  Client client(Level::v5_0);
  client.go_online();
  client.receive(wire::hex("F0 00"));
  CHECK(client.failure() == ReasonCode::protocol_error);
  for (const std::string& packet : client.sent()) CHECK(packet[0] != '\xF0');
}

TEST_CASE(
    "with a method in CONNECT the client sends nothing but AUTH until CONNACK, goes on with 0x18, "
    "and "
    "re-authenticates by the same method [5.0:MQTT-3.1.2-30] [5.0:MQTT-4.12.0-3] "
    "[5.0:MQTT-4.12.0-5] "
    "[5.0:MQTT-4.12.1-1]") {
  mqtt::ClientSessionOptions options;
  options.connect.properties =
      mqtt::PropertiesBuilder().add(mqtt::property::authentication_method, "m").build();
  Client client(Level::v5_0, options);
  client.connect();
  client.publish(Qos::at_least_once);
  CHECK(client.sent().empty());
  const std::string method = wire::property(0x15, wire::field("m"));
  const auto auth = [&](unsigned reason_code) {
    return wire::packet(0xF0, wire::byte(reason_code) + wire::properties(Level::v5_0, method));
  };
  client.receive(auth(0x18));
  client.session().authenticate({}, client.now());
  CHECK(client.sent() == std::vector{auth(0x18)});
  client.receive(connack(Level::v5_0, method));
  CHECK(client.sent().size() == 1);
  client.session().authenticate({}, client.now());
  CHECK(client.sent() == std::vector{auth(0x19)});
  client.receive(auth(0x18));
  client.session().authenticate({}, client.now());
  CHECK(client.sent() == std::vector{auth(0x18)});
}
