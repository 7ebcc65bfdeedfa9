#include <doctest/doctest.h>

#include "tests/support/pair.hpp"

// What a listener and the broker's limits make of what goes over the wire.

using namespace mqtt;
using namespace mqtt::test;

namespace {

using Texts = std::vector<std::string>;

ClientSessionOptions options_of(std::string_view client_id, Version version = Version::v5_0) {
  ClientSessionOptions options;
  options.connect.version = version;
  options.connect.client_id = Bytes::copy(client_id);
  options.topic_alias_maximum = 5;
  return options;
}

PairClient& online(Pair& pair, const ClientSessionOptions& options) {
  PairClient& client = pair.add(options);
  client.connect();
  pair.settle();
  REQUIRE(client.session().is_online());
  return client;
}

}  // namespace

TEST_CASE("Clients under a mount point see and say topics without it, aliases or not") {
  const broker::ListenerRules rules{.mount_point = "house"};
  for (const Version version : {Version::v3_1_1, Version::v5_0}) {
    PairOptions options;
    options.context.listener = &rules;
    Pair pair(options);
    PairClient& client = online(pair, options_of("c", version));
    client.subscribe("+");
    pair.settle();
    for (int i = 0; i < 3; ++i) client.publish(Qos::at_least_once, "t", std::to_string(i));
    pair.settle();
    CHECK(client.take_messages() == Texts{"t=0", "t=1", "t=2"});
    client.publish(Qos::at_least_once, "kept", "x", true);
    client.publish(Qos::at_least_once, "deep/er", "x");
    pair.settle();
    CHECK(client.take_messages() == Texts{"kept=x"});
  }
}

TEST_CASE("What goes over the connections is counted") {
  Pair pair;
  PairClient& client = online(pair, options_of("c", Version::v3_1_1));
  client.subscribe("t");
  pair.settle();
  const Traffic before = pair.broker().traffic();
  CHECK(before.packets_received == 2);
  CHECK(before.packets_sent == 2);
  client.publish(Qos::at_least_once, "t", "four");
  pair.settle();
  const Traffic& now = pair.broker().traffic();
  CHECK(now.publishes_received == 1);
  CHECK(now.publishes_sent == 1);
  CHECK(now.published_bytes_received == 4);
  CHECK(now.published_bytes_sent == 4);
  CHECK(now.packets_received - before.packets_received == 2);  // PUBLISH, PUBACK
  CHECK(now.packets_sent - before.packets_sent == 2);
  CHECK(now.bytes_received - before.bytes_received == 11 + 4);
  CHECK(now.bytes_sent - before.bytes_sent == 11 + 4);
  CHECK(client.bytes_moved() == now.bytes_received + now.bytes_sent);
}

TEST_CASE("Limits that clients break are counted") {
  PairOptions options;
  options.broker.limits.maximum_packet_size = 100;
  Pair pair(options);
  PairClient& client = online(pair, options_of("c", Version::v3_1_1));
  client.publish(Qos::at_most_once, "t", std::string(200, 'x'));
  pair.settle();
  CHECK(pair.broker().traffic().over_packet_size == 1);
}

TEST_CASE("A denied QoS 2 flow ends with its PUBREC in 5.0 and goes on in 3.1.1 [MQTT-3.3.5-2]") {
  for (const Version version : {Version::v3_1_1, Version::v5_0}) {
    Pair pair;
    pair.broker().replace_access(0, *broker::Access::parse(""));
    PairClient& client = online(pair, options_of("c", version));
    for (const Qos qos : {Qos::at_least_once, Qos::exactly_once}) client.publish(qos, "t", "x");
    client.subscribe("t");
    pair.settle();
    REQUIRE(client.finished.size() == 2);
    for (const auto& finished : client.finished)
      CHECK(finished.reason_code ==
            (version == Version::v5_0 ? ReasonCode::not_authorized : ReasonCode::success));
    CHECK(is_failure(client.subscribed.at(0)));
    CHECK(client.session().is_online());
  }
}

TEST_CASE("Messages in flight are limited in number and in bytes; 0 is no limit") {
  PairOptions options;
  options.broker.limits.maximum_in_flight = 0;
  options.broker.limits.maximum_in_flight_bytes = 1;
  Pair pair(options);
  PairClient& client = online(pair, options_of("c", Version::v3_1_1));
  const auto& flights = pair.broker().find({.shard = 0, .generation = 1, .index = 0})->outgoing;
  CHECK(flights.window() == 65'535);
  client.subscribe("t");
  pair.settle();
  pair.set_latency(Seconds(1));
  for (int i = 0; i < 5; ++i) client.publish(Qos::at_least_once, "t", std::to_string(i));
  pair.pass(std::chrono::milliseconds(1500));
  CHECK(flights.size() == 1);  // one after the other
  pair.settle();
  CHECK(client.take_messages() == Texts{"t=0", "t=1", "t=2", "t=3", "t=4"});
}
