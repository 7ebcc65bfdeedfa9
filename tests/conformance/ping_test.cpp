#include <algorithm>

#include "tests/conformance/delivery.hpp"

// PINGREQ and PINGRESP (§3.12, §3.13).

using namespace conformance;
using namespace conformance::wire;

TEST_CASE_TEMPLATE("every PINGREQ is answered with PINGRESP [MQTT-3.12.4-1]", V, V311, V50) {
  Peer peer = connected(V::level);
  CHECK(peer.request(hex("C0 00")).bytes == hex("D0 00"));
  peer.send(hex("C0 00 C0 00 C0 00"));
  for (int i = 0; i < 3; ++i) CHECK(peer.read().bytes == hex("D0 00"));
}

TEST_CASE_TEMPLATE("PINGREQ is answered while deliveries are unacknowledged [MQTT-3.12.4-1]", V,
                   V311, V50) {
  const std::string topic = unique("busy");
  Peer peer = connected(V::level);
  peer.subscribe(topic, 1);
  Peer publisher = connected(V::level);
  for (int i = 0; i < 100; ++i) publisher.publish({.topic = topic});
  const auto sent = pending_publishes(peer);
  CHECK_FALSE(sent.empty());
  CHECK(peer.request(pingreq()).bytes == hex("D0 00"));
}

TEST_CASE_TEMPLATE("PINGREQ with flags or a body ends the connection", V, V311, V50) {
  for (const unsigned first : {0xC1U, 0xC2U, 0xC8U})
    check_ends_connection(V::level, packet(first, ""), 0x81);
  check_ends_connection(V::level, hex("C0 01 00"), 0x81);
}
