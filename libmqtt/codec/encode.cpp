#include "libmqtt/codec/encode.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <type_traits>
#include <utility>

#include "libmqtt/codec/writer.hpp"

namespace mqtt {
namespace {

constexpr std::uint8_t first_byte(PacketType type, unsigned flags = 0) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags);
}

/// [MQTT-2.1.3-1]; PUBLISH has flags of its own.
constexpr std::uint8_t first_byte_of(PacketType type) {
  const bool is_request = type == PacketType::pubrel || type == PacketType::subscribe ||
                          type == PacketType::unsubscribe;
  return first_byte(type, is_request ? 0x02 : 0x00);
}

// Each put() describes the body of one packet, for a SizeCounter as well as for a Writer.

template <class Sink>
void put_properties(Sink& sink, Version version, const Properties& properties) {
  if (version != Version::v5_0) return;
  sink.variable_byte(properties.wire().size());  // 0 when there are none [MQTT-2.2.2-1]
  sink.bytes(properties.wire().span());
}

/// The Connect Flags (5.0 §3.1.2.3).
std::uint8_t connect_flags(const Connect& packet) {
  unsigned flags = packet.clean_start ? 0x02 : 0x00;
  if (packet.will) {
    flags |= 0x04U | static_cast<unsigned>(packet.will->qos) << 3;
    if (packet.will->retain) flags |= 0x20;
  }
  if (packet.password) flags |= 0x40;
  if (packet.username) flags |= 0x80;
  return static_cast<std::uint8_t>(flags);
}

template <class Sink>
void put(Sink& sink, Version, const Connect& packet) {
  sink.binary(as_bytes(packet.version == Version::v3_1 ? "MQIsdp" : "MQTT"));
  sink.byte(std::to_underlying(packet.version));
  sink.byte(connect_flags(packet));
  sink.two_byte(packet.keep_alive);
  put_properties(sink, packet.version, packet.properties);
  sink.binary(packet.client_id.span());  // First of the payload [MQTT-3.1.3-3].
  if (packet.will) {                     // [MQTT-3.1.2-9]
    put_properties(sink, packet.version, packet.will->properties);
    sink.binary(packet.will->topic.span());
    sink.binary(packet.will->payload.span());
  }
  // [MQTT-3.1.2-16, 3.1.2-17], in 3.1.1 [MQTT-3.1.2-18, 3.1.2-19]
  if (packet.username) sink.binary(packet.username->span());
  // [MQTT-3.1.2-18, 3.1.2-19], in 3.1.1 [MQTT-3.1.2-20, 3.1.2-21]
  if (packet.password) sink.binary(packet.password->span());
}

template <class Sink>
void put(Sink& sink, Version version, const Connack& packet) {
  sink.byte(packet.session_present && version != Version::v3_1 ? 1 : 0);
  sink.byte(version == Version::v5_0 ? std::to_underlying(packet.reason_code)
                                     : connack_return_code(packet.reason_code));
  put_properties(sink, version, packet.properties);
}

/// 5.0 leaves out what is success without properties: the four acknowledgements, DISCONNECT, AUTH.
template <class Sink>
void put_reason(Sink& sink, Version version, ReasonCode code, const Properties& properties) {
  if (version != Version::v5_0) return;
  if (code == ReasonCode::success && properties.empty()) return;
  sink.byte(std::to_underlying(code));
  if (!properties.empty()) put_properties(sink, version, properties);
}

template <class Sink, class Ack>
requires(std::is_same_v<Ack, Puback> || std::is_same_v<Ack, Pubrec> ||
         std::is_same_v<Ack, Pubrel> ||
         std::is_same_v<Ack, Pubcomp>) void put(Sink& sink, Version version, const Ack& packet) {
  sink.two_byte(packet.packet_id);
  put_reason(sink, version, packet.reason_code, packet.properties);
}

template <class Sink>
void put(Sink& sink, Version version, const Subscribe& packet) {
  sink.two_byte(packet.packet_id);
  put_properties(sink, version, packet.properties);
  for (const auto& [filter, options] : packet.requests) {
    sink.binary(filter.span());
    unsigned bits = std::to_underlying(options.qos);
    if (version == Version::v5_0) {
      if (options.no_local) bits |= 0x04;
      if (options.retain_as_published) bits |= 0x08;
      bits |= static_cast<unsigned>(options.retain_handling) << 4;
    }
    sink.byte(static_cast<std::uint8_t>(bits));
  }
}

template <class Sink>
void put(Sink& sink, Version version, const Suback& packet) {
  sink.two_byte(packet.packet_id);
  put_properties(sink, version, packet.properties);
  for (auto code : packet.reason_codes) {
    // 3.1.1 knows one failure [MQTT-3.9.3-2].
    if (version != Version::v5_0) code = std::min(code, ReasonCode::unspecified_error);
    sink.byte(std::to_underlying(code));
  }
}

template <class Sink>
void put(Sink& sink, Version version, const Unsubscribe& packet) {
  sink.two_byte(packet.packet_id);
  put_properties(sink, version, packet.properties);
  for (const auto& filter : packet.filters) sink.binary(filter.span());
}

template <class Sink>
void put(Sink& sink, Version version, const Unsuback& packet) {
  sink.two_byte(packet.packet_id);
  if (version != Version::v5_0) return;
  put_properties(sink, version, packet.properties);
  for (const auto code : packet.reason_codes) sink.byte(std::to_underlying(code));
}

template <class Sink>
void put(Sink&, Version, const Pingreq&) {}

template <class Sink>
void put(Sink&, Version, const Pingresp&) {}

template <class Sink>
void put(Sink& sink, Version version, const Disconnect& packet) {
  put_reason(sink, version, packet.reason_code, packet.properties);
}

template <class Sink>
void put(Sink& sink, Version version, const Auth& packet) {
  put_reason(sink, version, packet.reason_code, packet.properties);
}

PublishParts parts_of(const Publish& packet) {
  return {.topic = packet.topic.view(),
          .properties = packet.properties.wire().span(),
          .added_properties = {},
          .payload = &packet.payload,
          .packet_id = packet.packet_id,
          .qos = packet.qos,
          .retain = packet.retain,
          .dup = packet.dup};
}

template <class Sink>
void put_head(Sink& sink, Version version, const PublishParts& parts) {
  sink.binary(as_bytes(parts.topic));
  // [MQTT-2.2.1-2], in 3.1.1 [MQTT-2.3.1-5]
  if (parts.qos != Qos::at_most_once) sink.two_byte(parts.packet_id);
  if (version != Version::v5_0) return;
  sink.variable_byte(parts.properties.size() + parts.added_properties.size());
  sink.bytes(parts.properties);
  sink.bytes(parts.added_properties);
}

std::size_t payload_size(const PublishParts& parts) {
  return parts.payload == nullptr ? 0 : parts.payload->size();
}

template <class T>
std::size_t body_size(Version version, const T& packet) {
  SizeCounter counter;
  put(counter, version, packet);
  return counter.size();
}

std::size_t body_size(Version version, const PublishParts& parts) {
  SizeCounter counter;
  put_head(counter, version, parts);
  return counter.size() + payload_size(parts);
}

std::size_t body_size(Version version, const Publish& packet) {
  return body_size(version, parts_of(packet));
}

std::size_t whole_size(std::size_t body) { return 1 + variable_byte_size(body) + body; }

template <class T>
void append(Version version, const T& packet, PacketType type, Output& output) {
  const auto body = body_size(version, packet);
  Writer writer(output.grow(whole_size(body)));
  writer.byte(first_byte_of(type));
  writer.variable_byte(body);
  put(writer, version, packet);
}

void append(Version version, const Publish& packet, PacketType, Output& output) {
  encode(version, parts_of(packet), output);
}

}  // namespace

void encode(Version version, const Packet& packet, Output& output) {
  std::visit([&](const auto& one) { append(version, one, type(packet), output); }, packet);
}

std::size_t encoded_size(Version version, const Packet& packet) {
  return whole_size(std::visit([&](const auto& one) { return body_size(version, one); }, packet));
}

std::size_t encoded_size(Version version, const PublishParts& parts) {
  return whole_size(body_size(version, parts));
}

void encode(Version version, const PublishParts& parts, Output& output) {
  assert(!parts.dup || parts.qos != Qos::at_most_once);  // [MQTT-3.3.1-2, 4.3.1-1]
  const auto body = body_size(version, parts);
  const auto payload = payload_size(parts);
  const bool copies = payload <= Output::kShareAbove;
  Writer writer(output.grow(whole_size(body) - (copies ? 0 : payload)));
  const unsigned flags = (parts.dup ? 0x08U : 0U) | static_cast<unsigned>(parts.qos) << 1 |
                         (parts.retain ? 0x01U : 0U);
  writer.byte(first_byte(PacketType::publish, flags));
  writer.variable_byte(body);
  put_head(writer, version, parts);
  if (!copies) {
    output.append(*parts.payload);
  } else if (payload > 0) {
    writer.bytes(parts.payload->span());
  }
}

void encode_ack(Version version, PacketType type, std::uint16_t packet_id, ReasonCode reason_code,
                Output& output) {
  const bool has_reason = version == Version::v5_0 && reason_code != ReasonCode::success;
  // No Reason String and no User Property, so that none is too large or unwanted
  // [MQTT-3.1.2-29, 3.4.2-2, 3.4.2-3, 3.5.2-2, 3.5.2-3, 3.6.2-2, 3.6.2-3, 3.7.2-2, 3.7.2-3].
  Writer writer(output.grow(has_reason ? 5 : 4));
  writer.byte(first_byte_of(type));
  writer.byte(has_reason ? 3 : 2);
  writer.two_byte(packet_id);
  if (has_reason) writer.byte(std::to_underlying(reason_code));
}

std::uint8_t connack_return_code(ReasonCode reason_code) {
  switch (reason_code) {
    case ReasonCode::success:
      return 0;
    case ReasonCode::unsupported_protocol_version:
      return 1;
    case ReasonCode::client_identifier_not_valid:
      return 2;
    case ReasonCode::bad_user_name_or_password:
      return 4;
    case ReasonCode::bad_authentication_method:
    case ReasonCode::banned:
    case ReasonCode::not_authorized:
      return 5;
    default:
      return 3;  // Server unavailable: the only one that blames nobody.
  }
}

}  // namespace mqtt
