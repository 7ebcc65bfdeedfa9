#include <algorithm>
#include <array>

#include "tests/conformance/delivery.hpp"

// DISCONNECT (§3.14), from the client and, in 5.0, from the server.

using namespace conformance;
using namespace conformance::wire;

namespace {

/// The codes that 5.0 has for DISCONNECT (3.14.2.1), and those that a client may send.
constexpr std::array kServerCodes = {0x00U, 0x80U, 0x81U, 0x82U, 0x83U, 0x87U, 0x89U,
                                     0x8BU, 0x8DU, 0x8EU, 0x8FU, 0x90U, 0x93U, 0x94U,
                                     0x95U, 0x96U, 0x97U, 0x98U, 0x99U, 0x9AU, 0x9BU,
                                     0x9CU, 0x9DU, 0x9EU, 0x9FU, 0xA0U, 0xA1U, 0xA2U};
constexpr std::array kClientFailures = {0x80U, 0x81U, 0x82U, 0x83U, 0x90U, 0x93U,
                                        0x94U, 0x95U, 0x96U, 0x97U, 0x98U, 0x99U};

/// A client with a will, and one that watches for it.
struct WithWill {
  explicit WithWill(Level level)
      : topic(unique("will")),
        watcher(connected(level)),
        client(connected(level, {.client_id = topic, .will = {{.topic = topic}}})) {
    watcher.subscribe(topic, 0);
  }
  std::string topic;
  Peer watcher;
  Peer client;
};

/// The packet ends its connection as an error does: in 5.0 with a DISCONNECT of this code (0: any
/// failure) unless the broker says nothing, and with the will.
void check_ends_badly(Level level, const std::string& packet, unsigned reason_code = 0) {
  WithWill at(level);
  const Received last = at.client.request(packet);
  if (last.type != kClosed) {
    CHECK(level == Level::v5_0);
    CHECK(last.type == kDisconnect);
    CHECK(last.reason_code >= 0x80);
    if (reason_code != 0) CHECK(last.reason_code == reason_code);
  } else if (is_our_broker()) {
    CHECK(level != Level::v5_0);
  }
  CHECK(at.client.is_closed());
  CHECK(at.watcher.read().payload == "will");
}

/// Packets that make a 5.0 server send DISCONNECT.
std::vector<std::string> faults() {
  constexpr Level level = Level::v5_0;
  return {connect(level, {.client_id = unique("second")}),
          hex("00 00"),
          hex("81 00"),
          hex("F0 00"),
          subscribe(level, 7, {{"a#", 0}}),
          subscribe(level, 7, {{"\xFF", 0}}),
          publish(level, {.topic = "a/+"}),
          publish(level, {.topic = "a", .properties = property(id::topic_alias, two_bytes(0))}),
          publish(level, {.topic = "", .properties = property(id::topic_alias, two_bytes(65535))}),
          unsubscribe(level, 7, {})};
}

/// The DISCONNECT that each of the faults brings, read with nothing behind it, and that of a
/// takeover. The clients accept packets of 20 bytes.
std::vector<Received> server_disconnects() {
  const auto small = [] {
    return ConnectFields{.client_id = unique("small"),
                         .properties = property(id::maximum_packet_size, four_bytes(20))};
  };
  std::vector<Received> all;
  for (const std::string& fault : faults()) {
    Peer peer = connected(Level::v5_0, small());
    const Received last = peer.request(fault);
    if (last.type != kClosed) all.push_back(last);
    CHECK(peer.is_closed());
  }
  const ConnectFields fields = small();
  Peer first = connected(Level::v5_0, fields);
  Peer second = connected(Level::v5_0, fields);
  const Received last = first.read();
  if (last.type != kClosed) all.push_back(last);
  if (is_our_broker()) CHECK(all.size() == faults().size() + 1);
  for (const Received& packet : all) CHECK(packet.type == kDisconnect);
  return all;
}

}  // namespace

// From the client.

TEST_CASE_TEMPLATE("flags in DISCONNECT are an error [MQTT-3.14.1-1]", V, V311, V50) {
  for (const unsigned flags : {1U, 2U, 4U, 8U, 15U}) {
    CAPTURE(flags);
    check_ends_badly(V::level, packet(0xE0 | flags, ""), 0x81);
  }
}

TEST_CASE("a code that DISCONNECT does not have is an error [5.0:MQTT-3.14.2-1]") {
  for (const unsigned code : {0x01U, 0x02U, 0x03U, 0x05U, 0x10U, 0x18U, 0x7FU, 0x84U, 0x85U, 0x86U,
                              0x88U, 0x8AU, 0x91U, 0x92U, 0xA3U, 0xFFU}) {
    CAPTURE(code);
    check_ends_badly(Level::v5_0, disconnect(Level::v5_0, code));
  }
}

TEST_CASE("a DISCONNECT with a failure is none of the server's: it closes, and the will goes out") {
  for (const unsigned code : kClientFailures) {
    CAPTURE(code);
    WithWill at(Level::v5_0);
    at.client.send(disconnect(Level::v5_0, code));
    CHECK(at.client.read().type == kClosed);
    CHECK(at.watcher.read().payload == "will");
  }
}

TEST_CASE_TEMPLATE("DISCONNECT discards the will [MQTT-3.14.4-3]", V, V311, V50) {
  WithWill at(V::level);
  at.client.send(hex("E0 00"));
  CHECK(at.client.read().type == kClosed);
  CHECK(at.watcher.pending().empty());
}

TEST_CASE("DISCONNECT with 0x00 discards the will, in any form [5.0:MQTT-3.14.4-3]") {
  for (const std::string form : {"E0 01 00", "E0 02 00 00", "E0 07 00 05 11 00 00 00 00"}) {
    CAPTURE(form);
    WithWill at(Level::v5_0);
    at.client.send(hex(form));
    CHECK(at.client.read().type == kClosed);
    CHECK(at.watcher.pending().empty());
  }
}

TEST_CASE("DISCONNECT with 0x04 publishes the will") {
  WithWill at(Level::v5_0);
  at.client.send(disconnect(Level::v5_0, 0x04));
  CHECK(at.client.read().type == kClosed);
  CHECK(at.watcher.read().payload == "will");
}

TEST_CASE(
    "a will that waits for its delay is discarded by DISCONNECT as well [5.0:MQTT-3.14.4-3]") {
  const std::string topic = unique("delayed");
  Peer watcher = connected(Level::v5_0);
  watcher.subscribe(topic, 0);
  ConnectFields fields = lasting(Level::v5_0, topic);
  fields.will = {.topic = topic, .properties = property(id::will_delay, four_bytes(1))};
  Peer client = connected(Level::v5_0, fields);
  leave(client);
  let_a_second_pass();
  CHECK(watcher.pending().empty());
}

TEST_CASE_TEMPLATE("what follows DISCONNECT is not heard", V, V311, V50) {
  WithWill at(V::level);
  at.client.send(disconnect(V::level) + publish(V::level, {.topic = at.topic}) + pingreq());
  CHECK(at.client.read().type == kClosed);
  CHECK(at.watcher.pending().empty());
}

// From the server.

TEST_CASE("no DISCONNECT before the CONNACK of a success [5.0:MQTT-3.14.0-1]") {
  constexpr Level level = Level::v5_0;
  const std::string method = property(id::authentication_method, field("no such method"));
  const std::string refused = connect(level, {.client_id = unique("a"), .properties = method});
  for (const std::string& first :
       {connect(level, {.client_id = unique("a"), .more_flags = 1}),
        connect(level, {.client_id = unique("a"), .protocol_name = "MQTX"}),
        connect(level, {.client_id = unique("a"), .protocol_level = 6}),
        connect(level, {.client_id = "\xFF"}), refused, refused + hex("00 00"),
        publish(level, {.topic = "a"}), hex("C0 00"), hex("E0 00"), hex("F0 00"), hex("00 00"),
        hex("10 FF FF FF FF FF")}) {
    Peer peer(level);
    peer.send(first);
    for (Received packet = peer.read(); packet.type != kClosed; packet = peer.read())
      CHECK(packet.type != kDisconnect);
  }
}

TEST_CASE(
    "the server's DISCONNECT has a code of its table and no Session Expiry Interval "
    "[5.0:MQTT-3.14.2-1] [5.0:MQTT-3.14.2-2]") {
  for (const Received& packet : server_disconnects()) {
    CAPTURE(packet.reason_code);
    CHECK(std::ranges::count(kServerCodes, packet.reason_code) == 1);
    CHECK(packet.reason_code >= 0x80);
    CHECK_FALSE(packet.property(id::session_expiry));
  }
}

TEST_CASE(
    "the server's DISCONNECT has no Reason String or User Property beyond the client's maximum "
    "[5.0:MQTT-3.14.2-3] [5.0:MQTT-3.14.2-4]") {
  for (const Received& packet : server_disconnects()) CHECK(packet.bytes.size() <= 20);
}

TEST_CASE(
    "the server sends nothing after its DISCONNECT, and closes [5.0:MQTT-3.14.4-1] "
    "[5.0:MQTT-3.14.4-2]") {
  for (const std::string& fault : faults()) {
    const std::string topic = unique("after");
    Peer peer = connected(Level::v5_0);
    peer.subscribe(topic, 1);
    std::string own;
    for (unsigned i = 1; i <= 3; ++i)
      own += publish(Level::v5_0, {.topic = topic, .qos = 1, .packet_id = i});
    peer.send(own + fault + own + pingreq());
    Received packet = peer.read();
    while (packet.type != kDisconnect && packet.type != kClosed) packet = peer.read();
    if (is_our_broker()) CHECK(packet.type == kDisconnect);
    CHECK(peer.read().type == kClosed);
  }
}
