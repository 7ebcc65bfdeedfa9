#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "libmqtt/base/output.hpp"
#include "libmqtt/codec/packet.hpp"

namespace mqtt {

/// The largest Control Packet: 5 bytes of fixed header and a Remaining Length of 268,435,455.
inline constexpr std::uint32_t kMaximumPacketSize = 268'435'460;

/// Appends one packet to `output`; its encoded_size() is at most kMaximumPacketSize, and so is each
/// string at most 65,535 bytes: whoever made the packet has seen to that. In 3.x properties and
/// reason codes that the version has no place for are left out; CONNACK and SUBACK failures become
/// the old return codes.
void encode(Version version, const Packet& packet, Output& output);

/// The size in bytes that encode() would append, to be compared with the peer's Maximum Packet
/// Size.
std::size_t encoded_size(Version version, const Packet& packet);

/// A PUBLISH in the pieces that a sender holds: encoding it copies the small ones and shares the
/// payload. The two property slices are written one after the other.
struct PublishParts {
  std::string_view topic;
  std::span<const std::byte> properties;        ///< Wire form, forwarded as it came.
  std::span<const std::byte> added_properties;  ///< Wire form, added by this sender.
  const Bytes* payload = nullptr;
  std::uint16_t packet_id = 0;  ///< Written at QoS 1 and 2.
  Qos qos = Qos::at_most_once;
  bool retain = false;
  bool dup = false;
};
std::size_t encoded_size(Version version, const PublishParts& parts);
void encode(Version version, const PublishParts& parts, Output& output);

/// PUBACK, PUBREC, PUBREL or PUBCOMP of the message with this identifier [MQTT-2.2.1-5], in 3.1.1
/// [MQTT-2.3.1-6]; without properties, so that Request Problem Information has nothing to forbid
/// [MQTT-3.1.2-29]. The hot path of acknowledging.
void encode_ack(Version version, PacketType type, std::uint16_t packet_id, ReasonCode reason_code,
                Output& output);

/// The 3.1.1 CONNACK return code (0..5) that stands for a reason code (3.1.1 §3.2.2.3).
std::uint8_t connack_return_code(ReasonCode reason_code);

}  // namespace mqtt
