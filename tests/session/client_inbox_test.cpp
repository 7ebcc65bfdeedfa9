#include "libmqtt/session/client_inbox.hpp"

#include <doctest/doctest.h>

#include "tests/session/client_bench.hpp"

using namespace mqtt;
using namespace mqtt::test;
using namespace mqtt::client_event;

namespace {

ClientUnderTest online(Version version, bool manual = false, Properties properties = {}) {
  auto options = client_options(version);
  options.manual_acknowledgement = manual;
  options.connect.clean_start = false;
  options.connect.properties = std::move(properties);
  ClientUnderTest client(options);
  client.go_online(version == Version::v5_0 ? "20 [00 00 []]" : "20 [00 00]");
  client.expect<Connected>();
  return client;
}

void reconnect(ClientUnderTest& client, std::string_view connack) {
  client.disconnect();
  client.go_online(connack);
  client.expect<Connected>();
}

void acknowledge(ClientUnderTest& client, std::uint16_t id, ReasonCode code = ReasonCode::success) {
  client.all([&](ClientSession& session) { session.acknowledge(id, code, client.now()); });
}

std::string payload(ClientUnderTest& client) {
  return std::string(client.expect<MessageReceived>().publish.payload.view());
}

}  // namespace

TEST_CASE("Each QoS is received and answered as it asks for [MQTT-3.3.4-1]") {
  auto client = online(Version::v3_1_1);
  client.receive("30 [('a/b') 'zero'] 32 [('a/b') 0007 'one'] 34 [('a/b') 0008 'two']");
  const auto zero = client.expect<MessageReceived>().publish;
  CHECK(zero.topic.view() == "a/b");
  CHECK(zero.payload.view() == "zero");
  CHECK(payload(client) == "one");
  const auto two = client.expect<MessageReceived>().publish;
  CHECK(two.qos == Qos::exactly_once);
  CHECK(two.packet_id == 8);
  CHECK(client.sent() == hex("40 [0007] 50 [0008]"));
  client.receive("62 [0008]");
  CHECK(client.sent() == hex("70 [0008]"));
  CHECK(client.is_quiet());
}

TEST_CASE("A QoS 2 message sent again is answered but not handed on again [MQTT-4.3.3-10]") {
  auto client = online(Version::v5_0);
  client.receive("34 [('t') 0001 [] 'x']");
  CHECK(payload(client) == "x");
  client.receive("3C [('t') 0001 [] 'x']");
  CHECK(client.is_quiet());
  CHECK(client.sent() == hex("50 [0001] 50 [0001]"));
  SUBCASE("on the next connection of the session either") {
    reconnect(client, "20 [01 00 []]");
    client.receive("3C [('t') 0001 [] 'x'] 62 [0001]");
    CHECK(client.is_quiet());
    CHECK(client.sent() == hex("50 [0001] 70 [0001]"));
    client.receive("34 [('t') 0001 [] 'new']");
    CHECK(payload(client) == "new");
  }
  SUBCASE("but a new session begins anew") {
    reconnect(client, "20 [00 00 []]");
    client.receive("34 [('t') 0001 [] 'new']");
    CHECK(payload(client) == "new");
  }
}

TEST_CASE("3.1 has no Session Present: QoS 2 memory stays as asked for") {
  auto client = online(Version::v3_1);
  client.receive("34 [('t') 0001 'x']");
  CHECK(payload(client) == "x");
  reconnect(client, "20 [00 00]");
  client.receive("3C [('t') 0001 'x']");
  CHECK(client.is_quiet());
}

TEST_CASE("PUBREL of an unknown id is answered: 0x92 in 5.0, PUBCOMP in 3.1.1") {
  auto client5 = online(Version::v5_0);
  client5.receive("62 [0009]");
  CHECK(client5.sent() == hex("70 [0009 92]"));
  auto client3 = online(Version::v3_1_1);
  client3.receive("62 [0009]");
  CHECK(client3.sent() == hex("70 [0009]"));
}

TEST_CASE(
    "A received PUBLISH keeps its properties and gets the topic of its alias [MQTT-3.3.2-12]") {
  const auto maximum =
      PropertiesBuilder().add(property::topic_alias_maximum, std::uint16_t{1}).build();
  auto client = online(Version::v5_0, false, maximum);
  client.receive("30 [('a/b') [23 0001] 'x'] 30 [() [23 0001 26 ('k') ('v')] 'y']");
  CHECK(payload(client) == "x");
  const auto second = client.expect<MessageReceived>().publish;
  CHECK(second.topic.view() == "a/b");
  CHECK(second.properties.find(property::topic_alias) == 1);
  int user_properties = 0;
  second.properties.for_each(
      [&](const PropertyView& view) { user_properties += view.second == "v" ? 1 : 0; });
  CHECK(user_properties == 1);
  SUBCASE("An alias above the announced maximum is refused [MQTT-3.3.2-9]") {
    client.receive("30 [('t') [23 0002] 'x']");
    CHECK(client.expect<Failed>().error.code == ReasonCode::topic_alias_invalid);
    CHECK(client.sent() == hex("E0 [94]"));
  }
  SUBCASE("An alias of an earlier connection is not known [MQTT-3.3.2-7]") {
    reconnect(client, "20 [01 00 []]");
    client.receive("30 [() [23 0001] 'y']");
    CHECK(client.expect<Failed>().error.code == ReasonCode::protocol_error);
  }
}

TEST_CASE("More open messages than the announced Receive Maximum are refused [MQTT-3.3.4-9]") {
  const auto maximum = PropertiesBuilder().add(property::receive_maximum, std::uint16_t{2}).build();
  auto client = online(Version::v5_0, true, maximum);
  client.receive("32 [('t') 0001 [] 'a'] 34 [('t') 0002 [] 'b'] 30 [('t') [] 'c']");
  CHECK(payload(client) == "a");
  CHECK(payload(client) == "b");
  CHECK(payload(client) == "c");
  SUBCASE("when none is answered") {
    client.receive("32 [('t') 0003 [] 'd']");
    CHECK(client.expect<Failed>().error.code == ReasonCode::receive_maximum_exceeded);
    CHECK(client.sent() == hex("E0 [93]"));
  }
  SUBCASE("but not when one is") {
    acknowledge(client, 1);
    client.receive("32 [('t') 0003 [] 'd']");
    CHECK(payload(client) == "d");
  }
}

TEST_CASE("With manual acknowledgement the owner's answer goes out when it is given") {
  auto client = online(Version::v5_0, true);
  client.receive("32 [('t') 0001 [] 'a'] 34 [('t') 0002 [] 'b'] 34 [('t') 0003 [] 'c']");
  CHECK(payload(client) == "a");
  CHECK(payload(client) == "b");
  CHECK(payload(client) == "c");
  CHECK(client.sent().empty());
  acknowledge(client, 2);
  acknowledge(client, 1, ReasonCode::quota_exceeded);
  acknowledge(client, 3, ReasonCode::not_authorized);
  CHECK(client.sent() == hex("50 [0002] 40 [0001 97] 50 [0003 87]"));
  SUBCASE("once") {
    acknowledge(client, 1);
    acknowledge(client, 2);
    acknowledge(client, 4);
    CHECK(client.sent().empty());
  }
  SUBCASE("A refused QoS 2 message has ended: its id is free [MQTT-4.3.3-9]") {
    client.receive("34 [('t') 0003 [] 'd']");
    CHECK(payload(client) == "d");
  }
  SUBCASE("A taken one awaits PUBREL") {
    client.receive("3C [('t') 0002 [] 'b'] 62 [0002]");
    CHECK(client.expect<MessageReleased>().packet_id == 2);
    CHECK(client.is_quiet());
    CHECK(client.sent() == hex("50 [0002] 70 [0002]"));
  }
}

TEST_CASE("3.1.1 cannot refuse a message: QoS 2 goes on with PUBREL") {
  auto client = online(Version::v3_1_1, true);
  client.receive("34 [('t') 0003 'c']");
  CHECK(payload(client) == "c");
  acknowledge(client, 3, ReasonCode::not_authorized);
  client.receive("3C [('t') 0003 'c'] 62 [0003]");
  CHECK(client.expect<MessageReleased>().packet_id == 3);
  CHECK(client.is_quiet());
  CHECK(client.sent() == hex("50 [0003] 50 [0003] 70 [0003]"));
}

TEST_CASE("What the owner has not acknowledged stays at the server and comes again") {
  for (const auto version : {Version::v3_1_1, Version::v5_0}) {
    auto client = online(version, true);
    const bool is_5 = version == Version::v5_0;
    const auto again = is_5 ? "3A [('t') 0001 [] 'a'] 3C [('t') 0002 [] 'b']"
                            : "3A [('t') 0001 'a'] 3C [('t') 0002 'b']";
    client.receive(again);
    CHECK(payload(client) == "a");
    CHECK(payload(client) == "b");
    client.receive(is_5 ? "3C [('t') 0002 [] 'b']" : "3C [('t') 0002 'b']");
    CHECK(client.is_quiet());
    reconnect(client, is_5 ? "20 [01 00 []]" : "20 [01 00]");
    acknowledge(client, 1);
    acknowledge(client, 2);
    CHECK(client.sent().empty());
    client.receive(again);
    CHECK(payload(client) == "a");
    CHECK(payload(client) == "b");
    acknowledge(client, 2);
    CHECK(client.sent() == hex("50 [0002]"));
  }
}
