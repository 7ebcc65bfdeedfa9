#include "libmqtt/codec/decode.hpp"

#include <utility>

#include "libmqtt/codec/decode_fields.hpp"
#include "libmqtt/codec/topic.hpp"

namespace mqtt {
namespace {

PropertyPlace place_of(PacketType type) { return static_cast<PropertyPlace>(type); }

/// The lower half of the first byte is fixed for every type but PUBLISH [MQTT-2.1.3-1], in 3.1.1
/// [MQTT-2.2.2-2]; also [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-3.14.1-1]
/// [MQTT-3.15.1-1].
bool has_valid_flags(const PacketHeader& header) {
  switch (header.type) {
    case PacketType::publish:
      return true;
    case PacketType::pubrel:
    case PacketType::subscribe:
    case PacketType::unsubscribe:
      // 3.1 sets the DUP bit when it sends one of these again.
      return header.flags == 0x02 || (header.version == Version::v3_1 && header.flags == 0x0A);
    default:
      return header.flags == 0;
  }
}

void read_publish_flags(std::uint8_t flags, Publish& packet, Reader& reader) {
  packet.dup = (flags & 0x08) != 0;
  packet.retain = (flags & 0x01) != 0;
  const auto qos = (flags >> 1) & 0x03;
  packet.qos = static_cast<Qos>(qos);
  if (qos == 3) {  // [MQTT-3.3.1-4]
    reader.fail(ReasonCode::malformed_packet, "QoS 3");
  } else if (qos == 0 && packet.dup) {  // [MQTT-3.3.1-2]
    reader.fail(ReasonCode::malformed_packet, "DUP at QoS 0");
  }
}

void check_topic(std::string_view topic, const Properties& properties, Reader& reader) {
  if (has_wildcard(topic)) {  // [MQTT-3.3.2-2]
    reader.fail(ReasonCode::topic_name_invalid, "topic name holds a wildcard");
  } else if (topic.empty() && !properties.find(property::topic_alias)) {  // [MQTT-3.3.2-1]
    reader.fail(ReasonCode::protocol_error, "neither topic name nor topic alias");
  }
}

void read_publish(const PacketHeader& header, Publish& packet, Reader& reader) {
  read_publish_flags(header.flags, packet, reader);
  const auto topic = reader.text_view();
  // [MQTT-2.2.1-2], in 3.1.1 [MQTT-2.3.1-5]
  if (packet.qos != Qos::at_most_once) packet.packet_id = read_packet_id(reader);
  packet.properties = read_properties(header.version, PropertyPlace::publish, reader);
  check_topic(topic, packet.properties, reader);
  packet.topic = reader.keep(as_bytes(topic));
  packet.payload = reader.rest();
}

/// PUBACK, PUBREC, PUBREL, PUBCOMP: 5.0 leaves out a reason code of 0x00 without properties, and
/// the Property Length when there is none.
template <class Ack>
Ack read_ack(const PacketHeader& header, Reader& reader) {
  Ack packet;
  packet.packet_id = read_packet_id(reader);
  if (header.version != Version::v5_0 || reader.at_end()) return packet;
  // [MQTT-3.4.2-1, 3.5.2-1, 3.6.2-1, 3.7.2-1]
  packet.reason_code = read_reason_code(header.type, reader);
  if (!reader.at_end()) {
    packet.properties = read_properties(header.version, place_of(header.type), reader);
  }
  return packet;
}

template <class Ping>
Ping read_ping(const PacketHeader&, Reader&) {
  return {};
}

Disconnect read_disconnect(const PacketHeader& header, Reader& reader) {
  Disconnect packet;
  if (header.version != Version::v5_0 || reader.at_end()) return packet;
  packet.reason_code = read_reason_code(header.type, reader);  // [MQTT-3.14.2-1]
  if (!reader.at_end()) {
    packet.properties = read_properties(header.version, PropertyPlace::disconnect, reader);
  }
  return packet;
}

Auth read_auth(const PacketHeader& header, Reader& reader) {
  Auth packet;
  if (header.version != Version::v5_0) {
    reader.fail(ReasonCode::malformed_packet, "packet type 15 is reserved");
  }
  if (reader.at_end()) return packet;
  packet.reason_code = read_reason_code(header.type, reader);  // [MQTT-3.15.2-1]
  packet.properties = read_properties(header.version, PropertyPlace::auth, reader);
  if (!packet.properties.find(property::authentication_method)) {
    reader.fail(ReasonCode::protocol_error, "AUTH without an authentication method");
  }
  return packet;
}

PacketHeader header_of(Version version, const FrameView& frame) {
  return {version, static_cast<PacketType>(frame.type_bits()), frame.flags()};
}

/// Runs one decode function over the body.
template <class Read>
Result<Packet> run(const PacketHeader& header, const FrameView& frame, Read read) {
  Reader reader(frame.body);
  if (!has_valid_flags(header)) reader.fail(ReasonCode::malformed_packet, "reserved flags are set");
  auto packet = read(header, reader);
  if (const auto& error = reader.finish()) return std::unexpected(*error);
  return Packet(std::move(packet));
}

}  // namespace

Result<Publish> decode_publish(Version version, const FrameView& frame) {
  Reader reader(frame.body);
  Result<Publish> packet;
  read_publish(header_of(version, frame), *packet, reader);
  if (const auto& error = reader.finish()) packet = std::unexpected(*error);
  return packet;
}

Result<Packet> decode(Version version, const FrameView& frame) {
  const auto header = header_of(version, frame);
  switch (header.type) {
    case PacketType::connect:
      return run(header, frame, read_connect);
    case PacketType::connack:
      return run(header, frame, read_connack);
    case PacketType::publish:
      return decode_publish(version, frame);
    case PacketType::puback:
      return run(header, frame, read_ack<Puback>);
    case PacketType::pubrec:
      return run(header, frame, read_ack<Pubrec>);
    case PacketType::pubrel:
      return run(header, frame, read_ack<Pubrel>);
    case PacketType::pubcomp:
      return run(header, frame, read_ack<Pubcomp>);
    case PacketType::subscribe:
      return run(header, frame, read_subscribe);
    case PacketType::suback:
      return run(header, frame, read_suback);
    case PacketType::unsubscribe:
      return run(header, frame, read_unsubscribe);
    case PacketType::unsuback:
      return run(header, frame, read_unsuback);
    case PacketType::pingreq:
      return run(header, frame, read_ping<Pingreq>);
    case PacketType::pingresp:
      return run(header, frame, read_ping<Pingresp>);
    case PacketType::disconnect:
      return run(header, frame, read_disconnect);
    case PacketType::auth:
      return run(header, frame, read_auth);
  }
  return fail(ReasonCode::malformed_packet, "packet type 0 is reserved");
}

}  // namespace mqtt
