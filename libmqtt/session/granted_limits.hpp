#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "libmqtt/base/reason_code.hpp"
#include "libmqtt/codec/encode.hpp"
#include "libmqtt/codec/packet.hpp"

namespace mqtt {

/// What a server allows its client on one connection, as its CONNACK says (5.0 §3.2.2.3). In 3.x
/// nothing is restricted.
struct GrantedLimits {
  std::uint16_t receive_maximum = 0xFFFF;
  std::uint16_t topic_alias_maximum = 0;
  std::uint32_t maximum_packet_size = kMaximumPacketSize;
  Qos maximum_qos = Qos::exactly_once;
  bool retain_available = true;
  bool wildcard_subscription_available = true;
  bool subscription_identifier_available = true;
  bool shared_subscription_available = true;

  static GrantedLimits of(const Connack& connack);

  /// A bound of the encoded size that costs no look at the properties.
  static std::size_t size_at_most(const PublishParts& publish);
  /// Why this PUBLISH must not be sent to the server; nothing when it may.
  std::optional<ReasonCode> refusal(Version version, const PublishParts& publish) const;
  /// Why this subscription must not be asked for (5.0 §3.2.2.3.11 to 13); nothing when it may.
  std::optional<ReasonCode> refusal(std::string_view filter, bool has_identifier) const;
};

}  // namespace mqtt
