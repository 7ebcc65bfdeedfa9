// What the server keeps of a client beyond a connection, how long, and what ends it.

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

std::string expiry(std::uint32_t seconds) {
  return wire::property(0x11, wire::four_bytes(seconds));
}

/// A CONNECT for a session that stays: CleanSession 0, or Clean Start 0 with an expiry.
wire::ConnectFields lasting(Level level, const std::string& client_id,
                            std::uint32_t seconds = 600) {
  wire::ConnectFields fields{.client_id = client_id, .clean = false};
  if (level == Level::v5_0) fields.properties = expiry(seconds);
  return fields;
}

bool is_session_present(Level level, const std::string& client_id) {
  Peer peer(level);
  return peer.connect(client_id, false).session_present;
}

void publish(Level level, const std::string& topic, const std::string& payload) {
  connected(level).publish({.topic = topic, .payload = payload});
}

}  // namespace

TEST_CASE_TEMPLATE(
    "a session is resumed with its subscriptions [3.1.1:MQTT-3.1.2-4] [5.0:MQTT-3.1.2-5] "
    "[3.1.1:MQTT-3.1.4-3] [5.0:MQTT-3.1.4-4] [5.0:MQTT-3.1.2-23]",
    V, V311, V50) {
  const std::string id = unique("resumed");
  const std::string topic = unique("resumed/topic");
  for (const bool is_first : {true, false, false}) {
    Peer peer(V::level);
    CHECK(peer.connect(lasting(V::level, id)).session_present == !is_first);
    if (is_first) peer.subscribe(topic, 1);
    publish(V::level, topic, "live");
    const auto message = peer.read();
    CHECK(message.payload == "live");
    peer.send(wire::ack(0x40, message.packet_id));
    CHECK(peer.is_alive());
    if (is_first) peer.disconnect();  // and once without DISCONNECT
  }
}

TEST_CASE_TEMPLATE(
    "without a stored session CONNECT makes a new one [3.1.1:MQTT-3.1.2-4] [5.0:MQTT-3.1.2-6]", V,
    V311, V50) {
  const std::string id = unique("made");
  Peer peer(V::level);
  CHECK_FALSE(peer.connect(lasting(V::level, id)).session_present);
  peer.disconnect();
  CHECK(is_session_present(V::level, id));
}

TEST_CASE_TEMPLATE("QoS 1 and 2 messages wait for an absent client [3.1.1:MQTT-3.1.2-5]", V, V311,
                   V50) {
  const std::string topic = unique("waiting");
  Peer absent(V::level);
  absent.connect(lasting(V::level, topic));
  absent.subscribe(topic + "/#", 2);
  absent.disconnect();

  Peer publisher = connected(V::level);
  publisher.publish({.topic = topic + "/1", .payload = "one"});
  CHECK(publisher
            .request(wire::publish(
                V::level, {.topic = topic + "/2", .payload = "two", .qos = 2, .packet_id = 9}))
            .type == 5);
  CHECK(publisher.request(wire::ack(0x62, 9)).type == 7);

  Peer back(V::level);
  back.connect(lasting(V::level, topic));
  const auto one = back.read();
  CHECK(one.payload == "one");
  CHECK(one.qos == 1);
  const auto two = back.read();
  CHECK(two.payload == "two");
  CHECK(two.qos == 2);
}

TEST_CASE_TEMPLATE(
    "a clean start throws the old session away [3.1.1:MQTT-3.1.2-6] [5.0:MQTT-3.1.2-4] "
    "[3.1.1:MQTT-3.1.4-3] [5.0:MQTT-3.1.4-4]",
    V, V311, V50) {
  const std::string id = unique("clean");
  Peer old(V::level);
  old.connect(lasting(V::level, id));
  old.subscribe(id, 1);
  old.disconnect();
  publish(V::level, id, "queued");

  wire::ConnectFields fields = lasting(V::level, id);
  fields.clean = true;
  Peer clean(V::level);
  CHECK_FALSE(clean.connect(fields).session_present);
  publish(V::level, id, "live");
  CHECK(clean.pending().empty());  // neither the message nor the subscription
  clean.disconnect();

  // In 3.1.1 the new session ended with its connection, in 5.0 it has its own expiry.
  Peer next(V::level);
  CHECK(next.connect(lasting(V::level, id)).session_present == (V::level == Level::v5_0));
  CHECK(next.pending().empty());
}

TEST_CASE_TEMPLATE(
    "a session without expiry ends with its connection, taken over or lost [3.1.1:MQTT-3.1.2-6] "
    "[5.0:MQTT-4.1.0-2]",
    V, V311, V50) {
  const std::string id = unique("short");
  Peer first(V::level);
  first.connect(id, true);
  first.subscribe(id, 1);
  Peer second(V::level);  // while the first is still connected
  CHECK_FALSE(second.connect(lasting(V::level, id, 600)).session_present);
  publish(V::level, id, "no subscription");
  CHECK(second.pending().empty());
  CHECK(first.is_closed());
  second.subscribe(id, 1);
  second.disconnect();

  Peer third(V::level);
  third.connect(id, true);
  third.subscribe(id, 1);
  third.disconnect();
  publish(V::level, id, "nobody's");
  Peer fourth(V::level);
  CHECK_FALSE(fourth.connect(id, false).session_present);
  CHECK(fourth.pending().empty());
}

TEST_CASE_TEMPLATE("retained messages are no part of a session [3.1.1:MQTT-3.1.2-7]", V, V311,
                   V50) {
  const std::string topic = unique("retained");
  Peer publisher(V::level);
  publisher.connect(topic, true);
  publisher.publish({.topic = topic, .payload = "stays", .retain = true});
  publisher.disconnect();
  Peer reader = connected(V::level);
  reader.subscribe(topic, 0);
  CHECK(reader.read().payload == "stays");
  publisher = connected(V::level);
  publisher.publish({.topic = topic, .retain = true});
}

TEST_CASE_TEMPLATE(
    "all state of a session is kept from connection to connection [3.1.1:MQTT-4.1.0-1] "
    "[5.0:MQTT-3.1.2-23]",
    V, V311, V50) {
  const std::string id = unique("state");
  Peer client(V::level);
  client.connect(lasting(V::level, id));
  client.subscribe(id, 1);
  publish(V::level, id, "sent");
  const auto sent = client.read();  // not acknowledged
  Peer watcher = connected(V::level);
  watcher.subscribe(id + "/2", 1);
  const wire::PublishFields half_done{
      .topic = id + "/2", .payload = "once", .qos = 2, .packet_id = 77};
  CHECK(client.request(wire::publish(V::level, half_done)).type == 5);
  client.disconnect();
  publish(V::level, id, "waiting");

  for (unsigned round = 0; round < 3; ++round) {
    Peer back(V::level);
    CHECK(back.connect(lasting(V::level, id)).session_present);
    const auto again = back.read();
    CHECK(again.payload == "sent");
    CHECK(again.dup);
    CHECK(again.packet_id == sent.packet_id);
    CHECK(back.read().payload == "waiting");
    wire::PublishFields repeated = half_done;
    repeated.dup = true;
    CHECK(back.request(wire::publish(V::level, repeated)).type == 5);
    back.drop();
  }
  Peer last(V::level);
  last.connect(lasting(V::level, id));
  last.read();
  last.read();
  const auto pubcomp = last.request(wire::ack(0x62, 77));
  CHECK(pubcomp.type == 7);
  CHECK(pubcomp.reason_code == 0);
  // It was handed on once, with the PUBLISH or with the PUBREL.
  const auto copies = watcher.pending();
  REQUIRE(copies.size() == 1);
  CHECK(copies[0].payload == "once");
}

TEST_CASE_TEMPLATE(
    "a session lasts while its connection is open, expired or not [3.1.1:MQTT-4.1.0-2] "
    "[5.0:MQTT-4.1.0-1]",
    V, V311, V50) {
  const std::string id = unique("open");
  Peer client(V::level);
  wire::ConnectFields fields{.client_id = id};
  if (V::level == Level::v5_0) fields.properties = expiry(1);
  client.connect(fields);
  client.subscribe(id, 1);
  let_a_second_pass();
  publish(V::level, id, "still there");
  CHECK(client.read().payload == "still there");
}

TEST_CASE("a session is dropped when it is closed and has expired [5.0:MQTT-4.1.0-2]") {
  const std::string id = unique("expired");
  Peer client(Level::v5_0);
  client.connect(lasting(Level::v5_0, id, 1));
  client.subscribe(id, 1);
  client.disconnect();
  publish(Level::v5_0, id, "too late");
  let_a_second_pass();
  Peer back(Level::v5_0);
  CHECK_FALSE(back.connect(lasting(Level::v5_0, id)).session_present);
  publish(Level::v5_0, id, "unsubscribed");
  CHECK(back.pending().empty());
}

TEST_CASE("a session with a longer expiry, or none at all, goes on [5.0:MQTT-3.1.2-23]") {
  const std::string long_id = unique("long");
  const std::string endless_id = unique("endless");
  Peer long_lived(Level::v5_0);
  long_lived.connect(lasting(Level::v5_0, long_id, 600));
  Peer endless(Level::v5_0);
  endless.connect(lasting(Level::v5_0, endless_id, 0xFFFF'FFFF));
  long_lived.disconnect();
  endless.drop();
  let_a_second_pass();
  CHECK(is_session_present(Level::v5_0, long_id));
  CHECK(is_session_present(Level::v5_0, endless_id));
}

TEST_CASE("DISCONNECT may end a session, shorten its expiry, and extend it [5.0:MQTT-3.1.2-23]") {
  const std::string ended = unique("ended");
  Peer first(Level::v5_0);
  first.connect(lasting(Level::v5_0, ended));
  first.disconnect(0, expiry(0));
  CHECK_FALSE(is_session_present(Level::v5_0, ended));

  const std::string shortened = unique("shortened");
  Peer second(Level::v5_0);
  second.connect(lasting(Level::v5_0, shortened, 600));
  second.disconnect(0, expiry(1));
  const std::string extended = unique("extended");
  Peer third(Level::v5_0);
  third.connect(lasting(Level::v5_0, extended, 1));
  third.disconnect(0, expiry(600));
  let_a_second_pass();
  CHECK_FALSE(is_session_present(Level::v5_0, shortened));
  CHECK(is_session_present(Level::v5_0, extended));
}

TEST_CASE("DISCONNECT can't give a session an expiry that CONNECT had at 0") {
  const std::string id = unique("zero");
  Peer watcher = connected(Level::v5_0);
  watcher.subscribe(id, 0);
  Peer client(Level::v5_0);
  client.connect({.client_id = id, .will = {{.topic = id}}});
  const auto answer = client.request(wire::disconnect(Level::v5_0, 0, expiry(60)));
  CHECK(answer.type == 14);
  CHECK(answer.reason_code == 0x82);
  CHECK(client.is_closed());
  CHECK(watcher.read().payload == "will");  // it was no orderly end
  CHECK_FALSE(is_session_present(Level::v5_0, id));
}
