#include <algorithm>
#include <array>

#include "tests/conformance/delivery.hpp"

// SUBSCRIBE and SUBACK (§3.8, §3.9). The two versions number their statements differently.

using namespace conformance;
using namespace conformance::wire;

namespace {

// Subscription Options of 5.0.
constexpr unsigned kNoLocal = 0x04;
constexpr unsigned kRetainAsPublished = 0x08;
constexpr unsigned kRetainIfNew = 0x10;
constexpr unsigned kNoRetained = 0x20;

std::string identifier_property(std::uint32_t identifier) {
  return property(id::subscription_identifier, variable(identifier));
}

/// A filter that we refuse though it is well-formed, for more levels than any topic has; where
/// another server may end the connection, one with nothing wrong.
std::string unreasonable_filter() {
  std::string filter;
  if (!is_our_broker()) return "+/" + unique("reasonable");
  for (int level = 0; level < 5000; ++level) filter += "+/";
  return filter + "#";
}

bool is_suback_code(Level level, unsigned code) {
  constexpr std::array kCodes = {0x00U, 0x01U, 0x02U, 0x80U, 0x83U, 0x87U,
                                 0x8FU, 0x91U, 0x97U, 0x9EU, 0xA1U, 0xA2U};
  const auto known = level == Level::v5_0 ? kCodes.size() : 4;
  return std::ranges::count(kCodes.begin(), kCodes.begin() + known, code) == 1;
}

unsigned octet(const std::string& bytes, std::size_t at) {
  REQUIRE(at < bytes.size());
  return static_cast<unsigned char>(bytes[at]);
}

/// Publishes at QoS 2 from another client; what the subscriber gets.
std::vector<Received> published_to(Peer& subscriber, const std::string& topic,
                                   bool retain = false) {
  Peer publisher = connected(subscriber.level());
  hand_over(publisher, {.topic = topic, .payload = "live", .qos = 2, .retain = retain});
  return pending_publishes(subscriber);
}

/// All that comes because of a packet. The answer to a PINGREQ may overtake messages that the
/// client's own packet just before it caused, but not twice.
std::vector<Received> caused_by(Peer& peer, const std::string& packet) {
  peer.send(packet);
  auto packets = peer.pending();
  for (Received& later : peer.pending()) packets.push_back(std::move(later));
  return packets;
}

/// What comes back to a client of a message that it publishes.
std::vector<Received> own_messages(Peer& peer, const std::string& topic) {
  return caused_by(peer, publish(peer.level(), {.topic = topic, .payload = "own"}));
}

}  // namespace

// Malformed packets.

TEST_CASE_TEMPLATE("SUBSCRIBE with other flags than 2 ends the connection [MQTT-3.8.1-1]", V, V311,
                   V50) {
  const std::string body = subscribe(V::level, 7, {{unique("flags"), 0}}).substr(2);
  for (const unsigned first : {0x80U, 0x81U, 0x83U, 0x84U, 0x86U, 0x8AU, 0x8FU}) {
    CAPTURE(first);
    check_ends_connection(V::level, packet(first, body), 0x81);
  }
}

TEST_CASE_TEMPLATE("a filter that is not UTF-8 ends the connection [MQTT-3.8.3-1]", V, V311, V50) {
  for (const std::string bad : {"\xFF", "a/\xC0\xAF", "a/\xED\xA0\x80/b", "\xF4\x90\x80\x80",
                                "a/\xE2\x82", "\x80/+", "$share/g/\xFE", "$share/\xC3/a"}) {
    check_ends_connection(V::level, subscribe(V::level, 7, {{bad, 0}}), 0x81);
    check_ends_connection(V::level, subscribe(V::level, 7, {{unique("good"), 0}, {bad, 0}}), 0x81);
  }
}

TEST_CASE_TEMPLATE(
    "SUBSCRIBE without a filter, or without its options, ends the connection "
    "[3.1.1:MQTT-3.8.3-3] [5.0:MQTT-3.8.3-2]",
    V, V311, V50) {
  check_ends_connection(V::level, subscribe(V::level, 7, {}), ours(0x82));
  const std::string whole = subscribe(V::level, 7, {{"a", 0}, {"b", 0}}).substr(2);
  check_ends_connection(V::level, packet(0x82, whole.substr(0, whole.size() - 1)), 0x81);
}

TEST_CASE_TEMPLATE(
    "reserved bits in the options end the connection [3.1.1:MQTT-3.8.3-4] [5.0:MQTT-3.8.3-5]", V,
    V311, V50) {
  for (const unsigned reserved : {0x04U, 0x08U, 0x10U, 0x20U, 0x40U, 0x80U, 0xC2U}) {
    if (V::level == Level::v5_0 && reserved < 0x40) continue;
    CAPTURE(reserved);
    check_ends_connection(
        V::level, subscribe(V::level, 7, {{unique("a"), 1}, {unique("b"), reserved}}), 0x81);
  }
}

TEST_CASE_TEMPLATE("a request for QoS 3 ends the connection [3.1.1:MQTT-3.8.3-4]", V, V311, V50) {
  check_ends_connection(V::level, subscribe(V::level, 7, {{unique("a"), 3}}), ours(0x82));
}

TEST_CASE("Retain Handling 3 and Subscription Identifier 0 end the connection") {
  check_ends_connection(Level::v5_0, subscribe(Level::v5_0, 7, {{unique("a"), 0x30}}), ours(0x82));
  check_ends_connection(Level::v5_0,
                        subscribe(Level::v5_0, 7, {{unique("a"), 0}}, identifier_property(0)),
                        ours(0x82));
}

TEST_CASE("No Local on a shared subscription ends the connection [5.0:MQTT-3.8.3-4]") {
  const std::string filter = "$share/g/" + unique("shared");
  check_ends_connection(Level::v5_0, subscribe(Level::v5_0, 7, {{filter, kNoLocal}}), ours(0x82));
  check_ends_connection(
      Level::v5_0, subscribe(Level::v5_0, 7, {{unique("good"), kNoLocal}, {filter, kNoLocal | 2}}),
      ours(0x82));
}

// The answer.

TEST_CASE_TEMPLATE(
    "every SUBSCRIBE gets a SUBACK with its packet identifier [MQTT-3.8.4-1] [MQTT-3.8.4-2]", V,
    V311, V50) {
  Peer peer = connected(V::level);
  std::vector<unsigned> ids = {1, 300, 7, 65535, 32768};
  std::string requests;
  for (const unsigned id : ids) requests += subscribe(V::level, id, {{unique("answered"), id % 3}});
  peer.send(requests);
  std::vector<unsigned> answered;
  for (const Received& answer : peer.pending()) {
    CHECK(answer.type == kSuback);
    CHECK(answer.flags == 0);
    answered.push_back(answer.packet_id);
  }
  std::ranges::sort(ids);
  std::ranges::sort(answered);
  CHECK(answered == ids);
}

TEST_CASE_TEMPLATE(
    "one code for each filter, in their order [3.1.1:MQTT-3.8.4-5] [5.0:MQTT-3.8.4-6] "
    "[MQTT-3.9.3-1]",
    V, V311, V50) {
  const std::vector<unsigned> asked = {2, 0, 1, 1, 0, 2, 2};
  std::vector<std::pair<std::string, unsigned>> filters;
  std::string expected;
  for (const unsigned qos : asked) {
    filters.emplace_back(unique("ordered"), qos);
    expected += byte(qos);  // a server may grant less, but then the order does not show
  }
  Peer peer = connected(V::level);
  const Received suback = peer.request(subscribe(V::level, 7, filters));
  CHECK(suback.type == kSuback);
  CHECK(suback.payload == expected);
}

TEST_CASE_TEMPLATE(
    "a code is the granted QoS or a failure, and is true [3.1.1:MQTT-3.8.4-5] "
    "[5.0:MQTT-3.8.4-7] [MQTT-3.9.3-2]",
    V, V311, V50) {
  const std::string topic = unique("coded");
  Peer peer = connected(V::level);
  const std::vector<std::pair<std::string, unsigned>> filters = {
      {topic + "/0", 0}, {unreasonable_filter(), 2}, {topic + "/1", 1}, {topic + "/2", 2}};
  const Received suback = peer.request(subscribe(V::level, 7, filters));
  REQUIRE(suback.type == kSuback);
  REQUIRE(suback.payload.size() == filters.size());
  for (std::size_t i = 0; i < filters.size(); ++i) {
    const unsigned code = octet(suback.payload, i);
    CHECK(is_suback_code(V::level, code));
    if (code < 0x80) CHECK(code <= filters[i].second);
    if (filters[i].first.starts_with("+")) continue;
    const auto copies = published_to(peer, filters[i].first);
    CHECK(copies.size() == (code < 0x80 ? 1 : 0));
    for (const Received& copy : copies) CHECK(copy.qos == code);
  }
}

TEST_CASE_TEMPLATE(
    "a filter with wildcards is served, or refused where the server knows none "
    "[3.1.1:MQTT-3.8.3-2]",
    V, V311, V50) {
  const std::string topic = unique("wild");
  for (const std::string& filter : {topic + "/#", topic + "/+"}) {
    Peer peer = connected(V::level);
    const unsigned code = peer.subscribe(filter, 1);
    CHECK(published_to(peer, topic + "/x").size() == (code < 0x80 ? 1 : 0));
    if (is_our_broker()) CHECK(code == 1);
  }
}

TEST_CASE(
    "a SUBACK has no Reason String or User Property that does not fit "
    "[5.0:MQTT-3.9.2-1] [5.0:MQTT-3.9.2-2]") {
  // The bare SUBACK for so many filters fills the client's maximum exactly.
  constexpr unsigned kMaximum = 100;
  std::vector<std::pair<std::string, unsigned>> filters = {{unreasonable_filter(), 0}};
  while (filters.size() < kMaximum - 5) filters.emplace_back(unique("many"), 0);
  Peer peer = connected(Level::v5_0,
                        {.client_id = unique("small"),
                         .properties = property(id::maximum_packet_size, four_bytes(kMaximum))});
  const Received suback = peer.request(subscribe(Level::v5_0, 7, filters));
  CHECK(suback.type == kSuback);
  CHECK(suback.bytes.size() == kMaximum);
  CHECK(suback.properties.empty());
}

// What a subscription does.

TEST_CASE_TEMPLATE(
    "messages come at the lower of the published and the granted QoS [3.1.1:MQTT-3.8.4-6] "
    "[5.0:MQTT-3.8.4-8]",
    V, V311, V50) {
  for (const unsigned asked : {0U, 1U, 2U}) {
    const std::string topic = unique("lower");
    Peer subscriber = connected(V::level);
    const unsigned granted = subscriber.subscribe(topic, asked);
    Peer publisher = connected(V::level);
    for (const unsigned published : {0U, 1U, 2U}) {
      CAPTURE(granted);
      CAPTURE(published);
      hand_over(publisher, {.topic = topic, .qos = published});
      CHECK(take(subscriber, 1).front().qos == std::min(granted, published));
    }
    CHECK(subscriber.pending().empty());
  }
}

TEST_CASE_TEMPLATE(
    "several filters in one SUBSCRIBE work as one SUBSCRIBE each, but for one SUBACK "
    "[3.1.1:MQTT-3.8.4-4] [5.0:MQTT-3.8.4-5]",
    V, V311, V50) {
  const std::string topic = unique("several");
  Peer publisher = connected(V::level);
  for (const std::string last : {"/a", "/b"})
    publisher.publish({.topic = topic + last, .payload = "kept" + last, .retain = true});
  Peer subscriber = connected(V::level);
  const std::string request =
      subscribe(V::level, 7, {{topic + "/a", 0}, {topic + "/b", 2}, {topic + "/a", 1}});
  std::vector<std::string> kept;
  unsigned subacks = 0;
  for (const Received& answer : caused_by(subscriber, request)) {
    if (answer.type == kSuback) {
      ++subacks;
      CHECK(answer.payload == hex("00 02 01"));
    } else {
      kept.push_back(answer.payload);
    }
  }
  CHECK(subacks == 1);
  std::ranges::sort(kept);
  CHECK(kept == std::vector<std::string>{"kept/a", "kept/a", "kept/b"});
  // The last one replaced the first.
  const auto at_a = published_to(subscriber, topic + "/a");
  REQUIRE(at_a.size() == 1);
  CHECK(at_a[0].qos == 1);
  const auto at_b = published_to(subscriber, topic + "/b");
  REQUIRE(at_b.size() == 1);
  CHECK(at_b[0].qos == 2);
}

// The same filter again.

TEST_CASE_TEMPLATE(
    "a second SUBSCRIBE replaces the first and sends retained messages again "
    "[3.1.1:MQTT-3.8.4-3] [5.0:MQTT-3.8.4-3] [5.0:MQTT-3.8.4-4]",
    V, V311, V50) {
  const std::string topic = unique("again");
  Peer publisher = connected(V::level);
  publisher.publish({.topic = topic + "/x", .payload = "kept", .retain = true});
  Peer subscriber = connected(V::level);
  for (const unsigned qos : {1U, 0U, 2U, 0U}) {
    CAPTURE(qos);
    subscriber.subscribe(topic + "/+", qos);
    const Received kept = take(subscriber, 1).front();
    CHECK(kept.payload == "kept");
    CHECK(kept.retain);
    CHECK(kept.qos == std::min(qos, 1U));
    const auto live = published_to(subscriber, topic + "/x");
    REQUIRE(live.size() == 1);
    CHECK(live[0].qos == qos);
  }
}

TEST_CASE_TEMPLATE(
    "no message is lost or doubled while a subscription is replaced [3.1.1:MQTT-3.8.4-3] "
    "[5.0:MQTT-3.8.4-4]",
    V, V311, V50) {
  constexpr unsigned kRounds = 60;
  const std::string topic = unique("gapless");
  Peer peer = connected(V::level);
  peer.subscribe(topic, 1);
  std::string all;
  for (unsigned i = 0; i < kRounds; ++i) {
    all += publish(V::level,
                   {.topic = topic, .payload = std::to_string(i), .qos = 1, .packet_id = 1 + i});
    all += subscribe(V::level, 1000 + i, {{topic, 1 + i % 2}});
  }
  peer.send(all);
  std::vector<std::string> came;
  for (unsigned left = 3 * kRounds; left > 0; --left) {  // PUBLISH, PUBACK and SUBACK each
    const Received received = peer.read();
    REQUIRE(received.type != kClosed);
    if (received.type != kPublish) continue;
    CHECK(received.qos == 1);
    came.push_back(received.payload);
    peer.send(ack(kSendPuback, received.packet_id));
  }
  CHECK(came == numbered("", kRounds));
  CHECK(peer.pending().empty());
}

TEST_CASE("a second SUBSCRIBE replaces every option and the identifier [5.0:MQTT-3.8.4-3]") {
  const std::string topic = unique("options");
  Peer peer = connected(Level::v5_0);
  struct Options {
    unsigned bits;
    std::uint32_t identifier;  ///< 0: none.
  };
  const std::vector<Options> series = {{0, 0},
                                       {2 | kRetainAsPublished | kNoRetained, 5},
                                       {1 | kRetainAsPublished, 9},
                                       {1 | kNoLocal, 0},
                                       {kRetainAsPublished | kNoLocal | kRetainIfNew, 9},
                                       {2, 0}};
  for (const auto& [bits, identifier] : series) {
    CAPTURE(bits);
    CHECK(peer.subscribe(topic, bits, identifier > 0 ? identifier_property(identifier) : "") ==
          (bits & 3U));
    peer.pending();  // what is retained by now
    const auto live = published_to(peer, topic, true);
    REQUIRE(live.size() == 1);
    CHECK(live[0].qos == (bits & 3U));
    CHECK(live[0].retain == ((bits & kRetainAsPublished) != 0));
    CHECK(live[0].property(id::subscription_identifier).value_or("") ==
          (identifier > 0 ? variable(identifier) : ""));
    CHECK(own_messages(peer, topic).empty() == ((bits & kNoLocal) != 0));
  }
}

// No Local.

TEST_CASE("with No Local one's own messages do not come back [5.0:MQTT-3.8.3-3]") {
  const std::string topic = unique("own");
  const auto fields = lasting(Level::v5_0, unique("client"));
  Peer other = connected(Level::v5_0);
  other.subscribe(topic, 0);
  for (const bool is_resumed : {false, true}) {
    Peer peer = connected(Level::v5_0, fields);
    if (!is_resumed) peer.subscribe(topic, 2 | kNoLocal);
    for (const unsigned qos : {0U, 1U, 2U}) hand_over(peer, {.topic = topic, .qos = qos});
    CHECK(own_messages(peer, topic).empty());
    CHECK(pending_publishes(other).size() == 4);
    connected(Level::v5_0).publish({.topic = topic, .payload = "another's"});
    CHECK(take(peer, 1).front().payload == "another's");
    CHECK(take(other, 1).front().payload == "another's");
    leave(peer);
  }
}

TEST_CASE("No Local of one subscription leaves the others as they are [5.0:MQTT-3.8.3-3]") {
  const std::string topic = unique("own");
  Peer peer = connected(Level::v5_0);
  peer.subscribe(topic + "/#", 2 | kNoLocal);
  peer.subscribe(topic + "/+", 0);
  CHECK(payloads(own_messages(peer, topic + "/x")) == std::vector<std::string>{"own"});
}

TEST_CASE("with No Local one's own retained messages do not come back [5.0:MQTT-3.8.3-3]") {
  const std::string topic = unique("own");
  const std::string client_id = unique("client");
  Peer peer = connected(Level::v5_0, client_id);
  peer.publish({.topic = topic, .payload = "kept", .retain = true});
  peer.subscribe(topic, 1 | kNoLocal);
  CHECK(peer.pending().empty());
  // It is the client identifier that counts: the session may be another one.
  peer.disconnect();
  Peer again = connected(Level::v5_0, client_id);
  again.subscribe(topic, 1 | kNoLocal);
  CHECK(again.pending().empty());
  Peer other = connected(Level::v5_0);
  other.subscribe(topic, 1 | kNoLocal);
  CHECK(take(other, 1).front().payload == "kept");
}
