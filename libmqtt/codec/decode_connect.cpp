#include <array>
#include <utility>

#include "libmqtt/codec/decode.hpp"
#include "libmqtt/codec/decode_fields.hpp"
#include "libmqtt/codec/topic.hpp"

namespace mqtt {
namespace {

// The Connect Flags (5.0 §3.1.2.3).
constexpr unsigned kReserved = 0x01;
constexpr unsigned kCleanStart = 0x02;
constexpr unsigned kWill = 0x04;
constexpr unsigned kWillQos = 0x18;
constexpr unsigned kWillRetain = 0x20;
constexpr unsigned kPassword = 0x40;
constexpr unsigned kUsername = 0x80;

/// Protocol Name and Protocol Version together; only known pairs.
Version read_version(Reader& reader) {
  const auto name = as_text(reader.binary_view());
  const auto level = reader.byte();
  if (name == "MQIsdp" && level == 3) return Version::v3_1;
  if (name == "MQTT" && level == 4) return Version::v3_1_1;
  if (name == "MQTT" && level == 5) return Version::v5_0;
  // [MQTT-3.1.2-1] [MQTT-3.1.2-2]
  reader.fail(ReasonCode::unsupported_protocol_version, "unknown protocol name or version");
  return Version::v3_1_1;
}

void check_connect_flags(Version version, unsigned flags, Reader& reader) {
  const auto malformed = [&](std::string_view what) {
    reader.fail(ReasonCode::malformed_packet, what);
  };
  // 3.1 calls the bit unused and says nothing of its value.
  if ((flags & kReserved) != 0 && version != Version::v3_1) {  // [MQTT-3.1.2-3]
    malformed("reserved connect flag is set");
  }
  if ((flags & kWill) == 0 && (flags & (kWillQos | kWillRetain)) != 0) {
    // [MQTT-3.1.2-11, 3.1.2-13], in 3.1.1 also [MQTT-3.1.2-15]
    malformed("will QoS or will retain without a will");
  }
  // [MQTT-3.1.2-12], in 3.1.1 [MQTT-3.1.2-14]
  if ((flags & kWillQos) == kWillQos) malformed("will QoS 3");
  if (version != Version::v5_0 && (flags & (kUsername | kPassword)) == kPassword) {
    malformed("password without a user name");  // 3.1.1 [MQTT-3.1.2-22]
  }
}

Will read_will(Version version, unsigned flags, Reader& reader) {
  Will will;
  will.qos = static_cast<Qos>((flags & kWillQos) >> 3);
  will.retain = (flags & kWillRetain) != 0;
  will.properties = read_properties(version, PropertyPlace::will, reader);
  will.topic = reader.text();  // [MQTT-3.1.3-11], in 3.1.1 [MQTT-3.1.3-10]
  will.payload = reader.binary();
  if (will.topic.empty() || has_wildcard(will.topic.view())) {
    reader.fail(ReasonCode::topic_name_invalid, "will topic is not a topic name");
  }
  return will;
}

}  // namespace

Connect read_connect(const PacketHeader&, Reader& reader) {
  Connect packet;
  packet.version = read_version(reader);
  const unsigned flags = reader.byte();
  check_connect_flags(packet.version, flags, reader);
  packet.clean_start = (flags & kCleanStart) != 0;
  packet.keep_alive = reader.two_byte();
  packet.properties = read_properties(packet.version, PropertyPlace::connect, reader);
  // First of the payload, in this order [MQTT-3.1.3-1, 3.1.3-3, 3.1.3-4].
  packet.client_id = reader.text();
  // [MQTT-3.1.2-9]
  if ((flags & kWill) != 0) packet.will = read_will(packet.version, flags, reader);
  // 3.1 allows the flags of user name and password to be set and the strings to be missing.
  const auto is_missing = [&] { return packet.version == Version::v3_1 && reader.at_end(); };
  // [MQTT-3.1.2-16, 3.1.2-17, 3.1.3-12], in 3.1.1 [MQTT-3.1.2-18, 3.1.2-19, 3.1.3-11]
  if ((flags & kUsername) != 0 && !is_missing()) packet.username = reader.text();
  // [MQTT-3.1.2-18, 3.1.2-19], in 3.1.1 [MQTT-3.1.2-20, 3.1.2-21]
  if ((flags & kPassword) != 0 && !is_missing()) packet.password = reader.binary();
  return packet;
}

Version answer_version(const FrameView& connect) {
  Reader reader(connect.body);
  const auto name = as_text(reader.binary_view());
  const auto level = reader.byte();
  // Levels from 0x80 up are those of bridges that speak 3.1 or 3.1.1.
  const bool is_new = name != "MQIsdp" && level >= 5 && level < 0x80;
  return is_new ? Version::v5_0 : Version::v3_1_1;
}

Connack read_connack(const PacketHeader& header, Reader& reader) {
  // 3.1.1 return codes 0 to 5 (§3.2.2.3).
  static constexpr std::array kReturnCodes{ReasonCode::success,
                                           ReasonCode::unsupported_protocol_version,
                                           ReasonCode::client_identifier_not_valid,
                                           ReasonCode::server_unavailable,
                                           ReasonCode::bad_user_name_or_password,
                                           ReasonCode::not_authorized};
  Connack packet;
  const auto flags = reader.byte();
  if (header.version == Version::v5_0) {
    packet.reason_code = read_reason_code(header.type, reader);  // [MQTT-3.2.2-8]
  } else if (const auto code = reader.byte(); code < kReturnCodes.size()) {
    packet.reason_code = kReturnCodes[code];
  } else {
    reader.fail(ReasonCode::protocol_error, "unknown CONNACK return code");
  }
  packet.properties = read_properties(header.version, PropertyPlace::connack, reader);
  if (header.version == Version::v3_1) return packet;  // The first byte means nothing in 3.1.
  packet.session_present = (flags & 0x01) != 0;
  if (flags > 1) {  // [MQTT-3.2.2-1]
    reader.fail(ReasonCode::malformed_packet, "reserved CONNACK flags are set");
  } else if (packet.session_present && packet.reason_code != ReasonCode::success) {
    // [MQTT-3.2.2-6], in 3.1.1 [MQTT-3.2.2-4]
    reader.fail(ReasonCode::protocol_error, "session present in a refusal");
  }
  return packet;
}

}  // namespace mqtt
