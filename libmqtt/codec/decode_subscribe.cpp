#include "libmqtt/codec/decode_fields.hpp"
#include "libmqtt/codec/topic.hpp"

namespace mqtt {
namespace {

Bytes read_filter(Reader& reader) {
  Bytes filter = reader.text();  // [MQTT-3.8.3-1] [MQTT-3.10.3-1]
  if (!is_valid_topic_filter(filter.view())) {
    reader.fail(ReasonCode::topic_filter_invalid, "topic filter is not well-formed");
  }
  return filter;
}

/// The bits of the options byte; in 3.x all but the QoS are reserved.
SubscribeOptions read_options(Version version, Reader& reader) {
  const unsigned bits = reader.byte();
  if ((bits & (version == Version::v5_0 ? 0xC0 : 0xFC)) != 0) {  // [MQTT-3.8.3-5], 3.1.1 3.8.3-4
    reader.fail(ReasonCode::malformed_packet, "reserved subscription option bits are set");
  }
  if ((bits & 0x03) == 3) reader.fail(ReasonCode::protocol_error, "requested QoS 3");
  if ((bits & 0x30) == 0x30) reader.fail(ReasonCode::protocol_error, "retain handling 3");
  return {.qos = static_cast<Qos>(bits & 0x03),
          .no_local = (bits & 0x04) != 0,
          .retain_as_published = (bits & 0x08) != 0,
          .retain_handling = static_cast<RetainHandling>((bits >> 4) & 0x03)};
}

}  // namespace

Subscribe read_subscribe(const PacketHeader& header, Reader& reader) {
  Subscribe packet;
  packet.packet_id = read_packet_id(reader);
  packet.properties = read_properties(header.version, PropertyPlace::subscribe, reader);
  while (!reader.at_end()) {
    auto filter = read_filter(reader);
    const auto options = read_options(header.version, reader);
    if (options.no_local && is_shared(filter.view())) {  // [MQTT-3.8.3-4]
      reader.fail(ReasonCode::protocol_error, "no local on a shared subscription");
    }
    packet.requests.push_back({std::move(filter), options});
  }
  if (packet.requests.empty()) {  // [MQTT-3.8.3-2], in 3.1.1 [MQTT-3.8.3-3]
    reader.fail(ReasonCode::protocol_error, "SUBSCRIBE without a topic filter");
  }
  return packet;
}

Suback read_suback(const PacketHeader& header, Reader& reader) {
  Suback packet;
  packet.packet_id = read_packet_id(reader);
  packet.properties = read_properties(header.version, PropertyPlace::suback, reader);
  while (!reader.at_end()) {
    const auto code = read_reason_code(header.type, reader);  // [MQTT-3.9.3-2]
    if (header.version != Version::v5_0 && code > ReasonCode::unspecified_error) {
      reader.fail(ReasonCode::protocol_error, "unknown SUBACK return code");
    }
    packet.reason_codes.push_back(code);
  }
  if (packet.reason_codes.empty()) {
    reader.fail(ReasonCode::protocol_error, "SUBACK without a reason code");
  }
  return packet;
}

Unsubscribe read_unsubscribe(const PacketHeader& header, Reader& reader) {
  Unsubscribe packet;
  packet.packet_id = read_packet_id(reader);
  packet.properties = read_properties(header.version, PropertyPlace::unsubscribe, reader);
  while (!reader.at_end()) packet.filters.push_back(read_filter(reader));
  if (packet.filters.empty()) {  // [MQTT-3.10.3-2]
    reader.fail(ReasonCode::protocol_error, "UNSUBSCRIBE without a topic filter");
  }
  return packet;
}

Unsuback read_unsuback(const PacketHeader& header, Reader& reader) {
  Unsuback packet;
  packet.packet_id = read_packet_id(reader);
  if (header.version != Version::v5_0) return packet;
  packet.properties = read_properties(header.version, PropertyPlace::unsuback, reader);
  // [MQTT-3.11.3-2]
  while (!reader.at_end()) packet.reason_codes.push_back(read_reason_code(header.type, reader));
  if (packet.reason_codes.empty()) {
    reader.fail(ReasonCode::protocol_error, "UNSUBACK without a reason code");
  }
  return packet;
}

}  // namespace mqtt
