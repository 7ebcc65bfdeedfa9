#include "tests/conformance/delivery.hpp"

// What a 5.0 server passes on unaltered (§3.3.2.3), by every road that a message can take.

using namespace conformance;
using namespace conformance::wire;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

const std::string kCorrelation("\x00\x01\xFF\x00", 4);
const Pairs kUserProperties = {{"b", "1"}, {"a", "2"}, {"b", "0"},
                               {"", ""},   {"a", "2"}, {"é", "21,5 °C"}};

/// Every property that is forwarded, the user properties spread over the others.
std::string all_properties() {
  const auto user = [](std::size_t at) {
    return user_property(kUserProperties[at].first, kUserProperties[at].second);
  };
  return user(0) + property(id::correlation_data, field(kCorrelation)) + user(1) + user(2) +
         property(id::payload_format, byte(1)) + property(id::response_topic, field("answer/é")) +
         user(3) + property(id::content_type, field("text/plain; é")) + user(4) + user(5);
}

void check_unaltered(const Received& message) {
  CHECK(message.payload == "21,5 °C");
  CHECK(message.property(id::payload_format) == byte(1));
  CHECK(message.property(id::content_type) == "text/plain; é");
  CHECK(message.property(id::response_topic) == "answer/é");
  CHECK(message.property(id::correlation_data) == kCorrelation);
  CHECK(message.user_properties() == kUserProperties);
  CHECK(message.properties.size() >= all_properties().size());
}

PublishFields message_on(const std::string& topic, bool retain = false) {
  return {.topic = topic, .payload = "21,5 °C", .retain = retain, .properties = all_properties()};
}

}  // namespace

TEST_CASE(
    "properties reach a subscriber unaltered, user properties in their order "
    "[5.0:MQTT-3.3.2-4] [5.0:MQTT-3.3.2-15] [5.0:MQTT-3.3.2-16] [5.0:MQTT-3.3.2-17] "
    "[5.0:MQTT-3.3.2-18] [5.0:MQTT-3.3.2-20]") {
  for (const unsigned qos : {0U, 1U, 2U}) {
    CAPTURE(qos);
    const std::string topic = unique("properties");
    Peer subscriber = connected(Level::v5_0);
    subscriber.subscribe(topic, qos);
    Peer publisher = connected(Level::v5_0);
    publisher.publish(message_on(topic));
    check_unaltered(read_publish(subscriber));
  }
}

TEST_CASE(
    "Payload Format Indicator 0 is passed on too, and nothing is made up "
    "[5.0:MQTT-3.3.2-4]") {
  const std::string topic = unique("properties");
  Peer subscriber = connected(Level::v5_0);
  subscriber.subscribe(topic, 0);
  Peer publisher = connected(Level::v5_0);
  publisher.publish({.topic = topic, .properties = property(id::payload_format, byte(0))});
  CHECK(read_publish(subscriber).properties == property(id::payload_format, byte(0)));
  publisher.publish({.topic = topic, .payload = "\xFF not said to be text"});
  CHECK(read_publish(subscriber).properties.empty());
}

TEST_CASE(
    "properties of a message that waited for its subscriber are unaltered, sent again as well "
    "[5.0:MQTT-3.3.2-4] [5.0:MQTT-3.3.2-15] [5.0:MQTT-3.3.2-16] [5.0:MQTT-3.3.2-17] "
    "[5.0:MQTT-3.3.2-18] [5.0:MQTT-3.3.2-20]") {
  const std::string topic = unique("properties");
  const ConnectFields fields = lasting(Level::v5_0, unique("sleeper"));
  subscribe_and_leave(Level::v5_0, fields, topic, 2);
  Peer publisher = connected(Level::v5_0);
  publisher.publish(message_on(topic));
  for (const bool dup : {false, true}) {
    Peer subscriber = connected(Level::v5_0, fields);
    const Received message = read_publish(subscriber);
    CHECK(message.dup == dup);
    check_unaltered(message);
  }
}

TEST_CASE(
    "properties of a retained message are unaltered [5.0:MQTT-3.3.2-4] [5.0:MQTT-3.3.2-15] "
    "[5.0:MQTT-3.3.2-16] [5.0:MQTT-3.3.2-17] [5.0:MQTT-3.3.2-18] [5.0:MQTT-3.3.2-20]") {
  const std::string topic = unique("properties");
  Peer publisher = connected(Level::v5_0);
  publisher.publish(message_on(topic, true));
  Peer subscriber = connected(Level::v5_0);
  subscriber.subscribe(topic, 0);
  const Received message = read_publish(subscriber);
  CHECK(message.retain);
  check_unaltered(message);
}

TEST_CASE(
    "will properties are the properties of the message that the will becomes [5.0:MQTT-3.3.2-4] "
    "[5.0:MQTT-3.3.2-15] [5.0:MQTT-3.3.2-16] [5.0:MQTT-3.3.2-17] [5.0:MQTT-3.3.2-18] "
    "[5.0:MQTT-3.3.2-20]") {
  const std::string topic = unique("will");
  Peer subscriber = connected(Level::v5_0);
  subscriber.subscribe(topic, 1);
  const auto will_of_next = [&](const std::string& more) {
    Peer mortal = connected(Level::v5_0,
                            {.client_id = unique("mortal"),
                             .will = ConnectFields::Will{.topic = topic,
                                                         .payload = "21,5 °C",
                                                         .qos = 1,
                                                         .properties = more + all_properties()}});
    mortal.drop();
    return take(subscriber, 1).front();
  };
  check_unaltered(will_of_next({}));
  const Received expiring = will_of_next(property(id::message_expiry, four_bytes(600)));
  check_unaltered(expiring);
  CHECK(expiring.number(id::message_expiry) <= 600);
  CHECK(expiring.number(id::message_expiry) > 500);
  // Will Delay Interval is for the server.
  const Received delayed = will_of_next(property(id::will_delay, four_bytes(0)));
  check_unaltered(delayed);
  CHECK_FALSE(delayed.property(id::will_delay));
}

TEST_CASE("between the versions a message loses its properties or has none") {
  const std::string topic = unique("versions");
  Peer old = connected(Level::v3_1_1);
  old.subscribe(topic, 0);
  Peer now = connected(Level::v5_0);
  now.subscribe(topic, 0);
  connected(Level::v5_0).publish(message_on(topic));
  CHECK(read_publish(old).bytes == publish(Level::v3_1_1, {.topic = topic, .payload = "21,5 °C"}));
  check_unaltered(read_publish(now));
  connected(Level::v3_1_1).publish({.topic = topic, .payload = "from 3.1.1"});
  CHECK(read_publish(now).bytes == publish(Level::v5_0, {.topic = topic, .payload = "from 3.1.1"}));
}

TEST_CASE("a Response Topic that is not UTF-8 ends the connection [5.0:MQTT-3.3.2-13]") {
  for (const std::string bad : {"a\xC0\xAF", "\xED\xA0\x80", "a\xFF"})
    check_ends_connection(
        Level::v5_0,
        publish(Level::v5_0, {.topic = unique("request"),
                              .properties = property(id::response_topic, field(bad))}));
}

TEST_CASE("a Response Topic with a wildcard ends the connection [5.0:MQTT-3.3.2-14]") {
  for (const std::string bad : {"#", "+", "answer/#", "answer/+/x"})
    check_ends_connection(
        Level::v5_0,
        publish(Level::v5_0, {.topic = unique("request"),
                              .properties = property(id::response_topic, field(bad))}));
}

TEST_CASE("a Content Type that is not UTF-8 ends the connection [5.0:MQTT-3.3.2-19]") {
  for (const std::string bad : {"a\xC0\xAF", "\xED\xA0\x80", "a\xFF"})
    check_ends_connection(
        Level::v5_0, publish(Level::v5_0, {.topic = unique("typed"),
                                           .properties = property(id::content_type, field(bad))}));
}
