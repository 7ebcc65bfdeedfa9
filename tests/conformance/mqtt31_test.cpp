// MQTT 3.1 (MQIsdp): not part of the two standards, but served as its clients expect.

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

constexpr auto k31 = Level::v3_1;

}  // namespace

TEST_CASE("3.1: CONNECT by MQIsdp and level 3 is answered by 20 02 00 00") {
  Peer peer(k31);
  CHECK(peer.request(wire::connect(k31, {.client_id = unique("c")})).bytes ==
        wire::hex("20 02 00 00"));
  CHECK(peer.is_alive());
}

TEST_CASE("3.1: a resumed session shows in its messages, not in CONNACK") {
  const std::string id = unique("m31");
  for (const bool is_first : {true, false}) {
    Peer peer(k31);
    CHECK(peer.request(wire::connect(k31, {.client_id = id, .clean = false})).bytes ==
          wire::hex("20 02 00 00"));
    if (is_first) peer.subscribe(id, 1);
    if (!is_first) CHECK(peer.read().payload == "waits");
    peer.disconnect();
    if (is_first) connected(k31).publish({.topic = id, .payload = "waits"});
  }
}

TEST_CASE("3.1: an empty client id and an unknown level are refused by return code") {
  Peer nameless(k31);
  CHECK(nameless.request(wire::connect(k31, {.client_id = ""})).bytes == wire::hex("20 02 00 02"));
  CHECK(nameless.is_closed());
  Peer other(k31);
  CHECK(other.request(wire::connect(k31, {.client_id = unique("c"), .protocol_level = 4})).bytes ==
        wire::hex("20 02 00 01"));
  CHECK(other.is_closed());
}

TEST_CASE("3.1: client ids longer than its 23 characters are taken") {
  for (const std::size_t size : {1U, 23U, 24U, 300U}) {
    Peer peer(k31);
    peer.connect(std::string(size, 'i'));
    CHECK(peer.is_alive());
  }
}

TEST_CASE("3.1: the strings of user name and password may be missing though flagged") {
  for (const unsigned flags : {0x80U, 0xC0U}) {
    Peer peer(k31);
    peer.connect({.client_id = unique("c"), .more_flags = flags});
    CHECK(peer.is_alive());
  }
}

TEST_CASE("3.1: the reserved connect flag says nothing") {
  Peer peer(k31);
  peer.connect({.client_id = unique("c"), .more_flags = 1});
  CHECK(peer.is_alive());
}

TEST_CASE("3.1: requests may have DUP set when they are sent again") {
  const std::string topic = unique("dup");
  Peer peer = connected(k31);
  const auto again = [](std::string packet) {
    packet[0] = static_cast<char>(packet[0] | 0x08);
    return packet;
  };
  const auto suback = peer.request(again(wire::subscribe(k31, 7, {{topic, 2}})));
  CHECK(suback.bytes == wire::hex("90 03 0007 02"));
  CHECK(peer.request(wire::publish(k31, {.topic = "t", .qos = 2, .packet_id = 8})).type == 5);
  CHECK(peer.request(again(wire::ack(0x62, 8))).bytes == wire::hex("70 02 0008"));
  CHECK(peer.request(again(wire::unsubscribe(k31, 9, {topic}))).bytes == wire::hex("B0 02 0009"));
}

TEST_CASE("3.1: messages of every QoS pass to and from newer clients") {
  const std::string topic = unique("versions");
  for (const auto& [from, to] : {std::pair{k31, Level::v5_0}, {Level::v5_0, k31}, {k31, k31}})
    for (const unsigned qos : {0U, 1U, 2U}) {
      Peer reader = connected(to);
      CHECK(reader.subscribe(topic, 2) == 2);
      Peer writer = connected(from);
      writer.send(
          wire::publish(from, {.topic = topic, .payload = "p", .qos = qos, .packet_id = 3}));
      if (qos == 1) CHECK(writer.read().bytes.substr(0, 4) == wire::hex("40 02 0003"));
      if (qos == 2) {
        CHECK(writer.read().bytes == wire::hex("50 02 0003"));
        CHECK(writer.request(wire::ack(0x62, 3)).bytes == wire::hex("70 02 0003"));
      }
      const auto message = reader.read();
      CHECK(message.payload == "p");
      CHECK(message.qos == qos);
    }
}

TEST_CASE("3.1: wills, takeovers and the end for a malformed packet come without a word") {
  const std::string id = unique("will");
  Peer watcher = connected(k31);
  watcher.subscribe(id, 0);
  Peer first(k31);
  first.connect({.client_id = id, .will = {{.topic = id}}});
  Peer second = connected(k31, id);
  CHECK(first.read().type == 0);
  CHECK(watcher.read().payload == "will");
  second.send(fatal_packet());
  CHECK(second.read().type == 0);
}
