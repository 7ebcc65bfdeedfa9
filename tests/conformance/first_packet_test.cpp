#include "tests/conformance/peer.hpp"

using namespace conformance;

TEST_CASE_TEMPLATE("the first packet is CONNECT, else the server closes [MQTT-3.1.0-1]", V, V311,
                   V50) {
  Peer peer(V::level);
  peer.send(wire::publish(V::level, {.topic = "t"}));
  CHECK(peer.is_closed());
}

TEST_CASE_TEMPLATE("a second CONNECT ends the connection [MQTT-3.1.0-2]", V, V311, V50) {
  check_ends_connection(V::level, wire::connect(V::level, {.client_id = unique("again")}), 0x82);
}

TEST_CASE(
    "a client that knows nothing but the standard, over TCP, gets its message [3.1.1:MQTT-7.0.0-2] "
    "[3.1.1:MQTT-7.1.1-1]") {
  Peer peer = connected(Level::v3_1_1);
  const std::string topic = unique("plain");
  CHECK(peer.subscribe(topic, 0) == 0);
  const wire::Received message =
      peer.request(wire::publish(Level::v3_1_1, {.topic = topic, .payload = "hello"}));
  CHECK(message.topic == topic);
  CHECK(message.payload == "hello");
}
