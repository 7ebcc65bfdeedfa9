#include "tests/conformance/delivery.hpp"

// PUBLISH: DUP, QoS, topic name and the answer (§3.3).

using namespace conformance;
using namespace conformance::wire;

TEST_CASE_TEMPLATE("DUP at QoS 0 ends the connection [MQTT-3.3.1-2]", V, V311, V50) {
  check_ends_connection(V::level, publish(V::level, {.topic = unique("dup"), .dup = true}), 0x81);
}

TEST_CASE_TEMPLATE("QoS 0 goes out with QoS 0 and DUP 0 [MQTT-3.3.1-2] [MQTT-4.3.1-1]", V, V311,
                   V50) {
  const std::string topic = unique("qos0");
  Peer subscriber = connected(V::level);
  CHECK(subscriber.subscribe(topic, 0) == 0);
  Peer publisher = connected(V::level);
  publisher.send(publish(V::level, {.topic = topic, .payload = "published at 0"}));
  hand_over(publisher, {.topic = topic, .payload = "at 1 with DUP", .qos = 1, .dup = true});

  for (const std::string payload : {"published at 0", "at 1 with DUP"}) {
    const Received message = read_publish(subscriber);
    CHECK(message.payload == payload);
    CHECK(message.qos == 0);
    CHECK_FALSE(message.dup);
  }
}

TEST_CASE_TEMPLATE("a publisher's DUP does not go on to subscribers [MQTT-3.3.1-3]", V, V311, V50) {
  const std::string topic = unique("dup");
  Peer subscriber = connected(V::level);
  CHECK(subscriber.subscribe(topic, 2) == 2);
  Peer publisher = connected(V::level);
  hand_over(publisher, {.topic = topic, .payload = "one", .qos = 1, .dup = true});
  hand_over(publisher, {.topic = topic, .payload = "two", .qos = 2, .dup = true});
  const auto messages = take(subscriber, 2);
  CHECK(payloads(messages) == std::vector<std::string>{"one", "two"});
  for (const Received& message : messages) CHECK_FALSE(message.dup);
}

TEST_CASE_TEMPLATE("QoS 3 ends the connection [MQTT-3.3.1-4]", V, V311, V50) {
  for (const bool dup : {false, true}) {
    check_ends_connection(
        V::level,
        publish(V::level, {.topic = unique("qos3"), .qos = 3, .packet_id = 7, .dup = dup}), 0x81);
  }
}

TEST_CASE_TEMPLATE("a topic name comes first in a PUBLISH [MQTT-3.3.2-1]", V, V311, V50) {
  const std::string topic = unique("erster/Grüße é 温度 \xF0\x9F\x8C\xA1");
  Peer subscriber = connected(V::level);
  subscriber.subscribe(topic, 0);
  Peer publisher = connected(V::level);
  publisher.publish({.topic = topic, .payload = "21"});
  const Received message = read_publish(subscriber);
  CHECK(message.bytes == publish(V::level, {.topic = topic, .payload = "21"}));
}

TEST_CASE_TEMPLATE("a topic name that is not UTF-8 ends the connection [MQTT-3.3.2-1]", V, V311,
                   V50) {
  // An overlong slash, a surrogate, a lone continuation, a cut sequence, beyond U+10FFFF, U+0000.
  const std::string null(1, '\0');
  for (const std::string& bad : std::vector<std::string>{"\xC0\xAF", "\xED\xA0\x80", "\x80",
                                                         "\xE2\x82", "\xF4\x90\x80\x80", null}) {
    CAPTURE(bad);
    check_ends_connection(V::level, publish(V::level, {.topic = "a/" + bad}));
  }
}

TEST_CASE("a PUBLISH needs a topic name or an alias [5.0:MQTT-3.3.2-1]") {
  check_ends_connection(Level::v5_0, publish(Level::v5_0, {.topic = ""}), 0x82);
}

TEST_CASE_TEMPLATE("a wildcard in a topic name ends the connection [MQTT-3.3.2-2]", V, V311, V50) {
  for (const std::string topic : {"#", "+", "a/#", "a/+/b", "a#", "+a", "a/b+"}) {
    CAPTURE(topic);
    check_ends_connection(V::level, publish(V::level, {.topic = topic, .qos = 1, .packet_id = 1}));
  }
}

TEST_CASE_TEMPLATE("subscribers get what their filters match, by its own topic [MQTT-3.3.2-3]", V,
                   V311, V50) {
  const std::string root = unique("match");
  Peer subscriber = connected(V::level);
  subscriber.subscribe(root + "/+/warm", 0);
  subscriber.subscribe(root + "/deep/#", 0);
  Peer publisher = connected(V::level);
  for (const std::string topic : {"", "/x/warm", "/x/cold", "//warm", "/x/y/warm", "/deep",
                                  "/deep/x/y", "/deeper", "/x/Warm"})
    publisher.publish({.topic = root + topic, .payload = topic});
  publisher.publish({.topic = "/" + root + "/x/warm", .payload = "elsewhere"});

  const auto messages = pending_publishes(subscriber);
  CHECK(payloads(messages) == std::vector<std::string>{"/x/warm", "//warm", "/deep", "/deep/x/y"});
  for (const Received& message : messages) CHECK(message.topic == root + message.payload);
}

TEST_CASE_TEMPLATE("QoS decides the answer: none, PUBACK or PUBREC [MQTT-3.3.4-1]", V, V311, V50) {
  const std::string topic = unique("answer");
  Peer publisher = connected(V::level);
  publisher.send(publish(V::level, {.topic = topic}));
  CHECK(publisher.pending().empty());
  const Received one =
      publisher.request(publish(V::level, {.topic = topic, .qos = 1, .packet_id = 0x0102}));
  CHECK(one.type == kPuback);
  CHECK(one.packet_id == 0x0102);
  const Received two =
      publisher.request(publish(V::level, {.topic = topic, .qos = 2, .packet_id = 0x0102}));
  CHECK(two.type == kPubrec);
  CHECK(two.packet_id == 0x0102);
  CHECK(publisher.pending().empty());
}

TEST_CASE(
    "a message that its publisher may not publish is acknowledged as any other, or ends the "
    "connection [3.1.1:MQTT-3.3.5-2]") {
  const std::string topic = "$SYS/" + unique("forbidden");
  Peer subscriber = connected(Level::v3_1_1);
  subscriber.subscribe(topic, 0);
  for (const unsigned qos : {1U, 2U}) {
    Peer publisher = connected(Level::v3_1_1);
    const Received answer =
        publisher.request(publish(Level::v3_1_1, {.topic = topic, .qos = qos, .packet_id = 9}));
    if (answer.type == kClosed) continue;
    CHECK(answer.bytes == ack(qos == 1 ? kSendPuback : kSendPubrec, 9));
    if (qos == 1) continue;
    const Received last = publisher.request(ack(kSendPubrel, 9));
    if (last.type != kClosed) CHECK(last.bytes == ack(kSendPubcomp, 9));
  }
  CHECK(subscriber.pending().empty());
}
