#include <algorithm>

#include "tests/conformance/delivery.hpp"

// PUBACK, PUBREC, PUBREL and PUBCOMP themselves (§3.4 to §3.7).

using namespace conformance;
using namespace conformance::wire;

namespace {

bool is_one_of(unsigned code, std::initializer_list<unsigned> codes) {
  return std::ranges::find(codes, code) != codes.end();
}

/// Topics for which a broker may find different things to say: with a subscriber, without one, and
/// one where clients don't publish.
std::vector<std::string> telling_topics(Peer& subscriber) {
  const std::string topic = unique("told");
  subscriber.subscribe(topic, 2);
  return {topic, topic + "/nobody", "$SYS/" + topic, "$share/group/" + topic};
}

/// PUBACK and PUBREC have the same table (5.0 §3.4.2.1, §3.5.2.1).
void check_publish_codes(unsigned qos) {
  Peer subscriber = connected(Level::v5_0);
  for (const std::string& topic : telling_topics(subscriber)) {
    CAPTURE(topic);
    Peer publisher = connected(Level::v5_0);
    const Received answer =
        publisher.request(publish(Level::v5_0, {.topic = topic, .qos = qos, .packet_id = 3}));
    CHECK(answer.packet_id == 3);
    CHECK(answer.type == (qos == 1 ? kPuback : kPubrec));
    CHECK(is_one_of(answer.reason_code, {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99}));
  }
}

/// A 5.0 client that says it takes no packet larger than the CONNACK it got, or a little larger:
/// there is hardly room for any property.
Peer narrow_minded(unsigned& maximum) {
  Peer measuring(Level::v5_0);
  maximum = static_cast<unsigned>(measuring.connect(unique("wide")).bytes.size()) + 5;
  return connected(Level::v5_0,
                   {.client_id = unique("narrow"),
                    .properties = property(id::maximum_packet_size, four_bytes(maximum))});
}

}  // namespace

TEST_CASE_TEMPLATE("PUBREL has flags 2, else the connection ends [MQTT-3.6.1-1]", V, V311, V50) {
  for (unsigned flags = 0; flags < 16; ++flags) {
    if (flags == 2) continue;
    CAPTURE(flags);
    check_ends_connection(V::level, ack(0x60 | flags, 1), 0x81);
  }
}

TEST_CASE_TEMPLATE("PUBREL goes out with flags 2 [MQTT-3.6.1-1]", V, V311, V50) {
  const std::string topic = unique("released");
  Peer subscriber = connected(V::level);
  subscriber.subscribe(topic, 2);
  Peer publisher = connected(V::level);
  hand_over(publisher, {.topic = topic, .qos = 2});
  const unsigned packet_id = read_publish(subscriber).packet_id;
  CHECK(subscriber.request(ack(kSendPubrec, packet_id)).bytes == ack(kSendPubrel, packet_id));
}

TEST_CASE("PUBACK carries only codes of its table [5.0:MQTT-3.4.2-1]") { check_publish_codes(1); }

TEST_CASE("PUBREC carries only codes of its table [5.0:MQTT-3.5.2-1]") { check_publish_codes(2); }

TEST_CASE("PUBREL carries 0x00 or 0x92 [5.0:MQTT-3.6.2-1]") {
  const std::string topic = unique("released");
  Peer subscriber = connected(Level::v5_0);
  subscriber.subscribe(topic, 2);
  Peer publisher = connected(Level::v5_0);
  hand_over(publisher, {.topic = topic, .qos = 2});
  const unsigned packet_id = read_publish(subscriber).packet_id;
  for (const unsigned each : {packet_id, packet_id ^ 0x5555U}) {
    const Received pubrel = subscriber.request(ack(kSendPubrec, each));
    CHECK(pubrel.type == kPubrel);
    CHECK(pubrel.packet_id == each);
    CHECK((pubrel.reason_code == 0 || (each != packet_id && pubrel.reason_code == 0x92)));
  }
}

TEST_CASE("PUBCOMP carries 0x00 or 0x92 [5.0:MQTT-3.7.2-1]") {
  Peer publisher = connected(Level::v5_0);
  publisher.request(publish(Level::v5_0, {.topic = unique("completed"), .qos = 2, .packet_id = 5}));
  for (const unsigned packet_id : {5U, 5U, 6U}) {  // Open, released, never used.
    const Received pubcomp = publisher.request(ack(kSendPubrel, packet_id));
    CHECK(pubcomp.type == kPubcomp);
    CHECK(pubcomp.packet_id == packet_id);
    CHECK(is_one_of(pubcomp.reason_code, {0x00, 0x92}));
  }
}

TEST_CASE("an unknown identifier in PUBREC or PUBREL is answered with 0x92") {
  Peer peer = connected(Level::v5_0);
  CHECK(peer.request(ack(kSendPubrec, 6)).bytes == ack(kSendPubrel, 6, 0x92));
  CHECK(peer.request(ack(kSendPubrel, 6)).bytes == ack(kSendPubcomp, 6, 0x92));
  peer.request(publish(Level::v5_0, {.topic = unique("known"), .qos = 2, .packet_id = 6}));
  CHECK(peer.request(ack(kSendPubrel, 6)).bytes == ack(kSendPubcomp, 6));
  CHECK(peer.request(ack(kSendPubrel, 6)).bytes == ack(kSendPubcomp, 6, 0x92));
}

TEST_CASE("an unknown PUBREL gets its PUBCOMP in 3.1.1 as well") {
  Peer publisher = connected(Level::v3_1_1);
  CHECK(publisher.request(ack(kSendPubrel, 6)).bytes == ack(kSendPubcomp, 6));
}

TEST_CASE(
    "acknowledgements keep within the client's Maximum Packet Size, whatever they would like to "
    "tell [5.0:MQTT-3.4.2-2] [5.0:MQTT-3.4.2-3] [5.0:MQTT-3.5.2-2] [5.0:MQTT-3.5.2-3] "
    "[5.0:MQTT-3.7.2-2] [5.0:MQTT-3.7.2-3]") {
  Peer subscriber = connected(Level::v5_0);
  for (const std::string& topic : telling_topics(subscriber)) {
    for (const unsigned qos : {1U, 2U}) {
      unsigned maximum = 0;
      Peer publisher = narrow_minded(maximum);
      CHECK(publisher.request(publish(Level::v5_0, {.topic = topic, .qos = qos, .packet_id = 3}))
                .bytes.size() <= maximum);
    }
  }
  unsigned maximum = 0;
  Peer publisher = narrow_minded(maximum);
  publisher.request(publish(Level::v5_0, {.topic = unique("told"), .qos = 2, .packet_id = 3}));
  for (const unsigned packet_id : {3U, 4U}) {
    const Received completed = publisher.request(ack(kSendPubrel, packet_id));
    CHECK(completed.type == kPubcomp);
    CHECK(completed.bytes.size() <= maximum);
  }
}

TEST_CASE(
    "PUBREL keeps within the client's Maximum Packet Size [5.0:MQTT-3.6.2-2] "
    "[5.0:MQTT-3.6.2-3]") {
  unsigned maximum = 0;
  Peer subscriber = narrow_minded(maximum);
  subscriber.subscribe("n", 2);
  Peer publisher = connected(Level::v5_0);
  hand_over(publisher, {.topic = "n", .qos = 2});
  const unsigned packet_id = read_publish(subscriber).packet_id;
  for (const unsigned each : {packet_id, packet_id + 1}) {
    const Received pubrel = subscriber.request(ack(kSendPubrec, each));
    CHECK(pubrel.type == kPubrel);
    CHECK(pubrel.bytes.size() <= maximum);
  }
}
