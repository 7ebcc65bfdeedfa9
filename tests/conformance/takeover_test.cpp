// A client id that connects a second time.

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

constexpr auto k5 = Level::v5_0;

wire::ConnectFields lasting(const std::string& client_id, bool clean = false) {
  return {.client_id = client_id,
          .clean = clean,
          .properties = wire::property(0x11, wire::four_bytes(600))};
}

/// As lasting(), with a will on the topic of the client's id.
wire::ConnectFields with_will(const std::string& client_id, std::uint32_t delay) {
  wire::ConnectFields fields = lasting(client_id);
  fields.will = {.topic = client_id, .properties = wire::property(0x18, wire::four_bytes(delay))};
  return fields;
}

Peer watcher_of(const std::string& topic) {
  Peer watcher = connected(k5);
  watcher.subscribe(topic, 0);
  return watcher;
}

}  // namespace

TEST_CASE("3.1.1: the first connection of a client id is cut for a second [3.1.1:MQTT-3.1.4-2]") {
  const std::string id = unique("twice");
  Peer watcher = connected(Level::v3_1_1);
  watcher.subscribe(id, 0);
  Peer first(Level::v3_1_1);
  first.connect({.client_id = id, .will = {{.topic = id}}});
  Peer second(Level::v3_1_1);
  second.connect(id);
  CHECK(first.read().type == 0);
  CHECK(first.is_closed());
  CHECK(second.is_alive());
  CHECK(watcher.read().payload == "will");
}

TEST_CASE("5.0: the first connection is told 0x8E and cut for a second [5.0:MQTT-3.1.4-3]") {
  const std::string id = unique("twice");
  Peer first = connected(k5, id);
  Peer second(k5);
  second.connect(id);
  const auto last = first.read();
  CHECK(last.type == 14);
  CHECK(last.reason_code == 0x8E);
  CHECK(first.is_closed());
  CHECK(second.is_alive());
}

TEST_CASE(
    "a takeover between the versions: each is told in its own [3.1.1:MQTT-3.1.4-2] "
    "[5.0:MQTT-3.1.4-3]") {
  const std::string id = unique("mixed");
  Peer old(Level::v3_1_1);
  old.connect(id, false);
  Peer five(k5);
  CHECK(five.connect(lasting(id)).session_present);
  CHECK(old.read().type == 0);
  Peer old_again(Level::v3_1_1);
  CHECK(old_again.connect(id, false).session_present);
  CHECK(five.read().reason_code == 0x8E);
  CHECK(old_again.is_alive());
}

TEST_CASE("a session taken over goes on where it was [5.0:MQTT-3.1.2-5]") {
  const std::string id = unique("moving");
  Peer first(k5);
  first.connect(lasting(id));
  first.subscribe(id, 1);
  Peer publisher = connected(k5);
  publisher.publish({.topic = id, .payload = "unacknowledged"});
  const auto sent = first.read();
  Peer second(k5);
  CHECK(second.connect(lasting(id)).session_present);
  const auto again = second.read();
  CHECK(again.payload == "unacknowledged");
  CHECK(again.dup);
  CHECK(again.packet_id == sent.packet_id);
  publisher.publish({.topic = id, .payload = "next"});
  CHECK(second.read().payload == "next");
}

TEST_CASE("what a taken-over connection still says is not heard [5.0:MQTT-3.1.4-3]") {
  const std::string id = unique("late");
  Peer watcher = watcher_of(id);
  Peer first(k5);
  first.connect(lasting(id));
  Peer second(k5);
  second.connect(lasting(id));
  first.send(wire::publish(k5, {.topic = id, .payload = "too late"}) + wire::disconnect(k5));
  CHECK(first.is_closed());
  CHECK(watcher.pending().empty());
  CHECK(second.is_alive());
}

TEST_CASE("a takeover publishes a will without delay [5.0:MQTT-3.1.2-8]") {
  const std::string id = unique("at-once");
  Peer watcher = watcher_of(id);
  Peer first(k5);
  first.connect(with_will(id, 0));
  Peer second(k5);
  second.connect(lasting(id));
  CHECK(watcher.read().payload == "will");
}

TEST_CASE("a takeover that goes on with the session cancels a delayed will [5.0:MQTT-3.1.3-9]") {
  const std::string id = unique("cancelled");
  Peer watcher = watcher_of(id);
  Peer first(k5);
  first.connect(with_will(id, 1));
  Peer second(k5);
  CHECK(second.connect(lasting(id)).session_present);
  CHECK(first.is_closed());
  let_a_second_pass();
  CHECK(watcher.pending().empty());
}

TEST_CASE(
    "a takeover with a clean start ends the session: a delayed will comes [5.0:MQTT-3.1.2-8]") {
  const std::string id = unique("cleaned");
  Peer watcher = watcher_of(id);
  Peer first(k5);
  first.connect(with_will(id, 600));
  Peer second(k5);
  CHECK_FALSE(second.connect(lasting(id, true)).session_present);
  CHECK(watcher.read().payload == "will");
}

TEST_CASE("the will of a taken-over connection is not that of the next [5.0:MQTT-3.1.2-10]") {
  const std::string id = unique("heir");
  Peer watcher = watcher_of(id);
  Peer first(k5);
  first.connect(with_will(id, 0));
  wire::ConnectFields other = with_will(id, 0);
  other.will->payload = "second will";
  Peer second(k5);
  second.connect(other);
  CHECK(watcher.read().payload == "will");
  second.drop();
  CHECK(watcher.read().payload == "second will");
}
