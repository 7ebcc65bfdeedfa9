#include "libmqtt/broker/admission.hpp"

#include <algorithm>

namespace mqtt::broker {
namespace {

/// Server Keep Alive has to stand in for what the client asked.
bool is_too_patient(const Connect& connect, const BrokerOptions& options) {
  const std::uint16_t maximum = options.maximum_keep_alive;
  return maximum > 0 && (connect.keep_alive == 0 || connect.keep_alive > maximum);
}

bool accepts_version(const ListenerRules* listener, Version version) {
  return listener == nullptr || listener->accepted_versions.empty() ||
         std::ranges::count(listener->accepted_versions, version) > 0;
}

bool accepts_empty_client_id(const ListenerRules* listener, const BrokerOptions& options) {
  return listener == nullptr
             ? options.allow_zero_length_client_id
             : listener->allow_zero_length_client_id.value_or(options.allow_zero_length_client_id);
}

std::uint32_t requested_expiry(const Connect& connect) {
  if (connect.version != Version::v5_0) return connect.clean_start ? 0 : SessionState::kNoExpiry;
  return connect.properties.find(property::session_expiry_interval).value_or(0);
}

}  // namespace

ServerLimits limits_of(const BrokerOptions& options, const ListenerRules* listener) {
  ServerLimits limits = options.limits;
  if (options.memory_per_client > 0) {
    constexpr std::size_t kLeast = 1'024;  // a CONNECT has to fit
    const std::size_t share = std::max(options.memory_per_client / 2, kLeast);
    limits.maximum_packet_size =
        static_cast<std::uint32_t>(std::min<std::size_t>(limits.maximum_packet_size, share));
  }
  if (listener == nullptr) return limits;
  limits.maximum_qos = std::min(limits.maximum_qos, listener->maximum_qos.value_or(Qos{2}));
  limits.topic_alias_maximum = listener->topic_alias_maximum.value_or(limits.topic_alias_maximum);
  limits.outgoing_aliases = listener->outgoing_aliases.value_or(limits.outgoing_aliases);
  return limits;
}

std::uint32_t allowed_expiry(std::uint32_t seconds, const BrokerOptions& options) {
  const auto maximum = options.maximum_session_expiry.count();
  return maximum > 0 && maximum < seconds ? static_cast<std::uint32_t>(maximum) : seconds;
}

std::uint32_t expiry_interval_of(const Connect& connect, const BrokerOptions& options) {
  return allowed_expiry(requested_expiry(connect), options);
}

std::optional<Refusal> refusal_of(const Connect& connect, std::string_view client_id,
                                  const ClientContext& context, const BrokerOptions& options) {
  const bool is_5 = connect.version == Version::v5_0;
  if (!accepts_version(context.listener, connect.version))
    return Refusal{ReasonCode::unsupported_protocol_version, &Refusals::protocol_version};
  const bool needs_client_id = connect.version == Version::v3_1 ||
                               (!is_5 && !connect.clean_start) ||
                               !accepts_empty_client_id(context.listener, options);
  if (connect.client_id.empty() && needs_client_id)  // 3.1.1 [MQTT-3.1.3-8]
    return Refusal{ReasonCode::client_identifier_not_valid, &Refusals::client_id};
  // Any characters and any length will do [MQTT-3.1.3-5].
  if (!client_id.starts_with(options.client_id_prefix))  // [MQTT-3.1.3-8], in 3.1.1 [MQTT-3.1.3-9]
    return Refusal{ReasonCode::client_identifier_not_valid, &Refusals::client_id};
  if (!is_5 && is_too_patient(connect, options))
    return Refusal{ReasonCode::client_identifier_not_valid, &Refusals::keep_alive};
  const ServerLimits limits = limits_of(options, context.listener);
  if (connect.will && connect.will->qos > limits.maximum_qos)  // [MQTT-3.2.2-12]
    return Refusal{ReasonCode::qos_not_supported, &Refusals::will};
  if (connect.will && connect.will->retain && !limits.retain_available)
    return Refusal{ReasonCode::retain_not_supported, &Refusals::will};  // [MQTT-3.2.2-13]
  if (context.authentication.empty() &&
      connect.properties.find(property::authentication_method))  // [MQTT-4.12.0-1]
    return Refusal{ReasonCode::bad_authentication_method, &Refusals::authentication_method};
  return std::nullopt;  // The id may be of any length and any characters [MQTT-3.1.3-5].
}

Properties announcement_for(const Connect& connect, std::string_view client_id,
                            const ClientContext& context, const BrokerOptions& options) {
  if (connect.version != Version::v5_0) return {};
  const ServerLimits limits = limits_of(options, context.listener);
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
  // What the server makes of the client's Session Expiry Interval (5.0 §3.2.2.3.2).
  if (const std::uint32_t expiry = expiry_interval_of(connect, options);
      expiry != requested_expiry(connect))
    properties.add(property::session_expiry_interval, expiry);
  properties.add(context.authentication);
  return properties.build();
}

}  // namespace mqtt::broker
