#include "libmqtt/session/client_requests.hpp"

#include <doctest/doctest.h>

#include "tests/session/client_bench.hpp"

using namespace mqtt;
using namespace mqtt::test;
using namespace mqtt::client_event;

namespace {

ClientUnderTest online(Version version, std::string_view connack) {
  ClientUnderTest client(client_options(version));
  client.go_online(connack);
  client.expect<Connected>();
  return client;
}

std::uint16_t subscribe(ClientUnderTest& client, const std::vector<std::string_view>& filters,
                        Properties properties = {}) {
  Subscribe packet;
  for (const auto filter : filters)
    packet.requests.push_back({Bytes::copy(filter), {Qos::at_least_once}});
  packet.properties = std::move(properties);
  return client.all(
      [&](ClientSession& session) { return session.subscribe(packet, client.now()); });
}

std::uint16_t unsubscribe(ClientUnderTest& client, const std::vector<std::string_view>& filters) {
  Unsubscribe packet;
  for (const auto filter : filters) packet.filters.push_back(Bytes::copy(filter));
  return client.all(
      [&](ClientSession& session) { return session.unsubscribe(packet, client.now()); });
}

using Codes = std::vector<ReasonCode>;

}  // namespace

TEST_CASE("SUBSCRIBE and UNSUBSCRIBE go out under packet ids of their own and are answered") {
  auto client = online(Version::v5_0, "20 [00 00 []]");
  CHECK(subscribe(client, {"a", "b/#"}) == 1);
  CHECK(unsubscribe(client, {"c"}) == 2);
  CHECK(client.sent() == hex("82 [0001 [] ('a') 01 ('b/#') 01] A2 [0002 [] ('c')]"));
  client.publish(Qos::at_least_once);
  CHECK(client.sent() == hex("32 [('t') 0003 [] 'x']"));
  client.receive("B0 [0002 [] 11] 90 [0001 [1F ('no')] 01 87]");
  const auto unsubscribed = client.expect<Unsubscribed>().unsuback;
  CHECK(unsubscribed.packet_id == 2);
  CHECK(unsubscribed.reason_codes == Codes{ReasonCode::no_subscription_existed});
  const auto subscribed = client.expect<Subscribed>().suback;
  CHECK(subscribed.packet_id == 1);
  CHECK(subscribed.reason_codes == Codes{ReasonCode::granted_qos_1, ReasonCode::not_authorized});
  CHECK(subscribed.properties.find(property::reason_string)->view() == "no");
}

TEST_CASE("3.1.1 requests are answered without reasons") {
  auto client = online(Version::v3_1_1, "20 [00 00]");
  subscribe(client, {"a"});
  unsubscribe(client, {"b"});
  CHECK(client.sent() == hex("82 [0001 ('a') 01] A2 [0002 ('b')]"));
  client.receive("90 [0001 80] B0 [0002]");
  CHECK(is_failure(client.expect<Subscribed>().suback.reason_codes.at(0)));
  CHECK(client.expect<Unsubscribed>().unsuback.reason_codes.empty());
}

TEST_CASE("An answer that nobody waits for is ignored") {
  auto client = online(Version::v5_0, "20 [00 00 []]");
  subscribe(client, {"a"});
  client.receive("90 [0009 [] 00] B0 [0001 [] 00]");
  CHECK(client.is_quiet());
  client.receive("90 [0001 [] 00] 90 [0001 [] 00]");
  client.expect<Subscribed>();
  CHECK(client.is_quiet());
}

TEST_CASE("An answer with another number of codes than asked for is a protocol error") {
  for (const auto answer : {"90 [0001 [] 00]", "90 [0001 [] 00 00 00]", "B0 [0002 [] 00 00]"}) {
    auto client = online(Version::v5_0, "20 [00 00 []]");
    subscribe(client, {"a", "b"});
    unsubscribe(client, {"c"});
    client.sent();
    client.receive(answer);
    CHECK(client.expect<Failed>().error.code == ReasonCode::protocol_error);
    CHECK(client.sent() == hex("E0 [82]"));
  }
}

TEST_CASE("A request without an answer is forgotten with its connection") {
  auto client = online(Version::v5_0, "20 [00 00 []]");
  subscribe(client, {"a"});
  client.disconnect();
  client.go_online("20 [00 00 []]");
  client.expect<Connected>();
  client.receive("90 [0001 [] 00]");
  CHECK(client.is_quiet());
  CHECK(client.sent().empty());
}

TEST_CASE("What CONNACK rules out is answered here and only the rest is sent") {
  SUBCASE("wildcards") {
    auto client = online(Version::v5_0, "20 [00 00 [28 00]]");
    subscribe(client, {"a/+", "b", "#"});
    CHECK(client.sent() == hex("82 [0001 [] ('b') 01]"));
    client.receive("90 [0001 [] 01]");
    CHECK(client.expect<Subscribed>().suback.reason_codes ==
          Codes{ReasonCode::wildcard_subscriptions_not_supported, ReasonCode::granted_qos_1,
                ReasonCode::wildcard_subscriptions_not_supported});
  }
  SUBCASE("shared subscriptions") {
    auto client = online(Version::v5_0, "20 [00 00 [2A 00]]");
    subscribe(client, {"$share/g/a"});
    CHECK(client.sent().empty());
    CHECK(client.expect<Subscribed>().suback.reason_codes ==
          Codes{ReasonCode::shared_subscriptions_not_supported});
    client.publish(Qos::at_least_once);
    CHECK(client.sent() == hex("32 [('t') 0002 [] 'x']"));
  }
  SUBCASE("subscription identifiers") {
    auto client = online(Version::v5_0, "20 [00 00 [29 00]]");
    const auto identifier =
        PropertiesBuilder().add(property::subscription_identifier, std::uint32_t{5}).build();
    subscribe(client, {"a", "b"}, identifier);
    CHECK(client.sent().empty());
    CHECK(client.expect<Subscribed>().suback.reason_codes ==
          Codes(2, ReasonCode::subscription_identifiers_not_supported));
  }
  SUBCASE("packets over the Maximum Packet Size [MQTT-3.2.2-15]") {
    auto client = online(Version::v5_0, "20 [00 00 [27 0000000B]]");
    subscribe(client, {"abc"});
    unsubscribe(client, {"abc"});
    client.sent();
    subscribe(client, {"abcd"});
    unsubscribe(client, {"abcdef", "b"});
    CHECK(client.sent().empty());
    CHECK(client.expect<Subscribed>().suback.reason_codes == Codes{ReasonCode::packet_too_large});
    CHECK(client.expect<Unsubscribed>().unsuback.reason_codes ==
          Codes(2, ReasonCode::packet_too_large));
  }
}
