#include "libmqtt/broker/admission.hpp"

namespace mqtt::broker {
namespace {

/// Server Keep Alive has to stand in for what the client asked.
bool is_too_patient(const Connect& connect, const BrokerOptions& options) {
  const std::uint16_t maximum = options.maximum_keep_alive;
  return maximum > 0 && (connect.keep_alive == 0 || connect.keep_alive > maximum);
}

}  // namespace

std::optional<ReasonCode> refusal_of(const Connect& connect, std::string_view client_id,
                                     const BrokerOptions& options) {
  const bool is_5 = connect.version == Version::v5_0;
  const bool needs_client_id = connect.version == Version::v3_1 || (!is_5 && !connect.clean_start);
  if (connect.client_id.empty() && needs_client_id)  // 3.1.1 [MQTT-3.1.3-8]
    return ReasonCode::client_identifier_not_valid;
  // Any characters and any length will do [MQTT-3.1.3-5].
  if (!client_id.starts_with(options.client_id_prefix))  // [MQTT-3.1.3-8], in 3.1.1 [MQTT-3.1.3-9]
    return ReasonCode::client_identifier_not_valid;
  if (!is_5 && is_too_patient(connect, options)) return ReasonCode::client_identifier_not_valid;
  if (connect.will && connect.will->qos > options.limits.maximum_qos)  // [MQTT-3.2.2-12]
    return ReasonCode::qos_not_supported;
  if (connect.will && connect.will->retain && !options.limits.retain_available)
    return ReasonCode::retain_not_supported;                     // [MQTT-3.2.2-13]
  if (connect.properties.find(property::authentication_method))  // [MQTT-4.12.0-1]
    return ReasonCode::bad_authentication_method;
  return std::nullopt;  // The id may be of any length and any characters [MQTT-3.1.3-5].
}

Properties announcement_for(const Connect& connect, std::string_view client_id,
                            const BrokerOptions& options) {
  if (connect.version != Version::v5_0) return {};
  const ServerLimits& limits = options.limits;
  // No Response Information, Reason String or User Property [MQTT-3.1.2-28, 3.2.2-19, 3.2.2-20].
  PropertiesBuilder properties;
  properties.add(property::receive_maximum, limits.receive_maximum);
  if (limits.maximum_packet_size < kMaximumPacketSize)
    properties.add(property::maximum_packet_size, limits.maximum_packet_size);
  properties.add(property::topic_alias_maximum, limits.topic_alias_maximum);
  if (limits.maximum_qos < Qos::exactly_once)  // [MQTT-3.2.2-9]
    properties.add(property::maximum_qos, static_cast<std::uint8_t>(limits.maximum_qos));
  if (!limits.retain_available) properties.add(property::retain_available, std::uint8_t{0});
  if (is_too_patient(connect, options))
    properties.add(property::server_keep_alive, options.maximum_keep_alive);
  if (connect.client_id.empty())  // [MQTT-3.1.3-7, 3.2.2-16]
    properties.add(property::assigned_client_identifier, client_id);
  return properties.build();
}

}  // namespace mqtt::broker
