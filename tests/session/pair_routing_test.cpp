#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/pair.hpp"

// Which messages a subscription brings, and in which form, from client to client.

using namespace mqtt;
using namespace mqtt::test;

namespace {

using Texts = std::vector<std::string>;
constexpr auto kQos0 = Qos::at_most_once;
constexpr auto kQos1 = Qos::at_least_once;
constexpr auto kQos2 = Qos::exactly_once;

/// A broker and clients "a" and "b" that are online.
struct Two {
  explicit Two(Version version = Version::v5_0, const PairOptions& options = {})
      : pair(options), a(online("a", version)), b(online("b", version)) {}

  PairClient& online(std::string_view client_id, Version version = Version::v5_0,
                     Properties properties = {}, std::uint16_t alias_maximum = 0) {
    ClientSessionOptions options;
    options.connect.version = version;
    options.connect.client_id = Bytes::copy(client_id);
    options.connect.properties = std::move(properties);
    options.topic_alias_maximum = alias_maximum;
    PairClient& client = pair.add(options);
    client.connect();
    pair.settle();
    REQUIRE(client.session().is_online());
    return client;
  }
  void subscribe(PairClient& client, std::string_view filter,
                 SubscribeOptions options = {.qos = kQos2}, std::uint32_t identifier = 0) {
    client.subscribe(filter, options, identifier);
    pair.settle();
  }
  Texts received(PairClient& client) {
    pair.settle();
    return client.take_messages();
  }

  Pair pair;
  PairClient& a;
  PairClient& b;
};

SubscribeOptions handling(RetainHandling retain_handling) {
  return {.qos = kQos1, .retain_handling = retain_handling};
}

}  // namespace

TEST_CASE("Topics are matched level by level, accents and all [MQTT-4.7.1-1, 4.7.3-4]") {
  for (const auto version : {Version::v3_1_1, Version::v5_0}) {
    Two two(version);
    two.subscribe(two.a, "Maison/Capteurs/#");
    two.subscribe(two.b, "Maison/+/Cuisine é");
    two.b.publish(kQos1, "Maison/Capteurs/Cuisine é", "21,5 °C");
    two.b.publish(kQos1, "Maison/Capteurs", "parent");
    two.b.publish(kQos1, "Maison/Lampes/Cuisine é", "on");
    two.b.publish(kQos1, "maison/Capteurs/Cuisine é", "other case");
    CHECK(two.received(two.a) ==
          Texts{"Maison/Capteurs/Cuisine é=21,5 °C", "Maison/Capteurs=parent"});
    CHECK(two.received(two.b) ==
          Texts{"Maison/Capteurs/Cuisine é=21,5 °C", "Maison/Lampes/Cuisine é=on"});
  }
}

TEST_CASE("A message comes with the lower of its own QoS and the granted one [MQTT-3.8.4-8]") {
  for (const auto version : {Version::v3_1_1, Version::v5_0}) {
    Two two(version);
    for (const auto granted : {kQos0, kQos1, kQos2}) {
      two.subscribe(two.a, "t", {.qos = granted});
      CHECK(two.a.subscribed.back() == static_cast<ReasonCode>(granted));
      for (const auto published : {kQos0, kQos1, kQos2}) {
        two.b.publish(published, "t", "x");
        two.pair.settle();
        CHECK(two.a.messages.back().qos == std::min(granted, published));
      }
    }
    CHECK(two.a.messages.size() == 9);
  }
}

TEST_CASE("After UNSUBSCRIBE nothing more comes [MQTT-3.10.4-1]") {
  Two two;
  two.subscribe(two.a, "t");
  two.b.publish(kQos1, "t", "1");
  two.pair.settle();
  two.a.unsubscribe("t");
  two.pair.settle();
  two.b.publish(kQos1, "t", "2");
  CHECK(two.received(two.a) == Texts{"t=1"});
  CHECK(two.b.finished.back().reason_code == ReasonCode::no_matching_subscribers);
}

TEST_CASE("A retained message greets new subscriptions with RETAIN set [MQTT-3.3.1-6, 3.3.1-8]") {
  for (const auto version : {Version::v3_1_1, Version::v5_0}) {
    Two two(version);
    two.b.publish(kQos1, "t/1", "old", true);
    two.b.publish(kQos1, "t/1", "new", true);
    two.b.publish(kQos0, "t/2", "second", true);
    two.pair.settle();
    two.subscribe(two.a, "t/+");
    auto greeted = two.received(two.a);
    std::ranges::sort(greeted);
    CHECK(greeted == Texts{"t/1=newr", "t/2=secondr"});
    two.b.publish(kQos1, "t/1", "live", true);
    CHECK(two.received(two.a) == Texts{"t/1=live"});
    two.b.publish(kQos1, "t/1", "", true);
    CHECK(two.received(two.a) == Texts{"t/1="});
    two.subscribe(two.b, "t/#");
    CHECK(two.received(two.b) == Texts{"t/2=secondr"});
  }
}

TEST_CASE(
    "Retain Handling says when retained messages are sent [MQTT-3.3.1-9, 3.3.1-10, 3.3.1-11]") {
  Two two;
  two.b.publish(kQos1, "t", "kept", true);
  two.pair.settle();
  two.subscribe(two.a, "t", handling(RetainHandling::do_not_send));
  CHECK(two.received(two.a).empty());
  two.subscribe(two.a, "t", handling(RetainHandling::send_if_new));
  CHECK(two.received(two.a).empty());
  two.subscribe(two.a, "t", handling(RetainHandling::send));
  CHECK(two.received(two.a) == Texts{"t=keptr"});
  two.a.unsubscribe("t");
  two.subscribe(two.a, "t", handling(RetainHandling::send_if_new));
  CHECK(two.received(two.a) == Texts{"t=keptr"});
}

TEST_CASE("A retained message that has expired greets nobody [MQTT-3.3.2-5]") {
  Two two;
  two.b.publish(kQos1, "t", "x", true,
                PropertiesBuilder().add(property::message_expiry_interval, 10U).build());
  two.pair.pass(Seconds(4));
  two.subscribe(two.a, "t");
  CHECK(two.received(two.a) == Texts{"t=xr"});
  CHECK(two.a.messages.back().properties.find(property::message_expiry_interval) == 6);
  two.pair.pass(Seconds(6));
  two.subscribe(two.b, "t");
  CHECK(two.received(two.b).empty());
}

TEST_CASE("Retain As Published keeps the flag of live messages [MQTT-3.3.1-12, 3.3.1-13]") {
  Two two;
  two.subscribe(two.a, "t", {.qos = kQos1, .retain_as_published = true});
  two.subscribe(two.b, "t", {.qos = kQos1});
  two.b.publish(kQos1, "t", "1", true);
  two.b.publish(kQos1, "t", "2", false);
  CHECK(two.received(two.a) == Texts{"t=1r", "t=2"});
  CHECK(two.received(two.b) == Texts{"t=1", "t=2"});
}

TEST_CASE("No Local keeps a client's own messages from it [MQTT-3.8.3-3]") {
  Two two;
  two.subscribe(two.a, "t", {.qos = kQos1, .no_local = true});
  two.subscribe(two.b, "t");
  two.a.publish(kQos1, "t", "own");
  two.b.publish(kQos1, "t", "other");
  CHECK(two.received(two.a) == Texts{"t=other"});
  CHECK(two.received(two.b) == Texts{"t=own", "t=other"});
}

TEST_CASE("No Local on a shared subscription is a protocol error [MQTT-3.8.3-4]") {
  Two two;
  two.subscribe(two.a, "$share/g/t", {.qos = kQos1, .no_local = true});
  REQUIRE(two.a.server_disconnects.size() == 1);
  CHECK(two.a.server_disconnects[0].reason_code == ReasonCode::protocol_error);
  CHECK_FALSE(two.a.is_connected());
  CHECK(two.b.is_connected());
}

TEST_CASE("A message names the subscription that it comes by [MQTT-3.3.4-3, 3.3.4-5]") {
  Two two;
  two.subscribe(two.a, "t/#", {.qos = kQos1}, 7);
  two.subscribe(two.a, "t/+", {.qos = kQos1}, 268'435'455);
  two.b.publish(kQos1, "t/1", "x");
  auto copies = two.received(two.a);
  std::ranges::sort(copies);
  CHECK(copies == Texts{"t/1=x#268435455", "t/1=x#7"});
  two.b.publish(kQos1, "t/1/2", "y");
  CHECK(two.received(two.a) == Texts{"t/1/2=y#7"});
}

TEST_CASE("A shared subscription gives each message to one of its members [MQTT-4.8.2-4]") {
  Two two;
  PairClient& other_group = two.online("c");
  PairClient& plain = two.online("d", Version::v3_1_1);
  two.subscribe(two.a, "$share/g/t/#");
  two.subscribe(two.b, "$share/g/t/#");
  two.subscribe(other_group, "$share/h/t/#");
  two.subscribe(plain, "t/#");
  for (int i = 0; i < 10; ++i) plain.publish(kQos1, "t/1", std::to_string(i));
  const auto first = two.received(two.a);
  const auto second = two.received(two.b);
  CHECK(first.size() == 5);
  CHECK(second.size() == 5);
  CHECK(two.received(other_group).size() == 10);
  CHECK(two.received(plain).size() == 10);
  SUBCASE("of those that are there") {
    two.b.disconnect();
    two.pair.settle();
    for (int i = 0; i < 4; ++i) plain.publish(kQos1, "t/1", "x");
    CHECK(two.received(two.a).size() == 4);
  }
}

TEST_CASE("Properties of the application pass through, in order [MQTT-3.3.2-17, 3.3.2-18]") {
  Two two;
  two.subscribe(two.a, "t");
  const auto properties = PropertiesBuilder()
                              .add_user_property("k", "1")
                              .add(property::content_type, "text/plain")
                              .add_user_property("k", "2")
                              .add(property::response_topic, "back")
                              .add(property::correlation_data, std::string_view("\0\1", 2))
                              .add(property::payload_format_indicator, std::uint8_t{1})
                              .build();
  two.b.publish(kQos1, "t", "x", false, properties);
  two.pair.settle();
  REQUIRE(two.a.messages.size() == 1);
  CHECK(two.a.messages[0].properties == properties);
}

TEST_CASE("Topic aliases save bytes both ways and change nothing else") {
  const auto allows =
      PropertiesBuilder().add(property::topic_alias_maximum, std::uint16_t{2}).build();
  const std::string topic(200, 'x');
  const auto moved_with = [&](std::uint16_t alias_maximum, const Properties& properties) {
    Two two;
    PairClient& client = two.online("c", Version::v5_0, properties, alias_maximum);
    two.subscribe(client, "#");
    for (int i = 0; i < 10; ++i) {
      client.publish(kQos1, topic, std::to_string(i));
      client.publish(kQos1, "short" + std::to_string(i), "x");
    }
    two.pair.settle();
    CHECK(client.messages.size() == 20);
    CHECK(std::ranges::count(client.messages, Bytes::copy(topic), &Publish::topic) == 10);
    return client.bytes_moved();
  };
  const auto plain = moved_with(0, {});
  CHECK(moved_with(5, {}) < plain - 1'500);
  CHECK(moved_with(0, allows) < plain - 1'500);
  CHECK(moved_with(5, allows) < plain - 3'000);
}

TEST_CASE(
    "A message over a receiver's Maximum Packet Size is dropped for it alone [MQTT-3.1.2-25]") {
  Two two;
  const auto small =
      PropertiesBuilder().add(property::maximum_packet_size, std::uint32_t{64}).build();
  PairClient& limited = two.online("c", Version::v5_0, small);
  two.subscribe(limited, "t");
  two.subscribe(two.a, "t");
  two.b.publish(kQos2, "t", std::string(100, 'x'));
  two.b.publish(kQos2, "t", "short");
  CHECK(two.received(limited) == Texts{"t=short"});
  CHECK(two.received(two.a).size() == 2);
}

TEST_CASE("A malformed packet ends only its own connection, with the reason in 5.0") {
  Two two;
  two.subscribe(two.b, "t");
  Publish bad;
  bad.topic = Bytes::copy("t/#");  // [MQTT-3.3.2-2]
  two.a.session().publish(bad, two.pair.now());
  two.pair.settle();
  REQUIRE(two.a.server_disconnects.size() == 1);
  CHECK(two.a.server_disconnects[0].reason_code == ReasonCode::topic_name_invalid);
  CHECK_FALSE(two.a.is_connected());
  two.b.publish(kQos1, "t", "x");
  CHECK(two.received(two.b) == Texts{"t=x"});
}
