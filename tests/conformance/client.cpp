#include "tests/conformance/client.hpp"

#include <array>
#include <mutex>
#include <utility>

namespace conformance {
namespace {

mqtt::ClientSessionOptions with_version(Level level, mqtt::ClientSessionOptions options) {
  options.connect.version = static_cast<mqtt::Version>(level);
  if (options.connect.client_id.empty()) options.connect.client_id = mqtt::Bytes::copy("c");
  return options;
}

/// Where the body of a packet begins.
std::size_t body_of(std::string_view packet) {
  std::size_t at = 1;
  while (at < packet.size() && (static_cast<unsigned char>(packet[at]) & 0x80U) != 0) ++at;
  return at + 1;
}

std::string granted(Level level, std::string_view subscribe) {
  const std::string packet_id(subscribe.substr(body_of(subscribe), 2));
  return wire::packet(0x90, packet_id + wire::properties(level) + wire::byte(0));
}

/// What a server that accepts everything answers.
support::ScriptedServer::Answer polite_answer(Level level, const std::string& packet,
                                              std::string_view connack_properties) {
  const unsigned type = static_cast<unsigned char>(packet[0]) >> 4U;
  const wire::Received received = wire::read(level, packet);
  switch (type) {
    case 1:
      return {.bytes = connack(level, connack_properties)};
    case 3:
      if (received.qos == 1) return {.bytes = wire::ack(0x40, received.packet_id)};
      if (received.qos == 2) return {.bytes = wire::ack(0x50, received.packet_id)};
      return {};
    case 6:
      return {.bytes = wire::ack(0x70, received.packet_id)};
    case 8:
      return {.bytes = granted(level, packet)};
    case 10:
      return {.bytes = wire::packet(0xB0, packet.substr(body_of(packet), 2) +
                                              (level == Level::v5_0 ? wire::hex("00 00") : ""))};
    case 12:
      return {.bytes = wire::packet(0xD0, {})};
    case 14:
      return {.closes = true};
    default:
      return {};
  }
}

}  // namespace

std::string connack(Level level, std::string_view properties, bool session_present) {
  return wire::packet(0x20, wire::byte(session_present ? 1 : 0) + wire::byte(0) +
                                wire::properties(level, properties));
}

Overheard overhear(Level level, std::vector<std::string> command, std::string_view properties) {
  Overheard overheard;
  std::mutex mutex;
  {
    support::ScriptedServer server([&](const std::string& packet) {
      const std::scoped_lock lock(mutex);
      overheard.packets.push_back(packet);
      return polite_answer(level, packet, properties);
    });
    command[0] = support::tool(command[0]);
    command.insert(command.begin() + 1, {"-h", "127.0.0.1", "-p", std::to_string(server.port()),
                                         "-V", level == Level::v5_0 ? "5" : "311"});
    support::Process process({.argv = std::move(command)});
    overheard.exit = process.wait();
  }
  return overheard;
}

Client::Client(Level level, mqtt::ClientSessionOptions options)
    : level_(level), session_(with_version(level, std::move(options))) {}

std::string Client::connect() {
  session_.connected(now_);
  const auto packets = sent();
  REQUIRE(packets.size() == 1);
  return packets[0];
}

void Client::go_online(std::string_view connack_properties, bool session_present) {
  connect();
  receive(connack(level_, connack_properties, session_present));
}

void Client::receive(std::string_view bytes) {
  session_.receive(mqtt::as_bytes(bytes), now_);
  // All of them now: the session's view of `bytes` ends with this call.
  while (auto event = session_.poll_event()) events_.push_back(std::move(*event));
}

std::vector<std::string> Client::sent() {
  std::string bytes;
  std::array<std::span<const std::byte>, 16> pieces;
  while (!session_.output().empty()) {
    std::size_t total = 0;
    for (const auto& piece : std::span(pieces).first(session_.output().gather(pieces))) {
      bytes += mqtt::as_text(piece);
      total += piece.size();
    }
    session_.consume(total, now_);
  }
  std::vector<std::string> packets;
  while (!bytes.empty()) {
    std::size_t size = 0;
    unsigned shift = 0;
    for (std::size_t at = 1; at < body_of(bytes); ++at, shift += 7)
      size |= (static_cast<std::size_t>(static_cast<unsigned char>(bytes[at])) & 0x7FU) << shift;
    packets.push_back(bytes.substr(0, body_of(bytes) + size));
    bytes.erase(0, packets.back().size());
  }
  return packets;
}

void Client::pass(mqtt::Seconds seconds) {
  now_ += seconds;
  session_.tick(now_);
}

void Client::publish(mqtt::Qos qos, std::string_view topic, bool retain) {
  session_.publish({.topic = mqtt::Bytes::copy(topic),
                    .payload = mqtt::Bytes::copy("x"),
                    .qos = qos,
                    .retain = retain},
                   now_);
}

std::vector<mqtt::ClientEvent> Client::events() {
  while (auto event = session_.poll_event()) events_.push_back(std::move(*event));
  return std::exchange(events_, {});
}

std::optional<mqtt::ReasonCode> Client::failure() {
  for (const mqtt::ClientEvent& event : events())
    if (const auto* failed = std::get_if<mqtt::client_event::Failed>(&event))
      return failed->error.code;
  return std::nullopt;
}

}  // namespace conformance
