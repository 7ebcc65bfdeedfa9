#include "tests/conformance/delivery.hpp"

// AUTH (5.0 §3.15) and clients without an authentication method, or with one that is not known. The
// exchange itself: auth_exchange_test.cpp.

using namespace conformance;
using namespace conformance::wire;

namespace {

std::string method(std::string_view name) {
  return property(id::authentication_method, field(name));
}

std::string auth(unsigned reason_code, std::string_view more) {
  return packet(0xF0, byte(reason_code) + properties(Level::v5_0, more));
}

}  // namespace

TEST_CASE("AUTH with flags ends the connection [5.0:MQTT-3.15.1-1]") {
  for (const unsigned flags : {1U, 2U, 4U, 8U, 15U})
    check_ends_connection(
        Level::v5_0, packet(0xF0 | flags, byte(0x18) + properties(Level::v5_0, method("m"))), 0x81);
}

TEST_CASE("AUTH with a code that it does not have ends the connection [5.0:MQTT-3.15.2-1]") {
  for (const unsigned code : {0x01U, 0x04U, 0x17U, 0x1AU, 0x80U, 0x87U, 0x8CU, 0xFFU})
    check_ends_connection(Level::v5_0, auth(code, method("m")));
}

TEST_CASE("AUTH of a client that named no method is a protocol error [5.0:MQTT-4.12.0-7]") {
  check_ends_connection(Level::v5_0, hex("F0 00"), ours(0x82));
  for (const unsigned code : {0x00U, 0x18U, 0x19U})
    check_ends_connection(Level::v5_0, auth(code, method("m")), ours(0x82));
}

TEST_CASE(
    "a method that the server does not know is refused and the connection closed "
    "[5.0:MQTT-4.12.0-1] [5.0:MQTT-4.12.0-4]") {
  for (const std::string name : {"no such method", "", "\xC3\xA9"}) {
    Peer peer(Level::v5_0);
    const Received answer = peer.request(
        connect(Level::v5_0, {.client_id = unique("client"), .properties = method(name)}));
    if (answer.type != kClosed) {
      CHECK(answer.type == kConnack);
      CHECK((answer.reason_code == 0x8C || answer.reason_code == 0x87));
      if (is_our_broker()) CHECK(answer.reason_code == 0x8C);
    }
    CHECK(peer.is_closed());
  }
}

TEST_CASE("a client that names no method gets none, and no AUTH [5.0:MQTT-4.12.0-6]") {
  Peer peer(Level::v5_0);
  const Received connack = peer.connect({.client_id = unique("client"), .username = "user"});
  CHECK_FALSE(connack.property(id::authentication_method));
  for (const Received& packet : peer.pending()) CHECK(packet.type != kAuth);
}
