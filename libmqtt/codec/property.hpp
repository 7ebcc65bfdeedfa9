#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/base/error.hpp"

namespace mqtt {

/// The 27 property identifiers of MQTT 5.0 §2.2.2.2.
enum class PropertyId : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2A,
};

/// How a property's value is written (5.0 §1.5, §2.2.2.2).
enum class PropertyType : std::uint8_t {
  byte,
  two_byte,
  four_byte,
  variable_byte,
  utf8,
  binary,
  utf8_pair
};

/// Where properties can stand: a packet type, or the will inside CONNECT.
enum class PropertyPlace : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  disconnect = 14,
  auth,
  will,
};

/// One row of the property table.
struct PropertyRule {
  PropertyId id;
  PropertyType type;
  std::string_view name;  ///< As scripts write it: "message-expiry-interval".
  std::uint32_t places;   ///< Bit n set: allowed in the PropertyPlace of value n.
  bool repeatable;        ///< May occur more than once (user property; subscription identifier in
                          ///< PUBLISH).
};
/// The row of an identifier, or nullptr when the standard defines none. All 27 in order of
/// identifier: property_rules().
const PropertyRule* find_rule(std::uint32_t id);
const PropertyRule* find_rule(std::string_view name);
std::span<const PropertyRule> property_rules();

/// A property's name with the C++ type of its value: byte -> uint8_t, two_byte -> uint16_t,
/// four_byte and variable_byte -> uint32_t, utf8 and binary -> Bytes.
template <class T>
struct PropertyKey {
  PropertyId id;
};
namespace property {
inline constexpr PropertyKey<std::uint8_t> payload_format_indicator{
    PropertyId::payload_format_indicator};
inline constexpr PropertyKey<std::uint32_t> message_expiry_interval{
    PropertyId::message_expiry_interval};
inline constexpr PropertyKey<Bytes> content_type{PropertyId::content_type};
inline constexpr PropertyKey<Bytes> response_topic{PropertyId::response_topic};
inline constexpr PropertyKey<Bytes> correlation_data{PropertyId::correlation_data};
inline constexpr PropertyKey<std::uint32_t> subscription_identifier{
    PropertyId::subscription_identifier};
inline constexpr PropertyKey<std::uint32_t> session_expiry_interval{
    PropertyId::session_expiry_interval};
inline constexpr PropertyKey<Bytes> assigned_client_identifier{
    PropertyId::assigned_client_identifier};
inline constexpr PropertyKey<std::uint16_t> server_keep_alive{PropertyId::server_keep_alive};
inline constexpr PropertyKey<Bytes> authentication_method{PropertyId::authentication_method};
inline constexpr PropertyKey<Bytes> authentication_data{PropertyId::authentication_data};
inline constexpr PropertyKey<std::uint8_t> request_problem_information{
    PropertyId::request_problem_information};
inline constexpr PropertyKey<std::uint32_t> will_delay_interval{PropertyId::will_delay_interval};
inline constexpr PropertyKey<std::uint8_t> request_response_information{
    PropertyId::request_response_information};
inline constexpr PropertyKey<Bytes> response_information{PropertyId::response_information};
inline constexpr PropertyKey<Bytes> server_reference{PropertyId::server_reference};
inline constexpr PropertyKey<Bytes> reason_string{PropertyId::reason_string};
inline constexpr PropertyKey<std::uint16_t> receive_maximum{PropertyId::receive_maximum};
inline constexpr PropertyKey<std::uint16_t> topic_alias_maximum{PropertyId::topic_alias_maximum};
inline constexpr PropertyKey<std::uint16_t> topic_alias{PropertyId::topic_alias};
inline constexpr PropertyKey<std::uint8_t> maximum_qos{PropertyId::maximum_qos};
inline constexpr PropertyKey<std::uint8_t> retain_available{PropertyId::retain_available};
inline constexpr PropertyKey<std::uint32_t> maximum_packet_size{PropertyId::maximum_packet_size};
inline constexpr PropertyKey<std::uint8_t> wildcard_subscription_available{
    PropertyId::wildcard_subscription_available};
inline constexpr PropertyKey<std::uint8_t> subscription_identifier_available{
    PropertyId::subscription_identifier_available};
inline constexpr PropertyKey<std::uint8_t> shared_subscription_available{
    PropertyId::shared_subscription_available};
}  // namespace property

/// One property as it stands on the wire. `value` is the number for the integer types; `text` the
/// string or binary data; for a user property `text` is the name and `second` the value.
struct PropertyView {
  PropertyId id{};
  std::uint32_t value = 0;
  std::string_view text{};
  std::string_view second{};
  std::span<const std::byte> wire{};  ///< Identifier and value as encoded.
};

/// The properties of one packet in wire form, without the leading Property Length. Always valid:
/// it comes from decode (which checked it against the table) or from a PropertiesBuilder. Reading
/// is a walk over the bytes; forwarding is a slice.
class Properties {
 public:
  Properties() = default;
  /// Checks the identifiers, types, values, places and repetitions of `wire` (5.0 §2.2.2) and keeps
  /// it. Errors: malformed_packet for bytes that cannot be read and identifiers that the place does
  /// not allow, protocol_error for a duplicate or a forbidden value, topic_alias_invalid for alias
  /// 0.
  static Result<Properties> parse(Bytes wire, PropertyPlace place);

  bool empty() const { return wire_.empty(); }
  const Bytes& wire() const { return wire_; }

  std::optional<std::uint8_t> find(PropertyKey<std::uint8_t> key) const;
  std::optional<std::uint16_t> find(PropertyKey<std::uint16_t> key) const;
  std::optional<std::uint32_t> find(PropertyKey<std::uint32_t> key) const;
  /// Shares the packet's memory.
  std::optional<Bytes> find(PropertyKey<Bytes> key) const;

  /// Calls visit(const PropertyView&) for every property in wire order.
  template <class Visit>
  void for_each(Visit visit) const {
    std::size_t offset = 0;
    while (auto view = next(offset)) visit(*view);
  }

  friend bool operator==(const Properties&, const Properties&) = default;

 private:
  friend class PropertiesBuilder;
  explicit Properties(Bytes wire) : wire_(std::move(wire)) {}
  /// The property at `offset`, which moves behind it; nothing at the end.
  std::optional<PropertyView> next(std::size_t& offset) const;
  std::optional<PropertyView> find_view(PropertyId id) const;
  Bytes wire_;
};

/// Collects properties in wire form. The caller picks identifiers that the place allows.
class PropertiesBuilder {
 public:
  PropertiesBuilder& add(PropertyKey<std::uint8_t> key, std::uint8_t value);
  PropertiesBuilder& add(PropertyKey<std::uint16_t> key, std::uint16_t value);
  /// Four bytes, or a variable byte integer where the table says so.
  PropertiesBuilder& add(PropertyKey<std::uint32_t> key, std::uint32_t value);
  /// At most 65,535 bytes.
  PropertiesBuilder& add(PropertyKey<Bytes> key, std::string_view value);
  PropertiesBuilder& add_user_property(std::string_view name, std::string_view value);
  /// A property taken over as it stands on the wire.
  PropertiesBuilder& add(const PropertyView& view);
  PropertiesBuilder& add(const Properties& properties);
  bool empty() const { return wire_.empty(); }
  Properties build() const;

 private:
  std::vector<std::byte> wire_;
};

}  // namespace mqtt
