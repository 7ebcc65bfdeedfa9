#include <algorithm>
#include <array>

#include "tests/conformance/delivery.hpp"

// UNSUBSCRIBE and UNSUBACK (§3.10, §3.11). The two versions number some statements differently.

using namespace conformance;
using namespace conformance::wire;

namespace {

/// UNSUBSCRIBE and its UNSUBACK; the reason codes, in 3.1.1 nothing.
std::string unsubscribed(Peer& peer, const std::vector<std::string>& filters) {
  const Received unsuback = peer.request(unsubscribe(peer.level(), 7, filters));
  REQUIRE(unsuback.type == kUnsuback);
  REQUIRE(unsuback.packet_id == 7);
  return unsuback.payload;
}

/// The payloads that come of one QoS 0 message to each of the topics.
std::vector<std::string> heard(Peer& subscriber, const std::vector<std::string>& topics) {
  Peer publisher = connected(subscriber.level());
  for (const std::string& topic : topics)
    hand_over(publisher, {.topic = topic, .payload = "to " + topic});
  return payloads(pending_publishes(subscriber));
}

}  // namespace

TEST_CASE_TEMPLATE("UNSUBSCRIBE with other flags than 2 ends the connection [MQTT-3.10.1-1]", V,
                   V311, V50) {
  const std::string body = unsubscribe(V::level, 7, {unique("flags")}).substr(2);
  for (const unsigned first : {0xA0U, 0xA1U, 0xA3U, 0xA4U, 0xA6U, 0xAAU, 0xAFU}) {
    CAPTURE(first);
    check_ends_connection(V::level, packet(first, body), 0x81);
  }
}

TEST_CASE_TEMPLATE("UNSUBSCRIBE of a filter that is not UTF-8 ends the connection [MQTT-3.10.3-1]",
                   V, V311, V50) {
  for (const std::string bad : {"\xFF", "a/\xC0\xAF", "a/\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    check_ends_connection(V::level, unsubscribe(V::level, 7, {bad}), 0x81);
    check_ends_connection(V::level, unsubscribe(V::level, 7, {unique("good"), bad}), 0x81);
  }
}

TEST_CASE_TEMPLATE("UNSUBSCRIBE without a filter ends the connection [MQTT-3.10.3-2]", V, V311,
                   V50) {
  check_ends_connection(V::level, unsubscribe(V::level, 7, {}), ours(0x82));
}

TEST_CASE_TEMPLATE("only the very same filter, byte for byte, is unsubscribed [MQTT-3.10.4-1]", V,
                   V311, V50) {
  const std::string topic = unique("exact");
  const std::vector<std::string> filters = {topic + "/x", topic + "/y/+", topic + "/z/#"};
  Peer peer = connected(V::level);
  for (const std::string& filter : filters) peer.subscribe(filter, 0);
  const std::vector<std::string> topics = {topic + "/x", topic + "/y/1", topic + "/z/1/2"};
  const auto all = heard(peer, topics);
  CHECK(all.size() == 3);
  for (const std::string other :
       {"/X", "/x/", "/x/#", "/+", "/#", "//x", "", "/y/1", "/y/#", "/z/+", "/z/1/2", "/z"}) {
    CAPTURE(other);
    const std::string codes = unsubscribed(peer, {topic + other});
    if (V::level == Level::v5_0) CHECK(codes == byte(0x11));
  }
  CHECK(heard(peer, topics) == all);
  for (const std::string& filter : filters) unsubscribed(peer, {filter});
  CHECK(heard(peer, topics).empty());
}

TEST_CASE("a filter and the same one shared are different subscriptions [5.0:MQTT-3.10.4-1]") {
  const std::string topic = unique("shared");
  const std::string shared = "$share/group/" + topic;
  Peer peer = connected(Level::v5_0);
  peer.subscribe(topic, 0);
  CHECK(unsubscribed(peer, {shared}) == byte(0x11));
  CHECK(heard(peer, {topic}).size() == 1);
  peer.subscribe(shared, 0);
  CHECK(unsubscribed(peer, {"$share/other/" + topic}) == byte(0x11));
  CHECK(unsubscribed(peer, {topic}) == byte(0));
  CHECK(heard(peer, {topic}).size() == 1);
  CHECK(unsubscribed(peer, {shared}) == byte(0));
  CHECK(heard(peer, {topic}).empty());
}

TEST_CASE_TEMPLATE("after UNSUBACK no new message comes [MQTT-3.10.4-2]", V, V311, V50) {
  const std::string topic = unique("gone");
  const ConnectFields fields = lasting(V::level, unique("client"));
  Peer publisher = connected(V::level);
  Peer peer = connected(V::level, fields);
  peer.subscribe(topic, 2);
  unsubscribed(peer, {topic});
  for (const unsigned qos : {0U, 1U, 2U}) hand_over(publisher, {.topic = topic, .qos = qos});
  CHECK(peer.pending().empty());
  leave(peer);
  for (const unsigned qos : {1U, 2U}) hand_over(publisher, {.topic = topic, .qos = qos});
  Peer back(V::level);
  CHECK(back.connect(fields).session_present);
  CHECK(back.pending().empty());
}

TEST_CASE_TEMPLATE("deliveries under way are finished after UNSUBSCRIBE [MQTT-3.10.4-3]", V, V311,
                   V50) {
  const std::string topic = unique("under-way");
  Peer peer = connected(V::level);
  peer.subscribe(topic, 2);
  Peer publisher = connected(V::level);
  for (const unsigned qos : {1U, 2U, 2U}) hand_over(publisher, {.topic = topic, .qos = qos});
  const Received at_qos1 = read_publish(peer);
  const Received at_qos2 = read_publish(peer);
  const Received later = read_publish(peer);
  CHECK(peer.request(ack(kSendPubrec, at_qos2.packet_id)).type == kPubrel);
  unsubscribed(peer, {topic});
  peer.send(ack(kSendPuback, at_qos1.packet_id) + ack(kSendPubcomp, at_qos2.packet_id));
  const Received pubrel = peer.request(ack(kSendPubrec, later.packet_id));
  CHECK(pubrel.type == kPubrel);
  CHECK(pubrel.packet_id == later.packet_id);
  CHECK(pubrel.reason_code == 0);
  peer.send(ack(kSendPubcomp, later.packet_id));
  CHECK(peer.pending().empty());
}

TEST_CASE_TEMPLATE(
    "deliveries under way are finished after UNSUBSCRIBE on the next connection [MQTT-3.10.4-3]", V,
    V311, V50) {
  const std::string topic = unique("under-way");
  const ConnectFields fields = lasting(V::level, unique("client"));
  Peer peer = connected(V::level, fields);
  peer.subscribe(topic, 2);
  Peer publisher = connected(V::level);
  for (const unsigned qos : {1U, 2U, 2U}) hand_over(publisher, {.topic = topic, .qos = qos});
  const Received at_qos1 = read_publish(peer);
  const Received at_qos2 = read_publish(peer);
  const Received begun = read_publish(peer);
  CHECK(peer.request(ack(kSendPubrec, begun.packet_id)).type == kPubrel);
  unsubscribed(peer, {topic});
  peer.drop();
  Peer back(V::level);
  CHECK(back.connect(fields).session_present);
  const auto again = take(back, 2);
  CHECK(packet_ids(again) == std::vector<unsigned>{at_qos1.packet_id, at_qos2.packet_id});
  for (const Received& message : again) CHECK(message.dup);
  // The third one, whose PUBREL came again, is answered by take() as well.
  CHECK(back.pending().empty());
}

TEST_CASE_TEMPLATE(
    "every UNSUBSCRIBE gets an UNSUBACK with its packet identifier, whether anything was removed "
    "or not [3.1.1:MQTT-3.10.4-4] [5.0:MQTT-3.10.4-4] [MQTT-3.10.4-5]",
    V, V311, V50) {
  const std::string filter = unique("answered");
  Peer peer = connected(V::level);
  peer.subscribe(filter, 1);
  std::vector<unsigned> ids = {65535, 3, 300, 1};
  std::string requests;
  for (const unsigned id : ids) requests += unsubscribe(V::level, id, {filter});
  peer.send(requests);
  std::vector<unsigned> answered;
  std::string codes;
  for (const Received& answer : peer.pending()) {
    CHECK(answer.type == kUnsuback);
    CHECK(answer.flags == 0);
    answered.push_back(answer.packet_id);
    codes += answer.payload;
  }
  std::ranges::sort(ids);
  std::ranges::sort(answered);
  CHECK(answered == ids);
  CHECK(codes == (V::level == Level::v5_0 ? hex("00 11 11 11") : ""));
}

TEST_CASE_TEMPLATE(
    "several filters in one UNSUBSCRIBE work as one UNSUBSCRIBE each, but for one UNSUBACK "
    "[MQTT-3.10.4-6]",
    V, V311, V50) {
  const std::string topic = unique("several");
  Peer peer = connected(V::level);
  for (const std::string last : {"/a", "/b", "/c"}) peer.subscribe(topic + last, 1);
  peer.send(unsubscribe(V::level, 9, {topic + "/a", topic + "/none", topic + "/b", topic + "/a"}));
  const auto answers = peer.pending();
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].type == kUnsuback);
  CHECK(answers[0].packet_id == 9);
  CHECK(heard(peer, {topic + "/a", topic + "/b", topic + "/c"}) ==
        std::vector<std::string>{"to " + topic + "/c"});
}

TEST_CASE(
    "UNSUBACK has one code of its table for each filter, in their order [5.0:MQTT-3.11.3-1] "
    "[5.0:MQTT-3.11.3-2]") {
  const std::string topic = unique("coded");
  Peer peer = connected(Level::v5_0);
  for (const std::string last : {"/a", "/+/b", "/c/#"}) peer.subscribe(topic + last, 1);
  CHECK(unsubscribed(peer, {topic + "/none", topic + "/+/b", topic, topic + "/c/#", topic + "/a",
                            topic + "/a"}) == hex("11 00 11 00 00 11"));
}

TEST_CASE(
    "an UNSUBACK has no Reason String or User Property that does not fit "
    "[5.0:MQTT-3.11.2-1] [5.0:MQTT-3.11.2-2]") {
  // The bare UNSUBACK for so many filters fills the client's maximum exactly.
  constexpr unsigned kMaximum = 100;
  std::vector<std::string> filters;
  while (filters.size() < kMaximum - 5) filters.push_back(unique("many"));
  Peer peer = connected(Level::v5_0,
                        {.client_id = unique("small"),
                         .properties = property(id::maximum_packet_size, four_bytes(kMaximum))});
  const Received unsuback = peer.request(unsubscribe(Level::v5_0, 7, filters));
  CHECK(unsuback.type == kUnsuback);
  CHECK(unsuback.bytes.size() == kMaximum);
  CHECK(unsuback.properties.empty());
}
