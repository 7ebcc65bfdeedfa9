#include <algorithm>

#include "tests/conformance/delivery.hpp"

// Several subscriptions of one client that match the same message, and Subscription Identifiers
// (§3.3.5 of 3.1.1, §3.3.4 of 5.0).

using namespace conformance;
using namespace conformance::wire;

namespace {

std::string identifier_property(std::uint32_t identifier) {
  return property(id::subscription_identifier, variable(identifier));
}

std::vector<std::string> identifiers(const std::vector<std::uint32_t>& values) {
  std::vector<std::string> all;
  for (const std::uint32_t value : values) all.push_back(variable(value));
  return all;
}

std::vector<std::string> identifiers_of(const Received& message) {
  auto all = message.all_properties(id::subscription_identifier);
  std::ranges::sort(all);
  return all;
}

/// The copies that one QoS 2 message makes for a client with three matching subscriptions, of
/// identifiers 7, 300 and none, at QoS 0, 2 and 1.
std::vector<Received> overlapping_copies(std::uint16_t port) {
  const std::string topic = unique("overlap");
  Peer subscriber(Level::v5_0, port);
  subscriber.connect(unique("subscriber"));
  subscriber.subscribe(topic + "/#", 0, identifier_property(7));
  subscriber.subscribe(topic + "/+", 2, identifier_property(300));
  subscriber.subscribe(topic + "/x", 1);
  Peer publisher(Level::v5_0, port);
  publisher.connect(unique("publisher"));
  hand_over(publisher, {.topic = topic + "/x", .payload = "once", .qos = 2});
  auto copies = pending_publishes(subscriber);
  for (const Received& copy : copies) CHECK(copy.payload == "once");
  return copies;
}

/// Each of the two identifiers came, and none but these.
void check_identifiers(const std::vector<Received>& copies) {
  std::vector<std::string> all;
  for (const Received& copy : copies) {
    const auto own = identifiers_of(copy);
    all.insert(all.end(), own.begin(), own.end());
  }
  std::ranges::sort(all);
  CHECK(all == identifiers({7, 300}));
}

unsigned highest_qos(const std::vector<Received>& copies) {
  REQUIRE_FALSE(copies.empty());
  return std::ranges::max(copies, {}, &Received::qos).qos;
}

}  // namespace

TEST_CASE_TEMPLATE(
    "with overlapping filters the highest of their QoS counts [3.1.1:MQTT-3.3.5-1] "
    "[5.0:MQTT-3.3.4-2]",
    V, V311, V50) {
  const std::vector<std::vector<unsigned>> granted = {{0, 2, 1}, {2, 0, 1}, {1, 0, 0}, {0, 0, 1}};
  for (const auto& qos : granted) {
    const std::string topic = unique("overlap");
    Peer subscriber = connected(V::level);
    subscriber.subscribe(topic + "/#", qos[0]);
    subscriber.subscribe(topic + "/+", qos[1]);
    subscriber.subscribe(topic + "/x", qos[2]);
    Peer publisher = connected(V::level);
    hand_over(publisher, {.topic = topic + "/x", .qos = 2});
    CHECK(highest_qos(pending_publishes(subscriber)) == std::ranges::max(qos));
    hand_over(publisher, {.topic = topic + "/x", .qos = 1});
    CHECK(highest_qos(pending_publishes(subscriber)) == 1);
  }
}

TEST_CASE(
    "a message carries the identifier of the subscription that it came by: live, retained, "
    "queued, sent again [5.0:MQTT-3.3.4-3]") {
  const std::string topic = unique("identified");
  const ConnectFields fields = lasting(Level::v5_0, unique("client"));
  Peer publisher = connected(Level::v5_0);
  publisher.publish({.topic = topic, .payload = "retained", .retain = true});
  {
    Peer subscriber = connected(Level::v5_0, fields);
    subscriber.subscribe(unique("other"), 1, identifier_property(2));
    subscriber.subscribe(topic, 1, identifier_property(268'435'455));
    publisher.publish({.topic = topic, .payload = "live"});
    for (const Received& message : take(subscriber, 2))
      CHECK(identifiers_of(message) == identifiers({268'435'455}));
    leave(subscriber);
  }
  publisher.publish({.topic = topic, .payload = "queued"});
  for (const bool dup : {false, true}) {
    Peer subscriber = connected(Level::v5_0, fields);
    const Received message = read_publish(subscriber);
    CHECK(message.payload == "queued");
    CHECK(message.dup == dup);
    CHECK(identifiers_of(message) == identifiers({268'435'455}));
  }
}

TEST_CASE(
    "one copy for several subscriptions carries the identifiers of all, at the highest QoS "
    "[5.0:MQTT-3.3.4-3] [5.0:MQTT-3.3.4-4]") {
  if (!can_start_own_broker("needs --overlap single")) return;
  const support::BrokerProcess broker(support::BrokerProcess::Kind::mq_broker_lite,
                                      {"--overlap", "single"});
  const auto copies = overlapping_copies(broker.port());
  REQUIRE(copies.size() == 1);
  check_identifiers(copies);
  CHECK(highest_qos(copies) == 2);
}

TEST_CASE(
    "with a copy for each subscription every copy carries its own identifier "
    "[5.0:MQTT-3.3.4-3] [5.0:MQTT-3.3.4-5]") {
  const auto copies = overlapping_copies(broker_port());
  check_identifiers(copies);
  CHECK(highest_qos(copies) == 2);
  if (copies.size() == 1) {
    MESSAGE("skipped: the broker sends one copy");
    return;
  }
  for (const Received& copy : copies) {
    CHECK(identifiers_of(copy).size() <= 1);
    // Each at the QoS of its own subscription.
    if (identifiers_of(copy) == identifiers({7})) CHECK(copy.qos == 0);
    if (identifiers_of(copy) == identifiers({300})) CHECK(copy.qos == 2);
  }
}

TEST_CASE("a publisher may not send a subscription identifier") {
  check_ends_connection(Level::v5_0, publish(Level::v5_0, {.topic = unique("identified"),
                                                           .properties = identifier_property(1)}));
}
