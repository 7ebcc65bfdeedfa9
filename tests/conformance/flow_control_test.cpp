#include "tests/conformance/delivery.hpp"

// Receive Maximum (5.0 §3.3.4, §4.9) and Maximum Packet Size (5.0 §3.1.2.11.4).

using namespace conformance;
using namespace conformance::wire;

namespace {

ConnectFields receiving_at_most(const std::string& client_id, unsigned maximum) {
  return lasting(Level::v5_0, client_id, property(id::receive_maximum, two_bytes(maximum)));
}

/// Publishes "PREFIX0" and so on at this QoS.
void publish_numbered(const std::string& topic, unsigned qos, std::size_t count,
                      std::string_view prefix = "m") {
  Peer publisher = connected(Level::v5_0);
  for (const std::string& payload : numbered(prefix, count))
    hand_over(publisher, {.topic = topic, .payload = payload, .qos = qos});
}

std::vector<std::string> part(const std::vector<std::string>& all, std::size_t from,
                              std::size_t count) {
  return {all.begin() + static_cast<std::ptrdiff_t>(from),
          all.begin() + static_cast<std::ptrdiff_t>(from + count)};
}

}  // namespace

TEST_CASE(
    "no more QoS 1 messages are open than the client's Receive Maximum [5.0:MQTT-3.3.4-9] "
    "[5.0:MQTT-4.9.0-1] [5.0:MQTT-4.9.0-2]") {
  for (const unsigned maximum : {1U, 3U, 5U}) {
    const std::string topic = unique("flow");
    Peer subscriber = connected(Level::v5_0, receiving_at_most(unique("client"), maximum));
    subscriber.subscribe(topic, 1);
    publish_numbered(topic, 1, 8);
    auto open = pending_publishes(subscriber);
    CHECK(payloads(open) == numbered("m", maximum));
    std::vector<std::string> arrived = payloads(open);
    while (arrived.size() < 8) {
      subscriber.send(ack(kSendPuback, open.back().packet_id));
      open.pop_back();
      const auto next = pending_publishes(subscriber);
      REQUIRE(next.size() == 1);
      open.insert(open.begin(), next[0]);
      arrived.push_back(next[0].payload);
    }
    CHECK(arrived == numbered("m", 8));
  }
}

TEST_CASE(
    "a QoS 2 message is open up to its PUBCOMP, or a PUBREC with a failure "
    "[5.0:MQTT-3.3.4-9] [5.0:MQTT-4.9.0-2]") {
  const std::string topic = unique("flow");
  Peer subscriber = connected(Level::v5_0, receiving_at_most(unique("client"), 2));
  subscriber.subscribe(topic, 2);
  publish_numbered(topic, 2, 4);
  const auto open = pending_publishes(subscriber);
  REQUIRE(payloads(open) == numbered("m", 2));
  CHECK(subscriber.request(ack(kSendPubrec, open[0].packet_id)).type == kPubrel);
  CHECK(subscriber.pending().empty());
  subscriber.send(ack(kSendPubcomp, open[0].packet_id));
  CHECK(payloads(pending_publishes(subscriber)) == std::vector<std::string>{"m2"});
  subscriber.send(ack(kSendPubrec, open[1].packet_id, 0x80));
  CHECK(payloads(pending_publishes(subscriber)) == std::vector<std::string>{"m3"});
}

TEST_CASE(
    "acknowledgements of what is not open make no room [5.0:MQTT-3.3.4-9] "
    "[5.0:MQTT-4.9.0-2]") {
  const std::string topic = unique("flow");
  Peer subscriber = connected(Level::v5_0, receiving_at_most(unique("client"), 1));
  subscriber.subscribe(topic, 1);
  publish_numbered(topic, 1, 3);
  const unsigned packet_id = read_publish(subscriber).packet_id;
  subscriber.send(ack(kSendPuback, packet_id + 1));
  CHECK(subscriber.pending().empty());
  for (int time = 0; time < 2; ++time) subscriber.send(ack(kSendPuback, packet_id));
  CHECK(payloads(pending_publishes(subscriber)) == std::vector<std::string>{"m1"});
}

TEST_CASE("QoS 0 goes on while the window is full") {
  const std::string topic = unique("flow");
  Peer subscriber = connected(Level::v5_0, receiving_at_most(unique("client"), 1));
  subscriber.subscribe(topic, 2);
  publish_numbered(topic, 2, 3);
  CHECK(read_publish(subscriber).payload == "m0");
  publish_numbered(topic, 0, 3, "at once");
  CHECK(payloads(pending_publishes(subscriber)) == numbered("at once", 3));
}

TEST_CASE(
    "everything but messages goes on while the window is full "
    "[5.0:MQTT-3.3.4-10] [5.0:MQTT-4.9.0-3]") {
  const std::string topic = unique("flow");
  Peer subscriber = connected(Level::v5_0, receiving_at_most(unique("client"), 1));
  subscriber.subscribe(topic, 2);
  publish_numbered(topic, 2, 3);
  const unsigned packet_id = read_publish(subscriber).packet_id;
  CHECK(subscriber.is_alive());
  CHECK(subscriber.subscribe(unique("more"), 1) == 1);
  CHECK(subscriber.request(unsubscribe(Level::v5_0, 2, {unique("less")})).type == 11);
  const std::string elsewhere = unique("elsewhere");
  for (const unsigned qos : {0U, 1U, 2U}) hand_over(subscriber, {.topic = elsewhere, .qos = qos});
  CHECK(subscriber.request(ack(kSendPubrec, packet_id)).type == kPubrel);
  CHECK(subscriber.pending().empty());
}

TEST_CASE(
    "each connection has its own Receive Maximum, and what is sent again takes room in it "
    "[5.0:MQTT-3.3.4-9] [5.0:MQTT-4.9.0-1] [5.0:MQTT-4.9.0-2] [5.0:MQTT-4.4.0-1]") {
  const std::string topic = unique("flow");
  const std::string client_id = unique("client");
  Peer wide = connected(Level::v5_0, receiving_at_most(client_id, 3));
  wide.subscribe(topic, 1);
  publish_numbered(topic, 1, 8);
  const auto open = pending_publishes(wide);
  REQUIRE(payloads(open) == numbered("m", 3));
  wide.drop();

  const auto all = numbered("m", 8);
  Peer narrow = connected(Level::v5_0, receiving_at_most(client_id, 2));
  const auto again = pending_publishes(narrow);
  CHECK(payloads(again) == part(all, 0, 2));
  narrow.send(ack(kSendPuback, again[0].packet_id));
  CHECK(payloads(pending_publishes(narrow)) == part(all, 2, 1));
  narrow.send(ack(kSendPuback, again[1].packet_id));
  const auto fresh = pending_publishes(narrow);
  CHECK(payloads(fresh) == part(all, 3, 1));
  CHECK_FALSE(fresh[0].dup);
  narrow.drop();

  Peer wider = connected(Level::v5_0, receiving_at_most(client_id, 4));
  const auto rest = pending_publishes(wider);
  CHECK(payloads(rest) == part(all, 2, 4));
  CHECK(rest[1].dup);
  CHECK_FALSE(rest[2].dup);
}

TEST_CASE(
    "an open PUBREL comes again although PUBLISH packets fill the window "
    "[5.0:MQTT-3.3.4-10] [5.0:MQTT-4.9.0-3] [5.0:MQTT-4.4.0-1]") {
  const std::string topic = unique("flow");
  const std::string client_id = unique("client");
  Peer subscriber = connected(Level::v5_0, receiving_at_most(client_id, 4));
  subscriber.subscribe(topic, 2);
  publish_numbered(topic, 2, 4);
  const auto open = pending_publishes(subscriber);
  REQUIRE(open.size() == 4);
  CHECK(subscriber.request(ack(kSendPubrec, open[3].packet_id)).type == kPubrel);
  leave(subscriber);

  Peer resumed = connected(Level::v5_0, receiving_at_most(client_id, 1));
  CHECK(read_publish(resumed).payload == "m0");
  CHECK(resumed.read().bytes == ack(kSendPubrel, open[3].packet_id));
  resumed.send(ack(kSendPubcomp, open[3].packet_id));
  CHECK(resumed.pending().empty());
  resumed.send(ack(kSendPubrec, open[0].packet_id));
  CHECK(resumed.read().type == kPubrel);
  resumed.send(ack(kSendPubcomp, open[0].packet_id));
  CHECK(payloads(take(resumed, 2)) == std::vector<std::string>{"m1", "m2"});
}

TEST_CASE(
    "the server's own Receive Maximum counts up to PUBCOMP, and a message above it ends the "
    "connection with 0x93") {
  Peer publisher(Level::v5_0);
  const unsigned maximum =
      publisher.connect(unique("publisher")).number(id::receive_maximum).value_or(65535);
  const std::string topic = unique("flow");
  const auto open = [&](unsigned packet_id) {
    return publisher.request(
        publish(Level::v5_0, {.topic = topic, .qos = 2, .packet_id = packet_id}));
  };
  for (unsigned i = 1; i <= maximum; ++i) REQUIRE(open(i).type == kPubrec);
  if (maximum == 65535) return;  // There are no more identifiers.
  REQUIRE(publisher.request(ack(kSendPubrel, 1)).type == kPubcomp);
  CHECK(open(maximum + 1).type == kPubrec);
  const Received last = open(maximum + 2);
  CHECK((last.type == kClosed || (last.type == kDisconnect && last.reason_code == 0x93)));
}
