#include <algorithm>
#include <iterator>

#include "tests/conformance/delivery.hpp"

// Shared subscriptions (5.0 §4.8.2). To have a message at a member of a test's choice, only that
// one is a member when it is published; the others join later.

using namespace conformance;
using namespace conformance::wire;

namespace {

constexpr Level k5 = Level::v5_0;

/// A group of its own test.
struct Group {
  std::string topic = unique("shared");
  std::string filter = "$share/group/" + topic;

  Peer joined(unsigned qos, const ConnectFields& fields) const {
    Peer peer = connected(k5, fields);
    CHECK(peer.subscribe(filter, qos) == qos);
    return peer;
  }
  Peer joined(unsigned qos) const { return joined(qos, {.client_id = unique("member")}); }
  void hand_over(const std::string& payload, unsigned qos) const {
    Peer publisher = connected(k5);
    conformance::hand_over(publisher, {.topic = topic, .payload = payload, .qos = qos});
  }
};

/// What all of them got, sorted.
std::vector<std::string> heard(std::initializer_list<Peer*> peers) {
  std::vector<std::string> all;
  for (Peer* peer : peers) std::ranges::copy(payloads(peer->pending()), std::back_inserter(all));
  std::ranges::sort(all);
  return all;
}

/// A session that lasts, at a point of the delivery of a QoS 2 message of the group: PUBLISH has
/// come, or PUBREL as well.
struct Halfway {
  Halfway(const Group& group, bool is_released) : peer(group.joined(2, fields)) {
    group.hand_over("once", 2);
    packet_id = read_publish(peer).packet_id;
    if (is_released) CHECK(peer.request(ack(kSendPubrec, packet_id)).type == kPubrel);
  }
  ConnectFields fields = lasting(k5, unique("member"));
  Peer peer;
  unsigned packet_id = 0;
};

}  // namespace

// The form of a shared filter.

TEST_CASE("a share name of no character is refused [5.0:MQTT-4.8.2-1]") {
  for (const std::string bad : {"$share//a", "$share//", "$share//#", "$share///a"})
    check_refuses_filter(k5, bad);
}

TEST_CASE("a share name without a filter behind it is refused [5.0:MQTT-4.8.2-2]") {
  for (const std::string bad : {"$share/", "$share/group", "$share/group/"})
    check_refuses_filter(k5, bad);
}

TEST_CASE("a share name with a wildcard is refused [5.0:MQTT-4.8.2-2]") {
  for (const std::string bad : {"$share/+/a", "$share/#/a", "$share/a+/b", "$share/#a/b",
                                "$share/a#b/c", "$share/+", "$share/#"})
    check_refuses_filter(k5, bad);
}

TEST_CASE("what follows the share name must be a filter [5.0:MQTT-4.8.2-2]") {
  for (const std::string bad : {"$share/group/a#", "$share/group/#/a", "$share/group/a+",
                                "$share/group/a/+b", "$share/group/##"})
    check_refuses_filter(k5, bad);
}

TEST_CASE("any other share name and filter is taken [5.0:MQTT-4.8.2-1] [5.0:MQTT-4.8.2-2]") {
  const std::string root = unique("form");
  const std::string topic = root + "/x";
  const std::vector<std::string> forms = {
      "$share/g/" + topic,          "$share/g/" + root + "/#", "$share/g/+/x",
      "$share/ /" + topic,          "$share/$SYS/" + topic,    "$share/\xC3\xA9/" + topic,
      "$share/share/" + root + "/+"};
  for (const std::string& good : forms) {
    CAPTURE(good);
    Peer peer = connected(k5);
    CHECK(peer.subscribe(good, 0) == 0);
    Peer publisher = connected(k5);
    hand_over(publisher, {.topic = topic});
    CHECK(pending_publishes(peer).size() == 1);
  }
  Peer peer = connected(k5);
  peer.subscribe("$share/g//" + root, 0);  // the filter is "/" and the root
  Peer publisher = connected(k5);
  for (const std::string& each : std::vector{root, "/" + root})
    hand_over(publisher, {.topic = each});
  const auto messages = pending_publishes(peer);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].topic == "/" + root);
}

TEST_CASE("a shared filter that begins with a wildcard matches no '$' topic [5.0:MQTT-4.7.2-1]") {
  const std::string topic = "/" + unique("x");
  Peer peer = connected(k5);
  peer.subscribe("$share/" + unique("g") + "/+" + topic + "/#", 0);
  peer.subscribe("$share/" + unique("g") + "/+" + topic, 0);
  Peer publisher = connected(k5);
  publisher.publish({.topic = "$" + unique("hidden") + topic});
  CHECK(peer.pending().empty());
}

// Who gets what.

TEST_CASE("each message goes to one member of each group, and to every other subscriber") {
  const Group group;
  Peer first = group.joined(1);
  Peer second = group.joined(1);
  Peer third = group.joined(1);
  Peer of_other = connected(k5);
  of_other.subscribe("$share/Group/" + group.topic, 1);
  Peer plain = connected(k5);
  plain.subscribe(group.topic, 1);
  Peer both = connected(k5);
  both.subscribe(group.topic, 0);
  both.subscribe("$share/alone/" + group.topic, 0);
  for (const std::string& each : numbered("", 9)) group.hand_over(each, 1);
  CHECK(heard({&first, &second, &third}) == numbered("", 9));
  CHECK(heard({&of_other}) == numbered("", 9));
  CHECK(heard({&plain}) == numbered("", 9));
  CHECK(heard({&both}).size() == 18);
}

TEST_CASE("each member's granted QoS is respected [5.0:MQTT-4.8.2-3]") {
  const Group group;
  std::vector<Peer> members;
  for (const unsigned granted : {0U, 1U, 2U}) members.push_back(group.joined(granted));
  for (const unsigned published : {0U, 1U, 2U}) {
    for (const std::string& each : numbered("", 5)) group.hand_over(each, published);
    std::size_t count = 0;
    for (unsigned granted = 0; granted < members.size(); ++granted) {
      const auto messages = pending_publishes(members[granted]);
      count += messages.size();
      for (const Received& message : messages) CHECK(message.qos == std::min(granted, published));
    }
    CHECK(count == 5);
  }
}

TEST_CASE("a second SUBSCRIBE of a member replaces its options") {
  const Group group;
  Peer member = group.joined(2);
  CHECK(member.subscribe(group.filter, 0, property(id::subscription_identifier, variable(300))) ==
        0);
  group.hand_over("message", 2);
  const auto messages = pending_publishes(member);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].qos == 0);
  CHECK(messages[0].property(id::subscription_identifier) == variable(300));
}

TEST_CASE("a shared subscription gets no retained messages when it is made") {
  const Group group;
  Peer publisher = connected(k5);
  publisher.publish({.topic = group.topic, .payload = "kept", .retain = true});
  Peer member = group.joined(1);
  CHECK(member.pending().empty());
  member.subscribe(group.filter, 1);  // nor when it is made again
  CHECK(member.pending().empty());
  publisher.publish({.topic = group.topic, .payload = "live", .retain = true});
  CHECK(heard({&member}) == std::vector<std::string>{"live"});
}

TEST_CASE("connected members get the messages; with none connected one waits for its member") {
  const Group group;
  const auto fields = lasting(k5, unique("absent"));
  Peer absent = group.joined(1, fields);
  leave(absent);
  Peer present = group.joined(1);
  for (const std::string& each : numbered("", 4)) group.hand_over(each, 1);
  CHECK(heard({&present}) == numbered("", 4));
  present.request(unsubscribe(k5, 7, {group.filter}));
  group.hand_over("waiting", 1);
  Peer back = connected(k5, fields);
  CHECK(take(back, 1).front().payload == "waiting");
  CHECK(heard({&present}).empty());
}

// A member that goes.

TEST_CASE("QoS 1 that a leaving member has not acknowledged goes to another") {
  const Group group;
  Peer first = group.joined(1);
  group.hand_over("unacknowledged", 1);
  CHECK(read_publish(first).payload == "unacknowledged");
  Peer second = group.joined(1);
  CHECK(second.pending().empty());
  SUBCASE("by DISCONNECT") { first.disconnect(); }
  SUBCASE("by a lost connection") { first.drop(); }
  SUBCASE("by a violation of the protocol") { first.send(hex("F0 00")); }
  CHECK(read_publish(second).payload == "unacknowledged");
}

TEST_CASE("QoS 1 of a session that a clean start ends goes to another member") {
  const Group group;
  const auto fields = lasting(k5, unique("member"));
  Peer first = group.joined(1, fields);
  group.hand_over("unacknowledged", 1);
  read_publish(first);
  SUBCASE("while it is connected") {}
  SUBCASE("when it has gone") { leave(first); }
  Peer second = group.joined(1);
  ConnectFields anew = fields;
  anew.clean = true;
  Peer again = connected(k5, anew);
  CHECK(read_publish(second).payload == "unacknowledged");
  CHECK(again.pending().empty());
}

TEST_CASE("what waits for a leaving member goes to others, in order") {
  const Group group;
  Peer first = group.joined(
      2, {.client_id = unique("slow"), .properties = property(id::receive_maximum, two_bytes(2))});
  for (const std::string& each : numbered("", 10)) group.hand_over(each, 1);
  CHECK(payloads(first.pending()) == numbered("", 2));
  Peer second = group.joined(2);
  first.disconnect();
  CHECK(payloads(take(second, 10)) == numbered("", 10));
}

TEST_CASE(
    "a QoS 2 delivery that a lost connection interrupts is finished with the same member "
    "[5.0:MQTT-4.8.2-4]") {
  for (const bool is_released : {false, true}) {
    CAPTURE(is_released);
    const Group group;
    Halfway member(group, is_released);
    Peer other = group.joined(2);
    leave(member.peer);
    CHECK(other.pending().empty());
    Peer back = connected(k5, member.fields);
    if (!is_released) {
      const Received again = read_publish(back);
      CHECK(again.payload == "once");
      CHECK(again.dup);
      CHECK(again.packet_id == member.packet_id);
      back.send(ack(kSendPubrec, member.packet_id));
    }
    const Received pubrel = back.read();
    CHECK(pubrel.type == kPubrel);
    CHECK(pubrel.packet_id == member.packet_id);
    back.send(ack(kSendPubcomp, member.packet_id));
    CHECK(back.pending().empty());
    leave(back);
    CHECK(other.pending().empty());
  }
}

TEST_CASE("a QoS 2 delivery whose session ends goes to nobody else [5.0:MQTT-4.8.2-5]") {
  for (const bool is_released : {false, true}) {
    for (const bool by_clean_start : {false, true}) {
      CAPTURE(is_released);
      CAPTURE(by_clean_start);
      const Group group;
      Halfway member(group, is_released);
      Peer other = group.joined(2);
      if (by_clean_start) {
        leave(member.peer);
        ConnectFields anew = member.fields;
        anew.clean = true;
        CHECK(connected(k5, anew).pending().empty());
      } else {
        member.peer.disconnect(0, property(id::session_expiry, four_bytes(0)));
      }
      CHECK(other.pending().empty());
    }
  }
}

TEST_CASE("a message that a member refuses goes to nobody else [5.0:MQTT-4.8.2-6]") {
  for (const unsigned qos : {1U, 2U}) {
    for (const unsigned refusal : {0x80U, 0x83U, 0x87U, 0x90U, 0x97U, 0x99U}) {
      CAPTURE(qos);
      CAPTURE(refusal);
      const Group group;
      const auto fields = lasting(k5, unique("member"));
      Peer first = group.joined(qos, fields);
      group.hand_over("refused", qos);
      const unsigned packet_id = read_publish(first).packet_id;
      Peer second = group.joined(qos);
      first.send(ack(qos == 1 ? kSendPuback : kSendPubrec, packet_id, refusal));
      CHECK(first.pending().empty());
      CHECK(second.pending().empty());
      leave(first);
      CHECK(second.pending().empty());
      Peer back = connected(k5, fields);
      CHECK(back.pending().empty());
      back.disconnect(0, property(id::session_expiry, four_bytes(0)));
      CHECK(second.pending().empty());
    }
  }
}
