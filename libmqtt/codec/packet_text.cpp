#include "libmqtt/codec/packet_text.hpp"

#include <concepts>
#include <string_view>

#include "libmqtt/base/escape.hpp"

namespace mqtt {
namespace {

std::string digit(bool value) { return value ? "1" : "0"; }

std::string qos_text(Qos qos) { return "QoS " + std::to_string(static_cast<unsigned>(qos)); }

/// "SUBACK, id 7".
std::string with_id(PacketType type, std::uint16_t packet_id) {
  return std::string(name(type)) + ", id " + std::to_string(packet_id);
}

std::string with_codes(std::string text, const std::vector<ReasonCode>& codes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const ReasonCode code : codes) {
    const auto value = static_cast<unsigned>(code);
    text += ", 0x";
    text += kDigits[value >> 4U];
    text += kDigits[value & 0xFU];
  }
  return text;
}

std::string packet_text(const Connect& packet) {
  std::string text = "CONNECT, version " + std::to_string(static_cast<unsigned>(packet.version)) +
                     ", client id " + quoted(packet.client_id.view()) + ", clean start " +
                     digit(packet.clean_start) + ", keep alive " +
                     std::to_string(packet.keep_alive);
  if (packet.username) text += ", user " + quoted(packet.username->view());
  if (packet.will) text += ", will topic " + quoted(packet.will->topic.view());
  return text;
}

/// PUBACK, PUBREC, PUBREL and PUBCOMP.
template <class T>
requires requires(const T& packet) {
  { packet.packet_id } -> std::same_as<const std::uint16_t&>;
  { packet.reason_code } -> std::same_as<const ReasonCode&>;
}
std::string acknowledgement_text(PacketType type, const T& packet) {
  std::string text = with_id(type, packet.packet_id);
  if (packet.reason_code != ReasonCode::success) text.append(", ").append(name(packet.reason_code));
  return text;
}

std::string reason_text(PacketType type, ReasonCode reason_code) {
  return std::string(name(type)) + ", " + std::string(name(reason_code));
}

struct Describe {
  std::string operator()(const auto& packet) const { return packet_text(packet); }
  std::string operator()(const Puback& packet) const {
    return acknowledgement_text(PacketType::puback, packet);
  }
  std::string operator()(const Pubrec& packet) const {
    return acknowledgement_text(PacketType::pubrec, packet);
  }
  std::string operator()(const Pubrel& packet) const {
    return acknowledgement_text(PacketType::pubrel, packet);
  }
  std::string operator()(const Pubcomp& packet) const {
    return acknowledgement_text(PacketType::pubcomp, packet);
  }
  std::string operator()(const Pingreq&) const { return std::string(name(PacketType::pingreq)); }
  std::string operator()(const Pingresp&) const { return std::string(name(PacketType::pingresp)); }
  std::string operator()(const Disconnect& packet) const {
    return reason_text(PacketType::disconnect, packet.reason_code);
  }
  std::string operator()(const Auth& packet) const {
    return reason_text(PacketType::auth, packet.reason_code);
  }
};

}  // namespace

std::string packet_text(const Packet& packet) { return std::visit(Describe{}, packet); }

std::string packet_text(const Publish& packet) {
  std::string text = with_id(PacketType::publish, packet.packet_id) + ", " + qos_text(packet.qos) +
                     ", retain " + digit(packet.retain) + ", dup " + digit(packet.dup) +
                     ", topic " + quoted(packet.topic.view());
  if (const auto alias = packet.properties.find(property::topic_alias))
    text += ", alias " + std::to_string(*alias);
  return text + ", " + std::to_string(packet.payload.size()) + " bytes";
}

std::string packet_text(const Subscribe& packet) {
  std::string text = with_id(PacketType::subscribe, packet.packet_id);
  for (const TopicRequest& request : packet.requests)
    text += ", " + quoted(request.filter.view()) + " " + qos_text(request.options.qos);
  return text;
}

std::string packet_text(const Unsubscribe& packet) {
  std::string text = with_id(PacketType::unsubscribe, packet.packet_id);
  for (const Bytes& filter : packet.filters) text += ", " + quoted(filter.view());
  return text;
}

std::string packet_text(const Suback& packet) {
  return with_codes(with_id(PacketType::suback, packet.packet_id), packet.reason_codes);
}

std::string packet_text(const Unsuback& packet) {
  return with_codes(with_id(PacketType::unsuback, packet.packet_id), packet.reason_codes);
}

std::string packet_text(const Connack& packet) {
  return reason_text(PacketType::connack, packet.reason_code) + ", session present " +
         digit(packet.session_present);
}

}  // namespace mqtt
