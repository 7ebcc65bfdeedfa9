#pragma once

#include "libmqtt/codec/packet.hpp"
#include "libmqtt/codec/reader.hpp"

namespace mqtt {

/// What a decode function needs to know besides the packet's body.
struct PacketHeader {
  Version version = Version::v5_0;
  PacketType type{};
  std::uint8_t flags = 0;
};

// Fields that several packets share, and the packets that decode.cpp does not hold itself. All of
// them report failures by way of the reader.

/// A Packet Identifier, which is never 0 [MQTT-2.2.1-3], in 3.1.1 [MQTT-2.3.1-1].
std::uint16_t read_packet_id(Reader& reader);

/// A reason code that 5.0 allows in this packet type.
ReasonCode read_reason_code(PacketType type, Reader& reader);

/// Property Length and properties; nothing is read in 3.x.
Properties read_properties(Version version, PropertyPlace place, Reader& reader);

Connect read_connect(const PacketHeader& header, Reader& reader);
Connack read_connack(const PacketHeader& header, Reader& reader);
Subscribe read_subscribe(const PacketHeader& header, Reader& reader);
Suback read_suback(const PacketHeader& header, Reader& reader);
Unsubscribe read_unsubscribe(const PacketHeader& header, Reader& reader);
Unsuback read_unsuback(const PacketHeader& header, Reader& reader);

}  // namespace mqtt
