#include "libmqtt/base/reason_code.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace mqtt {
namespace {

constexpr std::uint32_t bit(PacketType type) { return 1U << std::to_underlying(type); }

constexpr auto kConnack = bit(PacketType::connack);
constexpr auto kPuback = bit(PacketType::puback) | bit(PacketType::pubrec);
constexpr auto kPubrel = bit(PacketType::pubrel) | bit(PacketType::pubcomp);
constexpr auto kSuback = bit(PacketType::suback);
constexpr auto kUnsuback = bit(PacketType::unsuback);
constexpr auto kDisconnect = bit(PacketType::disconnect);
constexpr auto kAuth = bit(PacketType::auth);
constexpr auto kRefusal = kConnack | kDisconnect;
constexpr auto kAnyAnswer = kConnack | kPuback | kSuback | kUnsuback | kDisconnect;

struct Row {
  ReasonCode code;
  std::string_view name;
  std::uint32_t packets;  // Bit n set: allowed in the PacketType of value n.
};

using enum ReasonCode;
constexpr auto kRows = std::to_array<Row>({
    {success, "Success", kConnack | kPuback | kPubrel | kSuback | kUnsuback | kDisconnect | kAuth},
    {granted_qos_1, "Granted QoS 1", kSuback},
    {granted_qos_2, "Granted QoS 2", kSuback},
    {disconnect_with_will_message, "Disconnect with Will Message", kDisconnect},
    {no_matching_subscribers, "No matching subscribers", kPuback},
    {no_subscription_existed, "No subscription existed", kUnsuback},
    {continue_authentication, "Continue authentication", kAuth},
    {re_authenticate, "Re-authenticate", kAuth},
    {unspecified_error, "Unspecified error", kAnyAnswer},
    {malformed_packet, "Malformed Packet", kRefusal},
    {protocol_error, "Protocol Error", kRefusal},
    {implementation_specific_error, "Implementation specific error", kAnyAnswer},
    {unsupported_protocol_version, "Unsupported Protocol Version", kConnack},
    {client_identifier_not_valid, "Client Identifier not valid", kConnack},
    {bad_user_name_or_password, "Bad User Name or Password", kConnack},
    {not_authorized, "Not authorized", kAnyAnswer},
    {server_unavailable, "Server unavailable", kConnack},
    {server_busy, "Server busy", kRefusal},
    {banned, "Banned", kConnack},
    {server_shutting_down, "Server shutting down", kDisconnect},
    {bad_authentication_method, "Bad authentication method", kRefusal},
    {keep_alive_timeout, "Keep Alive timeout", kDisconnect},
    {session_taken_over, "Session taken over", kDisconnect},
    {topic_filter_invalid, "Topic Filter invalid", kSuback | kUnsuback | kDisconnect},
    {topic_name_invalid, "Topic Name invalid", kConnack | kPuback | kDisconnect},
    {packet_identifier_in_use, "Packet Identifier in use", kPuback | kSuback | kUnsuback},
    {packet_identifier_not_found, "Packet Identifier not found", kPubrel},
    {receive_maximum_exceeded, "Receive Maximum exceeded", kDisconnect},
    {topic_alias_invalid, "Topic Alias invalid", kDisconnect},
    {packet_too_large, "Packet too large", kRefusal},
    {message_rate_too_high, "Message rate too high", kDisconnect},
    {quota_exceeded, "Quota exceeded", kConnack | kPuback | kSuback | kDisconnect},
    {administrative_action, "Administrative action", kDisconnect},
    {payload_format_invalid, "Payload format invalid", kConnack | kPuback | kDisconnect},
    {retain_not_supported, "Retain not supported", kRefusal},
    {qos_not_supported, "QoS not supported", kRefusal},
    {use_another_server, "Use another server", kRefusal},
    {server_moved, "Server moved", kRefusal},
    {shared_subscriptions_not_supported, "Shared Subscriptions not supported",
     kSuback | kDisconnect},
    {connection_rate_exceeded, "Connection rate exceeded", kRefusal},
    {maximum_connect_time, "Maximum connect time", kDisconnect},
    {subscription_identifiers_not_supported, "Subscription Identifiers not supported",
     kSuback | kDisconnect},
    {wildcard_subscriptions_not_supported, "Wildcard Subscriptions not supported",
     kSuback | kDisconnect},
});

// Row number plus one of every possible byte; 0 where the standard defines no code.
constexpr auto kIndex = [] {
  std::array<std::uint8_t, 256> index{};
  for (std::size_t row = 0; row < kRows.size(); ++row) {
    index[std::to_underlying(kRows[row].code)] = static_cast<std::uint8_t>(row + 1);
  }
  return index;
}();

const Row* find_row(ReasonCode code) {
  const auto index = kIndex[std::to_underlying(code)];
  return index == 0 ? nullptr : &kRows[index - 1U];
}

}  // namespace

std::string_view name(ReasonCode code) {
  const Row* row = find_row(code);
  return row == nullptr ? "unknown reason code" : row->name;
}

bool is_allowed(ReasonCode code, PacketType packet) {
  const Row* row = find_row(code);
  return row != nullptr && (row->packets & bit(packet)) != 0;
}

std::string_view name(PacketType type) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE",
       "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"});
  const auto index = static_cast<std::size_t>(std::to_underlying(type)) - 1;
  return index < kNames.size() ? kNames[index] : "unknown packet type";
}

}  // namespace mqtt
