#include "tests/conformance/peer.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace conformance {
namespace {

const char* given_port() { return std::getenv("MQ_CONFORMANCE_PORT"); }

}  // namespace

std::uint16_t broker_port() {
  if (const char* port = given_port()) return static_cast<std::uint16_t>(std::atoi(port));
  static support::BrokerProcess broker(support::BrokerProcess::Kind::mq_broker_lite);
  return broker.port();
}

bool is_our_broker() { return given_port() == nullptr; }

unsigned ours(unsigned reason_code) { return is_our_broker() ? reason_code : 0; }

bool can_start_own_broker(std::string_view reason) {
  if (is_our_broker()) return true;
  MESSAGE("skipped: " << std::string(reason));
  return false;
}

std::string unique(std::string_view prefix) {
  static std::atomic<unsigned> count{0};
  // The process tells runs apart: somebody else's broker keeps sessions and retained messages.
  return std::string(prefix) + "-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

void Peer::disconnect(unsigned reason_code, std::string_view properties) {
  send(wire::disconnect(level_, reason_code, properties));
  REQUIRE(is_closed());
}

wire::Received Peer::connect(const wire::ConnectFields& fields) {
  const wire::Received connack = request(wire::connect(level_, fields));
  REQUIRE(connack.type == 2);
  REQUIRE(connack.reason_code == 0);
  return connack;
}

unsigned Peer::subscribe(const std::string& filter, unsigned options, std::string_view properties) {
  const unsigned packet_id = next_packet_id_++;
  send(wire::subscribe(level_, packet_id, {{filter, options}}, properties));
  const wire::Received suback = read();
  REQUIRE(suback.type == 9);
  REQUIRE(suback.packet_id == packet_id);
  REQUIRE(suback.payload.size() == 1);
  return static_cast<unsigned char>(suback.payload[0]);
}

unsigned Peer::publish(wire::PublishFields fields) {
  fields.qos = 1;
  fields.packet_id = next_packet_id_++;
  const wire::Received puback = request(wire::publish(level_, fields));
  REQUIRE(puback.type == 4);
  REQUIRE(puback.packet_id == fields.packet_id);
  return puback.reason_code;
}

std::vector<wire::Received> Peer::pending() {
  std::vector<wire::Received> packets;
  // Twice: what an acknowledgement sent just before has made room for may follow the first answer.
  for (int round = 0; round < 2; ++round) {
    send(wire::pingreq());
    for (;;) {
      wire::Received packet = read();
      REQUIRE(packet.type != 0);
      if (packet.type == 13) break;
      packets.push_back(std::move(packet));
    }
  }
  return packets;
}

Peer connected(Level level, std::string_view client_id) {
  return connected(level, {.client_id = std::string(client_id)});
}

Peer connected(Level level, const wire::ConnectFields& fields) {
  Peer peer(level);
  peer.connect(fields);
  return peer;
}

std::string fatal_packet() { return wire::hex("36 07 0001 74 0001 00 00"); }

void let_a_second_pass() {
  // A will delayed by a second is the clock.
  const std::string topic = unique("clock");
  Peer watcher = connected(Level::v5_0);
  watcher.subscribe(topic, 0);
  Peer clock(Level::v5_0);
  clock.connect(
      {.client_id = topic,
       .properties = wire::property(0x11, wire::four_bytes(60)),
       .will = {{.topic = topic, .properties = wire::property(0x18, wire::four_bytes(1))}}});
  clock.disconnect(0x04);
  REQUIRE(watcher.read().topic == topic);
}

void check_ends_connection(Level level, std::string_view packet, unsigned reason_code) {
  Peer peer = connected(level);
  // A broker that goes on shows it by its PINGRESP; nobody has to wait for an end that won't come.
  peer.send(std::string(packet) + wire::pingreq());
  wire::Received last = peer.read();
  while (last.type != 0 && last.type != 13 && last.type != 14) last = peer.read();
  const bool goes_on = last.type == 13;
  REQUIRE_FALSE(goes_on);
  if (last.type == 14) {
    CHECK(level == Level::v5_0);
    CHECK(last.reason_code >= 0x80);
    if (reason_code != 0) CHECK(last.reason_code == reason_code);
    CHECK(peer.is_closed());
  } else {
    CHECK((level != Level::v5_0 || reason_code == 0 || !is_our_broker()));
  }
}

void check_refuses_filter(Level level, const std::string& filter) {
  CAPTURE(filter);
  Peer peer = connected(level);
  const wire::Received answer = peer.request(wire::subscribe(level, 7, {{filter, 0}}));
  if (answer.type == wire::kSuback) {
    REQUIRE(answer.payload.size() == 1);
    CHECK(static_cast<unsigned char>(answer.payload[0]) >= 0x80);
  } else if (answer.type != wire::kClosed) {
    CHECK(level == Level::v5_0);
    CHECK(answer.type == wire::kDisconnect);
    CHECK(answer.reason_code >= 0x80);
    CHECK(peer.is_closed());
  }
}

void check_refuses_malformed(Level level, std::string_view connect, unsigned reason_code) {
  Peer peer(level);
  const wire::Received answer = peer.request(connect);
  const bool is_accepted = answer.type == 2 && answer.reason_code == 0;
  REQUIRE_FALSE(is_accepted);
  CHECK(peer.is_closed());
  if (answer.type == 0) return;
  CHECK(level == Level::v5_0);
  CHECK(answer.type == 2);
  CHECK_FALSE(answer.session_present);
  CHECK(answer.reason_code >= 0x80);
  if (reason_code != 0) CHECK(answer.reason_code == reason_code);
}

}  // namespace conformance
