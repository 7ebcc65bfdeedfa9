#include "tests/conformance/delivery.hpp"

// What is sent again, when, and in which order (§4.4).

using namespace conformance;
using namespace conformance::wire;

namespace {

/// A client with a QoS 1 message "one", a QoS 2 message "two" and a PUBREL open, in this order of
/// the messages: released, one, two. It has gone; what is published now waits.
struct Interrupted {
  explicit Interrupted(Level of_level)
      : level(of_level), fields(lasting(level, unique("client"))), topic(unique("retry")) {
    Peer subscriber = connected(level, fields);
    subscriber.subscribe(topic, 2);
    Peer publisher = connected(level);
    hand_over(publisher, {.topic = topic, .payload = "released", .qos = 2});
    hand_over(publisher, {.topic = topic, .payload = "one", .qos = 1});
    hand_over(publisher, {.topic = topic, .payload = "two", .qos = 2});
    released = read_publish(subscriber);
    one = read_publish(subscriber);
    two = read_publish(subscriber);
    CHECK(subscriber.request(ack(kSendPubrec, released.packet_id)).type == kPubrel);
    leave(subscriber);
  }

  Level level;
  ConnectFields fields;
  std::string topic;
  Received released;
  Received one;
  Received two;
};

void check_repeats(const Received& again, const Received& first) {
  CHECK(again.type == kPublish);
  CHECK(again.dup);
  CHECK(again.packet_id == first.packet_id);
  CHECK(again.qos == first.qos);
  CHECK(again.topic == first.topic);
  CHECK(again.payload == first.payload);
  CHECK(again.bytes.size() == first.bytes.size());
}

}  // namespace

TEST_CASE_TEMPLATE(
    "on resume open PUBLISH and PUBREL packets come again with their identifiers, PUBLISH with "
    "DUP, in their order, before anything new [MQTT-4.4.0-1] [MQTT-3.3.1-1]",
    V, V311, V50) {
  const Interrupted client(V::level);
  Peer publisher = connected(V::level);
  hand_over(publisher, {.topic = client.topic, .payload = "new", .qos = 2});

  Peer resumed(V::level);
  CHECK(resumed.connect(client.fields).session_present);
  const Received pubrel = resumed.read();
  CHECK(pubrel.bytes == ack(kSendPubrel, client.released.packet_id));
  check_repeats(resumed.read(), client.one);
  check_repeats(resumed.read(), client.two);
  const Received fresh = read_publish(resumed);
  CHECK(fresh.payload == "new");
  CHECK_FALSE(fresh.dup);
  CHECK(resumed.pending().empty());
}

TEST_CASE_TEMPLATE(
    "a second resume sends again what the first one left open [MQTT-4.4.0-1] [MQTT-3.3.1-1]", V,
    V311, V50) {
  const Interrupted client(V::level);
  for (int time = 0; time < 2; ++time) {
    Peer resumed = connected(V::level, client.fields);
    CHECK(resumed.read().type == kPubrel);
    check_repeats(resumed.read(), client.one);
    check_repeats(resumed.read(), client.two);
    resumed.drop();
  }
  Peer resumed = connected(V::level, client.fields);
  CHECK(resumed.read().type == kPubrel);
  resumed.send(ack(kSendPubcomp, client.released.packet_id));
  CHECK(payloads(take(resumed, 2)) == std::vector<std::string>{"one", "two"});
  leave(resumed);
  CHECK(connected(V::level, client.fields).pending().empty());
}

TEST_CASE("nothing is sent again while the connection lasts [5.0:MQTT-4.4.0-1]") {
  const std::string topic = unique("retry");
  Peer subscriber = connected(Level::v5_0);
  subscriber.subscribe(topic, 2);
  Peer publisher = connected(Level::v5_0);
  for (const unsigned qos : {1U, 2U, 2U})
    hand_over(publisher, {.topic = topic, .payload = "patience", .qos = qos});
  for (int i = 0; i < 2; ++i) read_publish(subscriber);
  const unsigned packet_id = read_publish(subscriber).packet_id;
  CHECK(subscriber.request(ack(kSendPubrec, packet_id)).type == kPubrel);
  let_broker_age(2);
  hand_over(publisher, {.topic = topic, .payload = "wakes", .qos = 0});
  const auto messages = pending_publishes(subscriber);
  CHECK(payloads(messages) == std::vector<std::string>{"wakes"});
}

TEST_CASE("a PUBACK or PUBREC with a failure settles the message [5.0:MQTT-4.4.0-2]") {
  const ConnectFields fields = lasting(Level::v5_0, unique("client"));
  const std::string topic = unique("retry");
  Peer subscriber = connected(Level::v5_0, fields);
  subscriber.subscribe(topic, 2);
  Peer publisher = connected(Level::v5_0);
  for (const unsigned code : {0x80U, 0x83U, 0x87U, 0x90U, 0x91U, 0x97U, 0x99U}) {
    CAPTURE(code);
    hand_over(publisher, {.topic = topic, .qos = 1});
    subscriber.send(ack(kSendPuback, read_publish(subscriber).packet_id, code));
    hand_over(publisher, {.topic = topic, .qos = 2});
    subscriber.send(ack(kSendPubrec, read_publish(subscriber).packet_id, code));
  }
  CHECK(subscriber.pending().empty());
  subscriber.drop();
  Peer resumed(Level::v5_0);
  CHECK(resumed.connect(fields).session_present);
  CHECK(resumed.pending().empty());
}
