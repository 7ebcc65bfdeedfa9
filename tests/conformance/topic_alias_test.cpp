#include <map>

#include "tests/conformance/delivery.hpp"

// Topic Alias (5.0 §3.3.2.3.4), both ways.

using namespace conformance;
using namespace conformance::wire;

namespace {

std::string alias_property(unsigned alias) { return property(id::topic_alias, two_bytes(alias)); }

ConnectFields allowing_aliases(const std::string& client_id, unsigned maximum) {
  return lasting(Level::v5_0, client_id, property(id::topic_alias_maximum, two_bytes(maximum)));
}

unsigned server_maximum(const Received& connack) {
  return connack.number(id::topic_alias_maximum).value_or(0);
}

/// The topics of PUBLISH packets, read as a receiver must: an alias stands for the topic that last
/// came with it on this connection.
class AliasTable {
 public:
  explicit AliasTable(unsigned maximum) : maximum_(maximum) {}

  std::string topic_of(const Received& message) {
    const auto alias = message.number(id::topic_alias);
    if (!alias) return message.topic;
    ++used_;
    CHECK(*alias >= 1);
    CHECK(*alias <= maximum_);
    if (!message.topic.empty()) topics_[*alias] = message.topic;
    CHECK(topics_.contains(*alias));
    return topics_[*alias];
  }
  std::size_t used() const { return used_; }

 private:
  unsigned maximum_;
  std::size_t used_ = 0;
  std::map<std::uint32_t, std::string> topics_;
};

}  // namespace

TEST_CASE(
    "all aliases from 1 to the server's limit are taken, and may be given anew "
    "[5.0:MQTT-3.3.2-12]") {
  const std::string root = unique("alias");
  Peer subscriber = connected(Level::v5_0);
  subscriber.subscribe(root + "/#", 0);
  Peer publisher(Level::v5_0);
  const unsigned maximum = server_maximum(publisher.connect(unique("publisher")));
  if (maximum == 0) {
    MESSAGE("skipped: the broker takes no aliases");
    return;
  }
  for (const std::string round : {"/first/", "/second/"}) {
    for (unsigned alias = 1; alias <= maximum; ++alias)
      publisher.send(publish(Level::v5_0, {.topic = root + round + std::to_string(alias),
                                           .payload = "sets",
                                           .properties = alias_property(alias)}));
    for (unsigned alias = maximum; alias >= 1; --alias)
      publisher.publish({.payload = "uses", .properties = alias_property(alias)});
    for (unsigned alias = 1; alias <= maximum; ++alias)
      CHECK(read_publish(subscriber).topic == root + round + std::to_string(alias));
    for (unsigned alias = maximum; alias >= 1; --alias) {
      const Received message = read_publish(subscriber);
      CHECK(message.topic == root + round + std::to_string(alias));
      CHECK(message.payload == "uses");
    }
  }
}

TEST_CASE("a client's aliases die with its connection [5.0:MQTT-3.3.2-7]") {
  const ConnectFields fields = lasting(Level::v5_0, unique("publisher"));
  const std::string topic = unique("alias");
  {
    Peer publisher(Level::v5_0);
    if (server_maximum(publisher.connect(fields)) == 0) {
      MESSAGE("skipped: the broker takes no aliases");
      return;
    }
    publisher.publish({.topic = topic, .properties = alias_property(1)});
    publisher.publish({.properties = alias_property(1)});
  }
  Peer resumed(Level::v5_0);
  CHECK(resumed.connect(fields).session_present);
  const Received last = resumed.request(
      publish(Level::v5_0, {.qos = 1, .packet_id = 1, .properties = alias_property(1)}));
  if (last.type != kClosed) {
    CHECK(last.type == kDisconnect);
    CHECK(last.reason_code >= 0x80);
    CHECK(resumed.is_closed());
  }
}

TEST_CASE(
    "the server's aliases die with the connection: a resumed one begins with topics, also "
    "where messages are sent again [5.0:MQTT-3.3.2-7]") {
  const std::string topic = unique("alias");
  const ConnectFields fields = allowing_aliases(unique("client"), 5);
  Peer publisher = connected(Level::v5_0);
  {
    Peer subscriber = connected(Level::v5_0, fields);
    subscriber.subscribe(topic, 1);
    for (const std::string& payload : numbered("m", 3))
      publisher.publish({.topic = topic, .payload = payload});
    AliasTable aliases(5);
    for (int i = 0; i < 3; ++i) CHECK(aliases.topic_of(read_publish(subscriber)) == topic);
  }
  publisher.publish({.topic = topic, .payload = "m3"});
  Peer resumed = connected(Level::v5_0, fields);
  AliasTable aliases(5);
  const auto messages = take(resumed, 4);
  CHECK(payloads(messages) == numbered("m", 4));
  CHECK(messages[0].topic == topic);
  for (const Received& message : messages) CHECK(aliases.topic_of(message) == topic);
}

TEST_CASE("alias 0 ends the connection [5.0:MQTT-3.3.2-8]") {
  check_ends_connection(Level::v5_0, publish(Level::v5_0, {.topic = unique("alias"),
                                                           .properties = alias_property(0)}));
}

TEST_CASE("an alias above the server's limit ends the connection") {
  Peer peer(Level::v5_0);
  const unsigned maximum = server_maximum(peer.connect(unique("client")));
  check_ends_connection(
      Level::v5_0,
      publish(Level::v5_0, {.topic = unique("alias"), .properties = alias_property(maximum + 1)}),
      0x94);
}

TEST_CASE("an alias that was never set ends the connection") {
  check_ends_connection(Level::v5_0, publish(Level::v5_0, {.properties = alias_property(1)}));
}

TEST_CASE(
    "the server sends aliases from 1 to the client's limit, none without one "
    "[5.0:MQTT-3.3.2-8] [5.0:MQTT-3.3.2-11]") {
  for (const unsigned maximum : {0U, 1U, 3U, 65535U}) {
    CAPTURE(maximum);
    const std::string root = unique("alias");
    Peer subscriber = connected(Level::v5_0, allowing_aliases(unique("client"), maximum));
    subscriber.subscribe(root + "/#", 0);
    Peer publisher = connected(Level::v5_0);
    AliasTable aliases(maximum);
    for (int round = 0; round < 3; ++round) {
      for (const std::string& topic : numbered(root + "/", 30)) {
        publisher.send(publish(Level::v5_0, {.topic = topic, .payload = topic}));
        const Received message = read_publish(subscriber);
        CHECK(aliases.topic_of(message) == message.payload);
        CHECK(message.payload == topic);
      }
    }
    if (maximum == 0) CHECK(aliases.used() == 0);
  }
}

TEST_CASE("a publisher's alias does not go on to subscribers [5.0:MQTT-3.3.2-11]") {
  const std::string topic = unique("alias");
  Peer subscriber = connected(Level::v5_0);
  subscriber.subscribe(topic, 0);
  Peer publisher(Level::v5_0);
  if (server_maximum(publisher.connect(unique("publisher"))) == 0) {
    MESSAGE("skipped: the broker takes no aliases");
    return;
  }
  publisher.publish({.topic = topic, .payload = "set", .properties = alias_property(1)});
  publisher.publish({.payload = "used", .properties = alias_property(1)});
  CHECK(read_publish(subscriber).bytes == publish(Level::v5_0, {.topic = topic, .payload = "set"}));
  CHECK(read_publish(subscriber).bytes ==
        publish(Level::v5_0, {.topic = topic, .payload = "used"}));
}
