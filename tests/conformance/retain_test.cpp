#include <algorithm>

#include "tests/conformance/delivery.hpp"

// Retained messages (§3.3.1.3, 5.0 §3.8.3.1). The two versions number their statements differently.

using namespace conformance;
using namespace conformance::wire;

namespace {

// Subscription Options of 5.0.
constexpr unsigned kRetainAsPublished = 0x08;
constexpr unsigned kRetainIfNew = 0x10;
constexpr unsigned kNoRetained = 0x20;

/// Retains "kept" under a new topic.
std::string retained_topic(Level level) {
  const std::string topic = unique("retained");
  Peer publisher = connected(level);
  publisher.publish({.topic = topic, .payload = "kept", .retain = true});
  return topic;
}

/// What a new client gets that subscribes to the filter.
std::vector<Received> retained_under(Level level, const std::string& filter) {
  Peer subscriber = connected(level);
  subscriber.subscribe(filter, 0);
  return pending_publishes(subscriber);
}

}  // namespace

TEST_CASE_TEMPLATE("a retained message and its QoS are stored for later subscribers [MQTT-3.3.1-5]",
                   V, V311, V50) {
  for (const unsigned qos : {0U, 1U, 2U}) {
    CAPTURE(qos);
    const std::string topic = unique("retained");
    {
      Peer publisher = connected(V::level);
      hand_over(publisher, {.topic = topic, .payload = "kept", .qos = qos, .retain = true});
      leave(publisher);
    }
    Peer subscriber = connected(V::level);
    CHECK(subscriber.subscribe(topic, 2) == 2);
    const Received message = take(subscriber, 1).front();
    CHECK(message.topic == topic);
    CHECK(message.payload == "kept");
    CHECK(message.qos == qos);
  }
}

TEST_CASE_TEMPLATE("a retained message replaces the one before it [MQTT-3.3.1-5]", V, V311, V50) {
  const std::string topic = retained_topic(V::level);
  Peer publisher = connected(V::level);
  publisher.publish({.topic = topic, .payload = "newer", .retain = true});
  CHECK(payloads(retained_under(V::level, topic)) == std::vector<std::string>{"newer"});
}

TEST_CASE("a new subscription gets the last retained message of each topic [3.1.1:MQTT-3.3.1-6]") {
  const std::string root = unique("retained");
  Peer publisher = connected(Level::v3_1_1);
  for (const std::string text : {"first", "last"})
    for (const std::string topic : {"", "/a", "/b", "/b/c"})
      publisher.publish({.topic = root + topic, .payload = text + topic, .retain = true});
  auto found = payloads(retained_under(Level::v3_1_1, root + "/#"));
  std::ranges::sort(found);
  CHECK(found == std::vector<std::string>{"last", "last/a", "last/b", "last/b/c"});
}

TEST_CASE("a retained QoS 0 message too discards the one before it [3.1.1:MQTT-3.3.1-7]") {
  const std::string topic = retained_topic(Level::v3_1_1);
  Peer publisher = connected(Level::v3_1_1);
  hand_over(publisher, {.topic = topic, .payload = "newer", .retain = true});
  for (const Received& message : retained_under(Level::v3_1_1, topic))
    CHECK(message.payload == "newer");
}

TEST_CASE("what comes because of a new subscription has RETAIN 1 [3.1.1:MQTT-3.3.1-8]") {
  const std::string topic = retained_topic(Level::v3_1_1);
  const auto found = retained_under(Level::v3_1_1, topic);
  REQUIRE(found.size() == 1);
  CHECK(found[0].retain);
}

TEST_CASE(
    "an established subscription gets RETAIN 0 however it was published "
    "[3.1.1:MQTT-3.3.1-9]") {
  const std::string topic = unique("live");
  const ConnectFields asleep = lasting(Level::v3_1_1, unique("sleeper"));
  subscribe_and_leave(Level::v3_1_1, asleep, topic, 1);
  Peer subscriber = connected(Level::v3_1_1);
  subscriber.subscribe(topic, 1);
  Peer publisher = connected(Level::v3_1_1);
  publisher.publish({.topic = topic, .payload = "kept", .retain = true});
  publisher.publish({.topic = topic, .payload = "passing"});
  for (const Received& message : take(subscriber, 2)) CHECK_FALSE(message.retain);
  Peer awake = connected(Level::v3_1_1, asleep);
  for (const Received& message : take(awake, 2)) CHECK_FALSE(message.retain);
}

TEST_CASE_TEMPLATE(
    "an empty retained message is delivered as any other and removes the stored one "
    "[3.1.1:MQTT-3.3.1-10] [3.1.1:MQTT-3.3.1-11] [5.0:MQTT-3.3.1-6] [5.0:MQTT-3.3.1-7]",
    V, V311, V50) {
  const std::string topic = retained_topic(V::level);
  Peer subscriber = connected(V::level);
  subscriber.subscribe(topic, 1);
  CHECK(take(subscriber, 1)[0].payload == "kept");

  Peer publisher = connected(V::level);
  publisher.publish({.topic = topic, .payload = "", .retain = true});
  const Received empty = take(subscriber, 1).front();
  CHECK(empty.topic == topic);
  CHECK(empty.payload.empty());
  CHECK(empty.qos == 1);
  CHECK_FALSE(empty.retain);
  CHECK(retained_under(V::level, topic).empty());
}

TEST_CASE_TEMPLATE("an empty message is never stored [3.1.1:MQTT-3.3.1-11] [5.0:MQTT-3.3.1-7]", V,
                   V311, V50) {
  const std::string topic = unique("retained");
  Peer publisher = connected(V::level);
  for (const unsigned qos : {0U, 1U, 2U})
    hand_over(publisher, {.topic = topic, .qos = qos, .retain = true});
  CHECK(retained_under(V::level, topic).empty());
}

TEST_CASE_TEMPLATE(
    "RETAIN 0 neither stores nor replaces nor removes [3.1.1:MQTT-3.3.1-12] [5.0:MQTT-3.3.1-8]", V,
    V311, V50) {
  const std::string topic = retained_topic(V::level);
  Peer publisher = connected(V::level);
  publisher.publish({.topic = topic, .payload = "passing"});
  publisher.publish({.topic = topic, .payload = ""});
  publisher.publish({.topic = topic + "/other", .payload = "passing"});
  CHECK(payloads(retained_under(V::level, topic + "/#")) == std::vector<std::string>{"kept"});
}

TEST_CASE("Retain Handling 0: retained messages come with every SUBSCRIBE [5.0:MQTT-3.3.1-9]") {
  const std::string topic = retained_topic(Level::v5_0);
  Peer subscriber = connected(Level::v5_0);
  for (int time = 0; time < 3; ++time) {
    subscriber.subscribe(topic, 0);
    CHECK(payloads(pending_publishes(subscriber)) == std::vector<std::string>{"kept"});
  }
}

TEST_CASE(
    "Retain Handling 1: retained messages come with a new subscription only "
    "[5.0:MQTT-3.3.1-10]") {
  const std::string topic = retained_topic(Level::v5_0);
  const ConnectFields fields = lasting(Level::v5_0, unique("client"));
  Peer subscriber = connected(Level::v5_0, fields);
  subscriber.subscribe(topic, kRetainIfNew);
  CHECK(payloads(pending_publishes(subscriber)) == std::vector<std::string>{"kept"});
  subscriber.subscribe(topic, kRetainIfNew);
  CHECK(pending_publishes(subscriber).empty());
  subscriber.subscribe(topic, kRetainIfNew | 1U);
  CHECK(pending_publishes(subscriber).empty());

  Peer resumed(Level::v5_0);  // The subscription is as old as the session.
  CHECK(resumed.connect(fields).session_present);
  resumed.subscribe(topic, kRetainIfNew);
  CHECK(pending_publishes(resumed).empty());

  resumed.request(unsubscribe(Level::v5_0, 1, {topic}));
  resumed.subscribe(topic, kRetainIfNew);
  CHECK(payloads(pending_publishes(resumed)) == std::vector<std::string>{"kept"});
}

TEST_CASE("Retain Handling 2: retained messages never come [5.0:MQTT-3.3.1-11]") {
  const std::string topic = retained_topic(Level::v5_0);
  Peer subscriber = connected(Level::v5_0);
  for (int time = 0; time < 2; ++time) {
    subscriber.subscribe(topic, kNoRetained);
    CHECK(pending_publishes(subscriber).empty());
  }
}

TEST_CASE("Retain As Published 0: live messages have RETAIN 0 [5.0:MQTT-3.3.1-12]") {
  const std::string topic = unique("live");
  Peer subscriber = connected(Level::v5_0);
  subscriber.subscribe(topic, 0);
  Peer publisher = connected(Level::v5_0);
  publisher.publish({.topic = topic, .payload = "kept", .retain = true});
  publisher.publish({.topic = topic, .payload = "passing"});
  publisher.publish({.topic = topic, .payload = "", .retain = true});
  const auto messages = take(subscriber, 3);
  for (const Received& message : messages) CHECK_FALSE(message.retain);
}

TEST_CASE("Retain As Published 1: live messages keep their RETAIN [5.0:MQTT-3.3.1-13]") {
  const std::string topic = unique("live");
  Peer subscriber = connected(Level::v5_0);
  subscriber.subscribe(topic, kRetainAsPublished);
  Peer publisher = connected(Level::v5_0);
  publisher.publish({.topic = topic, .payload = "kept", .retain = true});
  publisher.publish({.topic = topic, .payload = "passing"});
  publisher.publish({.topic = topic, .payload = "", .retain = true});
  const auto messages = take(subscriber, 3);
  CHECK(messages[0].retain);
  CHECK_FALSE(messages[1].retain);
  CHECK(messages[2].retain);
}

TEST_CASE(
    "Retain As Published is for live messages: those stored have RETAIN 1 with it and "
    "without it") {
  const std::string topic = retained_topic(Level::v5_0);
  for (const unsigned options : {0U, kRetainAsPublished}) {
    Peer subscriber = connected(Level::v5_0);
    subscriber.subscribe(topic, options);
    CHECK(read_publish(subscriber).retain);
  }
}
