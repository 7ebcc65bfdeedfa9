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
