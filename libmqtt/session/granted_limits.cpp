#include "libmqtt/session/granted_limits.hpp"

#include "libmqtt/codec/topic.hpp"

namespace mqtt {

namespace {
/// What a PUBLISH has at most besides topic, properties and payload: fixed header, packet id and
/// the lengths of topic and properties, 5 + 2 + 2 + 4 bytes.
constexpr std::size_t kRest = 13;
}  // namespace

GrantedLimits GrantedLimits::of(const Connack& connack) {
  const Properties& given = connack.properties;
  GrantedLimits limits;
  if (given.empty()) return limits;
  const auto is_available = [&](PropertyKey<std::uint8_t> key) {
    return given.find(key).value_or(1) != 0;
  };
  limits.receive_maximum = given.find(property::receive_maximum).value_or(limits.receive_maximum);
  limits.topic_alias_maximum = given.find(property::topic_alias_maximum).value_or(0);
  limits.maximum_packet_size =
      given.find(property::maximum_packet_size).value_or(limits.maximum_packet_size);
  limits.maximum_qos = static_cast<Qos>(given.find(property::maximum_qos).value_or(2));
  limits.retain_available = is_available(property::retain_available);
  limits.wildcard_subscription_available = is_available(property::wildcard_subscription_available);
  limits.subscription_identifier_available =
      is_available(property::subscription_identifier_available);
  limits.shared_subscription_available = is_available(property::shared_subscription_available);
  return limits;
}

std::size_t GrantedLimits::size_at_most(const PublishParts& publish) {
  return publish.topic.size() + publish.properties.size() + publish.payload->size() + kRest;
}

std::optional<ReasonCode> GrantedLimits::refusal(Version version,
                                                 const PublishParts& publish) const {
  if (publish.topic.empty() || publish.topic.size() > 0xFFFF) return ReasonCode::topic_name_invalid;
  if (publish.qos > maximum_qos) return ReasonCode::qos_not_supported;  // [MQTT-3.2.2-11]
  if (publish.retain && !retain_available)
    return ReasonCode::retain_not_supported;  // [MQTT-3.2.2-14]
  if (size_at_most(publish) > maximum_packet_size &&
      encoded_size(version, publish) > maximum_packet_size)
    return ReasonCode::packet_too_large;  // [MQTT-3.2.2-15]
  return std::nullopt;
}

std::optional<ReasonCode> GrantedLimits::refusal(std::string_view filter,
                                                 bool has_identifier) const {
  if (has_identifier && !subscription_identifier_available)
    return ReasonCode::subscription_identifiers_not_supported;
  if (!shared_subscription_available && is_shared(filter))
    return ReasonCode::shared_subscriptions_not_supported;
  if (!wildcard_subscription_available && filter.find_first_of("+#") != std::string_view::npos)
    return ReasonCode::wildcard_subscriptions_not_supported;
  return std::nullopt;
}

}  // namespace mqtt
