#include "tests/conformance/delivery.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace conformance {
namespace {

using namespace wire;

/// PUBREC with success, in the form that both versions have.
void answer(Peer& peer, const Received& publish) {
  if (publish.qos > 0)
    peer.send(ack(publish.qos == 1 ? kSendPuback : kSendPubrec, publish.packet_id));
}

}  // namespace

Received read_publish(Peer& peer) {
  Received packet = peer.read();
  REQUIRE(packet.type == kPublish);
  return packet;
}

std::vector<Received> pending_publishes(Peer& peer) {
  std::vector<Received> packets = peer.pending();
  for (const Received& packet : packets) REQUIRE(packet.type == kPublish);
  return packets;
}

std::vector<Received> take(Peer& peer, std::size_t count) {
  std::vector<Received> messages;
  std::set<unsigned> open;  // QoS 2, up to PUBREL
  while (messages.size() < count || !open.empty()) {
    Received packet = peer.read();
    if (packet.type == kPubrel) {
      peer.send(ack(kSendPubcomp, packet.packet_id));
      open.erase(packet.packet_id);
      continue;
    }
    REQUIRE(packet.type == kPublish);
    answer(peer, packet);
    if (packet.qos == 2) open.insert(packet.packet_id);
    messages.push_back(std::move(packet));
  }
  return messages;
}

std::vector<std::string> payloads(const std::vector<Received>& messages) {
  std::vector<std::string> all;
  std::ranges::transform(messages, std::back_inserter(all), &Received::payload);
  return all;
}

std::vector<std::string> numbered(std::string_view prefix, std::size_t count) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(std::string(prefix) + std::to_string(i));
  return all;
}

void hand_over(Peer& peer, PublishFields fields) {
  if (fields.packet_id == 0) fields.packet_id = 500;
  peer.send(publish(peer.level(), fields));
  if (fields.qos == 0) {
    REQUIRE(peer.is_alive());
    return;
  }
  const Received first = peer.read();
  REQUIRE(first.type == (fields.qos == 1 ? kPuback : kPubrec));
  REQUIRE(first.packet_id == fields.packet_id);
  if (fields.qos == 1) return;
  const Received last = peer.request(ack(kSendPubrel, fields.packet_id));
  REQUIRE(last.type == kPubcomp);
  REQUIRE(last.packet_id == fields.packet_id);
}

std::vector<unsigned> packet_ids(const std::vector<Received>& messages) {
  std::vector<unsigned> all;
  std::ranges::transform(messages, std::back_inserter(all), &Received::packet_id);
  return all;
}

void leave(Peer& peer) {
  peer.send(disconnect(peer.level()));
  CHECK(peer.is_closed());
}

void subscribe_and_leave(Level level, const ConnectFields& fields, const std::string& filter,
                         unsigned options) {
  Peer peer = connected(level, fields);
  CHECK(peer.subscribe(filter, options) == (options & 3U));
  leave(peer);
}

void let_broker_age(unsigned seconds) {
  const std::string topic = unique("clock");
  Peer watcher = connected(Level::v5_0);
  watcher.subscribe(topic, 0);
  ConnectFields fields = lasting(Level::v5_0, unique("clock"));
  fields.will = {.topic = topic, .properties = property(id::will_delay, four_bytes(seconds))};
  Peer ticker = connected(Level::v5_0, fields);
  ticker.drop();
  CHECK(read_publish(watcher).topic == topic);
}

}  // namespace conformance
