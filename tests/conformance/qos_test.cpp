#include <algorithm>
#include <set>

#include "tests/conformance/delivery.hpp"

// The QoS 1 and 2 protocols (§4.3.2, §4.3.3), the broker once as the sender and once as the
// receiver.

using namespace conformance;
using namespace conformance::wire;

namespace {

bool are_distinct(const std::vector<unsigned>& ids) {
  return std::set<unsigned>(ids.begin(), ids.end()).size() == ids.size() &&
         std::ranges::find(ids, 0U) == ids.end();
}

/// Ten messages m0.. at this QoS, the first copies of which the subscriber has read.
std::vector<Received> first_copies(Peer& subscriber, unsigned qos) {
  const std::string topic = unique("sent");
  CHECK(subscriber.subscribe(topic, qos) == qos);
  Peer publisher = connected(subscriber.level());
  std::vector<Received> copies;
  for (const std::string& payload : numbered("m", 10)) {
    hand_over(publisher, {.topic = topic, .payload = payload, .qos = qos});
    copies.push_back(read_publish(subscriber));
    CHECK(copies.back().qos == qos);
    CHECK_FALSE(copies.back().dup);
  }
  CHECK(payloads(copies) == numbered("m", 10));
  return copies;
}

/// What comes again on a new connection, all of it with DUP, and nothing else.
std::vector<Received> sent_again(Level level, const ConnectFields& fields) {
  Peer resumed(level);
  CHECK(resumed.connect(fields).session_present);
  auto packets = resumed.pending();
  for (const Received& packet : packets)
    if (packet.type == kPublish) CHECK(packet.dup);
  return packets;
}

}  // namespace

TEST_CASE_TEMPLATE(
    "a QoS 1 message goes out with a free identifier and DUP 0, and is open until its PUBACK "
    "[MQTT-4.3.2-1] [5.0:MQTT-4.3.2-2] [5.0:MQTT-4.3.2-3]",
    V, V311, V50) {
  const ConnectFields fields = lasting(V::level, unique("client"));
  Peer subscriber = connected(V::level, fields);
  const auto copies = first_copies(subscriber, 1);
  CHECK(are_distinct(packet_ids(copies)));
  std::vector<unsigned> open;
  for (std::size_t i = 0; i < copies.size(); ++i) {
    if (i % 3 == 0)
      subscriber.send(ack(kSendPuback, copies[i].packet_id));
    else
      open.push_back(copies[i].packet_id);
  }
  CHECK(subscriber.pending().empty());

  // Identifiers of open messages are not free.
  const auto more = first_copies(subscriber, 1);
  for (const Received& copy : more) open.push_back(copy.packet_id);
  CHECK(are_distinct(open));
  subscriber.drop();
  const auto again = sent_again(V::level, fields);
  CHECK(packet_ids(again) == open);
}

TEST_CASE_TEMPLATE(
    "a QoS 1 message is answered by PUBACK with its identifier, which then means a new message "
    "whatever DUP says [MQTT-4.3.2-2] [5.0:MQTT-4.3.2-4] [5.0:MQTT-4.3.2-5]",
    V, V311, V50) {
  const std::string topic = unique("received");
  Peer subscriber = connected(V::level);
  subscriber.subscribe(topic, 0);
  Peer publisher = connected(V::level);
  for (const bool dup : {false, true, true, false}) {
    const Received answer = publisher.request(publish(
        V::level, {.topic = topic, .payload = "again", .qos = 1, .packet_id = 0xABCD, .dup = dup}));
    CHECK(answer.bytes == ack(kSendPuback, 0xABCD));
    CHECK(read_publish(subscriber).payload == "again");
  }
  CHECK(subscriber.pending().empty());
}

TEST_CASE_TEMPLATE(
    "a QoS 2 message goes out with a free identifier and DUP 0 and is open until its PUBREC "
    "[MQTT-4.3.3-1] [5.0:MQTT-4.3.3-2] [5.0:MQTT-4.3.3-3]",
    V, V311, V50) {
  const ConnectFields fields = lasting(V::level, unique("client"));
  Peer subscriber = connected(V::level, fields);
  const auto copies = first_copies(subscriber, 2);
  CHECK(are_distinct(packet_ids(copies)));
  subscriber.drop();
  const auto again = sent_again(V::level, fields);
  CHECK(packet_ids(again) == packet_ids(copies));
  CHECK(payloads(again) == payloads(copies));
}

TEST_CASE_TEMPLATE(
    "PUBREC is answered by PUBREL, which is open until its PUBCOMP, and the message does not come "
    "again [3.1.1:MQTT-4.3.3-1] [5.0:MQTT-4.3.3-4] [5.0:MQTT-4.3.3-5] [5.0:MQTT-4.3.3-6]",
    V, V311, V50) {
  const ConnectFields fields = lasting(V::level, unique("client"));
  Peer subscriber = connected(V::level, fields);
  const auto ids = packet_ids(first_copies(subscriber, 2));
  for (const unsigned packet_id : ids)
    CHECK(subscriber.request(ack(kSendPubrec, packet_id)).bytes == ack(kSendPubrel, packet_id));
  // Again: the first answer may have been lost with an earlier connection.
  CHECK(subscriber.request(ack(kSendPubrec, ids[1])).bytes == ack(kSendPubrel, ids[1]));
  subscriber.send(ack(kSendPubcomp, ids[0]));
  CHECK(subscriber.pending().empty());
  subscriber.drop();

  const auto again = sent_again(V::level, fields);
  REQUIRE(again.size() == ids.size() - 1);
  for (std::size_t i = 0; i < again.size(); ++i)
    CHECK(again[i].bytes == ack(kSendPubrel, ids[i + 1]));
  Peer resumed = connected(V::level, fields);
  REQUIRE(resumed.pending().size() == again.size());
  for (const unsigned packet_id : ids) resumed.send(ack(kSendPubcomp, packet_id));
  CHECK(resumed.is_alive());
  leave(resumed);
  CHECK(sent_again(V::level, fields).empty());
}

TEST_CASE_TEMPLATE(
    "a QoS 2 message is answered by PUBREC, again until PUBREL comes, and delivered once; after "
    "PUBCOMP its identifier means a new message [MQTT-4.3.3-2] [5.0:MQTT-4.3.3-8] "
    "[5.0:MQTT-4.3.3-10] [5.0:MQTT-4.3.3-11] [5.0:MQTT-4.3.3-12]",
    V, V311, V50) {
  const std::string topic = unique("received");
  Peer subscriber = connected(V::level);
  subscriber.subscribe(topic, 0);
  const ConnectFields fields = lasting(V::level, unique("publisher"));
  const auto copy = [&](const std::string& payload, bool dup) {
    return publish(V::level,
                   {.topic = topic, .payload = payload, .qos = 2, .packet_id = 0xABCD, .dup = dup});
  };
  for (const std::string payload : {"first", "second"}) {
    Peer publisher = connected(V::level, fields);
    CHECK(publisher.request(copy(payload, false)).bytes == ack(kSendPubrec, 0xABCD));
    CHECK(publisher.request(copy(payload, true)).bytes == ack(kSendPubrec, 0xABCD));
    publisher.drop();
    Peer resumed = connected(V::level, fields);
    CHECK(resumed.request(copy(payload, true)).bytes == ack(kSendPubrec, 0xABCD));
    CHECK(resumed.request(ack(kSendPubrel, 0xABCD)).bytes == ack(kSendPubcomp, 0xABCD));
  }
  CHECK(payloads(pending_publishes(subscriber)) == std::vector<std::string>{"first", "second"});
}

TEST_CASE(
    "after a PUBREC with a failure the identifier means a new message "
    "[5.0:MQTT-4.3.3-9]") {
  const std::string topic = unique("received");
  Peer subscriber = connected(Level::v5_0);
  subscriber.subscribe(topic, 0);
  Peer publisher = connected(Level::v5_0);
  const Received refused =
      publisher.request(publish(Level::v5_0, {.topic = "$SYS/" + topic, .qos = 2, .packet_id = 8}));
  if (refused.type != kPubrec || refused.reason_code < 0x80 ||
      publisher.request(pingreq()).type != kPingresp) {
    MESSAGE("skipped: the broker does not answer a message to $SYS with a failure and go on");
    return;
  }
  hand_over(publisher, {.topic = topic, .payload = "new", .qos = 2, .packet_id = 8, .dup = true});
  CHECK(payloads(pending_publishes(subscriber)) == std::vector<std::string>{"new"});
}

TEST_CASE_TEMPLATE(
    "five hundred QoS 2 messages may be open at once: none is lost, doubled or out of order "
    "[MQTT-4.3.3-2] [5.0:MQTT-4.3.3-8] [5.0:MQTT-4.3.3-11]",
    V, V311, V50) {
  const std::string topic = unique("many");
  Peer subscriber = connected(V::level);
  subscriber.subscribe(topic, 2);
  Peer publisher(V::level);
  const unsigned allowed =
      publisher.connect(unique("publisher")).number(id::receive_maximum).value_or(65535);
  const unsigned count = std::min(500U, allowed);
  const std::vector<std::string> expected = numbered("m", count);
  for (unsigned i = 0; i < count; ++i)
    publisher.send(
        publish(V::level, {.topic = topic, .payload = expected[i], .qos = 2, .packet_id = i + 1}));
  for (unsigned i = 0; i < count; ++i) REQUIRE(publisher.read().bytes == ack(kSendPubrec, i + 1));
  for (unsigned i = 0; i < count; ++i) publisher.send(ack(kSendPubrel, i + 1));
  for (unsigned i = 0; i < count; ++i) REQUIRE(publisher.read().bytes == ack(kSendPubcomp, i + 1));
  CHECK(payloads(take(subscriber, count)) == expected);
  CHECK(subscriber.pending().empty());
}
