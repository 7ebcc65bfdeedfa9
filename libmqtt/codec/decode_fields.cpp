#include "libmqtt/codec/decode_fields.hpp"

#include <utility>

namespace mqtt {

std::uint16_t read_packet_id(Reader& reader) {
  const auto packet_id = reader.two_byte();
  if (packet_id == 0) reader.fail(ReasonCode::protocol_error, "packet identifier 0");
  return packet_id;
}

ReasonCode read_reason_code(PacketType type, Reader& reader) {
  const auto code = static_cast<ReasonCode>(reader.byte());
  if (!is_allowed(code, type)) {
    reader.fail(ReasonCode::protocol_error, "reason code is not one of this packet's");
  }
  return code;
}

Properties read_properties(Version version, PropertyPlace place, Reader& reader) {
  if (version != Version::v5_0) return {};
  const auto wire = reader.take(reader.variable_byte());  // Always there [MQTT-2.2.2-1].
  if (wire.empty()) return {};
  auto properties = Properties::parse(reader.keep(wire), place);
  if (properties) return std::move(*properties);
  reader.fail(properties.error());
  return {};
}

}  // namespace mqtt
