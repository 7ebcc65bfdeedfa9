#include "libmqtt/codec/property.hpp"

#include <array>
#include <cassert>

#include "libmqtt/base/utf8.hpp"
#include "libmqtt/codec/reader.hpp"
#include "libmqtt/codec/topic.hpp"
#include "libmqtt/codec/writer.hpp"

namespace mqtt {
namespace {

constexpr std::uint32_t at(PropertyPlace place) { return 1U << std::to_underlying(place); }
constexpr std::uint64_t seen_bit(PropertyId id) {
  return std::uint64_t{1} << std::to_underlying(id);
}

using enum PropertyPlace;
constexpr auto kMessage = at(publish) | at(will);
constexpr auto kConnack = at(connack);
constexpr auto kBothConnects = at(connect) | kConnack;
constexpr auto kAuthentication = kBothConnects | at(auth);
constexpr auto kReason = kConnack | at(puback) | at(pubrec) | at(pubrel) | at(pubcomp) |
                         at(suback) | at(unsuback) | at(disconnect) | at(auth);
constexpr auto kEverywhere = kReason | kMessage | at(connect) | at(subscribe) | at(unsubscribe);

using Id = PropertyId;
using Type = PropertyType;
// 5.0 table 2-4, in order of identifier.
constexpr auto kRules = std::to_array<PropertyRule>({
    {Id::payload_format_indicator, Type::byte, "payload-format-indicator", kMessage, false},
    {Id::message_expiry_interval, Type::four_byte, "message-expiry-interval", kMessage, false},
    {Id::content_type, Type::utf8, "content-type", kMessage, false},      // [MQTT-3.3.2-19]
    {Id::response_topic, Type::utf8, "response-topic", kMessage, false},  // [MQTT-3.3.2-13]
    {Id::correlation_data, Type::binary, "correlation-data", kMessage, false},
    {Id::subscription_identifier, Type::variable_byte, "subscription-identifier",
     at(publish) | at(subscribe), true},
    {Id::session_expiry_interval, Type::four_byte, "session-expiry-interval",
     kBothConnects | at(disconnect), false},
    {Id::assigned_client_identifier, Type::utf8, "assigned-client-identifier", kConnack, false},
    {Id::server_keep_alive, Type::two_byte, "server-keep-alive", kConnack, false},
    {Id::authentication_method, Type::utf8, "authentication-method", kAuthentication, false},
    {Id::authentication_data, Type::binary, "authentication-data", kAuthentication, false},
    {Id::request_problem_information, Type::byte, "request-problem-information", at(connect),
     false},
    {Id::will_delay_interval, Type::four_byte, "will-delay-interval", at(will), false},
    {Id::request_response_information, Type::byte, "request-response-information", at(connect),
     false},
    {Id::response_information, Type::utf8, "response-information", kConnack, false},
    {Id::server_reference, Type::utf8, "server-reference", kConnack | at(disconnect), false},
    {Id::reason_string, Type::utf8, "reason-string", kReason, false},
    {Id::receive_maximum, Type::two_byte, "receive-maximum", kBothConnects, false},
    {Id::topic_alias_maximum, Type::two_byte, "topic-alias-maximum", kBothConnects, false},
    {Id::topic_alias, Type::two_byte, "topic-alias", at(publish), false},
    {Id::maximum_qos, Type::byte, "maximum-qos", kConnack, false},
    {Id::retain_available, Type::byte, "retain-available", kConnack, false},
    {Id::user_property, Type::utf8_pair, "user-property", kEverywhere, true},
    {Id::maximum_packet_size, Type::four_byte, "maximum-packet-size", kBothConnects, false},
    {Id::wildcard_subscription_available, Type::byte, "wildcard-subscription-available", kConnack,
     false},
    {Id::subscription_identifier_available, Type::byte, "subscription-identifier-available",
     kConnack, false},
    {Id::shared_subscription_available, Type::byte, "shared-subscription-available", kConnack,
     false},
});

constexpr std::size_t kIdLimit = 0x2B;  // One past the last identifier.
// Row number plus one of every identifier; 0 where the standard defines none.
constexpr auto kIndex = [] {
  std::array<std::uint8_t, kIdLimit> index{};
  for (std::size_t row = 0; row < kRules.size(); ++row) {
    index[std::to_underlying(kRules[row].id)] = static_cast<std::uint8_t>(row + 1);
  }
  return index;
}();

/// Reads the value behind an identifier. Only the framing is checked, so that walking over
/// properties that were checked before stays cheap.
void read_value(Reader& reader, PropertyType type, PropertyView& view) {
  switch (type) {
    case Type::byte:
      view.value = reader.byte();
      break;
    case Type::two_byte:
      view.value = reader.two_byte();
      break;
    case Type::four_byte:
      view.value = reader.four_byte();
      break;
    case Type::variable_byte:
      view.value = reader.variable_byte();
      break;
    case Type::utf8:
    case Type::binary:
      view.text = as_text(reader.binary_view());
      break;
    case Type::utf8_pair:
      view.text = as_text(reader.binary_view());
      view.second = as_text(reader.binary_view());
      break;
  }
}

/// The values that a property's type would allow but the standard does not.
std::optional<Error> check_value(const PropertyRule& rule, const PropertyView& view) {
  constexpr auto kError = ReasonCode::protocol_error;
  switch (rule.id) {
    case Id::receive_maximum:
    case Id::maximum_packet_size:
    case Id::subscription_identifier:
      if (view.value == 0) return Error{kError, "property value must not be 0"};
      break;
    case Id::topic_alias:
      if (view.value != 0) break;  // [MQTT-3.3.2-8]
      return Error{ReasonCode::topic_alias_invalid, "topic alias must not be 0"};
    case Id::response_topic:
      if (view.text.empty() || has_wildcard(view.text)) {  // [MQTT-3.3.2-14]
        return Error{kError, "response topic is not a topic name"};
      }
      break;
    default:
      // Every property of one byte is a yes or no, Maximum QoS too [MQTT-3.2.2-9].
      if (rule.type != Type::byte || view.value <= 1) break;
      return Error{kError, "property value must be 0 or 1"};
  }
  return std::nullopt;
}

std::optional<Error> check(const PropertyRule& rule, const PropertyView& view) {
  const bool is_text = rule.type == Type::utf8 || rule.type == Type::utf8_pair;
  if (is_text && !(is_valid_utf8(view.text) && is_valid_utf8(view.second))) {  // [MQTT-1.5.7-1]
    return Error{ReasonCode::malformed_packet, "property string is not valid UTF-8"};
  }
  return check_value(rule, view);
}

bool may_repeat(const PropertyRule& rule, PropertyPlace place) {
  // A message carries the identifiers of all matching subscriptions, a SUBSCRIBE one (5.0
  // §3.8.2.1.2).
  return rule.repeatable && !(rule.id == Id::subscription_identifier && place == subscribe);
}

/// Appends one property: the identifier, then what write(Writer&) writes into `size` bytes.
template <class Write>
void append(std::vector<std::byte>& wire, PropertyId id, std::size_t size, Write write) {
  wire.resize(wire.size() + 1 + size);
  Writer writer(wire.data() + wire.size() - 1 - size);
  writer.byte(std::to_underlying(id));
  write(writer);
}

}  // namespace

const PropertyRule* find_rule(std::uint32_t id) {
  const auto index = id < kIdLimit ? kIndex[id] : 0U;
  return index == 0 ? nullptr : &kRules[index - 1];
}

const PropertyRule* find_rule(std::string_view name) {
  for (const auto& rule : kRules) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

std::span<const PropertyRule> property_rules() { return kRules; }

Result<Properties> Properties::parse(Bytes wire, PropertyPlace place) {
  Reader reader(wire.span());
  std::uint64_t seen = 0;
  while (!reader.at_end()) {
    const auto* rule = find_rule(reader.variable_byte());
    if (reader.failed()) break;
    if (rule == nullptr || (rule->places & at(place)) == 0) {
      // 5.0 §2.2.2.2 calls an identifier that is not valid for its packet type malformed.
      return mqtt::fail(ReasonCode::malformed_packet, "property is not allowed in this packet");
    }
    if ((seen & seen_bit(rule->id)) != 0 && !may_repeat(*rule, place)) {
      return mqtt::fail(ReasonCode::protocol_error, "property occurs more than once");
    }
    seen |= seen_bit(rule->id);
    PropertyView view{.id = rule->id};
    read_value(reader, rule->type, view);
    if (reader.failed()) break;
    if (const auto error = check(*rule, view)) return std::unexpected(*error);
  }
  if (const auto& error = reader.finish()) return std::unexpected(*error);
  constexpr auto kMethod = seen_bit(Id::authentication_method);
  if ((seen & seen_bit(Id::authentication_data)) != 0 && (seen & kMethod) == 0) {
    return mqtt::fail(ReasonCode::protocol_error, "authentication data without a method");
  }
  return Properties(std::move(wire));
}

std::optional<PropertyView> Properties::next(std::size_t& offset) const {
  const auto wire = wire_.span().subspan(offset);
  if (wire.empty()) return std::nullopt;
  Reader reader(wire);
  const auto* rule = find_rule(reader.byte());
  assert(rule != nullptr);
  PropertyView view{.id = rule->id};
  read_value(reader, rule->type, view);
  view.wire = wire.first(reader.offset());
  offset += reader.offset();
  return view;
}

std::optional<PropertyView> Properties::find_view(PropertyId id) const {
  std::size_t offset = 0;
  while (auto view = next(offset)) {
    if (view->id == id) return view;
  }
  return std::nullopt;
}

std::optional<std::uint8_t> Properties::find(PropertyKey<std::uint8_t> key) const {
  const auto view = find_view(key.id);
  if (!view) return std::nullopt;
  return static_cast<std::uint8_t>(view->value);
}

std::optional<std::uint16_t> Properties::find(PropertyKey<std::uint16_t> key) const {
  const auto view = find_view(key.id);
  if (!view) return std::nullopt;
  return static_cast<std::uint16_t>(view->value);
}

std::optional<std::uint32_t> Properties::find(PropertyKey<std::uint32_t> key) const {
  const auto view = find_view(key.id);
  if (!view) return std::nullopt;
  return view->value;
}

std::optional<Bytes> Properties::find(PropertyKey<Bytes> key) const {
  const auto view = find_view(key.id);
  if (!view) return std::nullopt;
  const auto offset = static_cast<std::size_t>(as_bytes(view->text).data() - wire_.data());
  return wire_.slice(offset, view->text.size());
}

PropertiesBuilder& PropertiesBuilder::add(PropertyKey<std::uint8_t> key, std::uint8_t value) {
  append(wire_, key.id, 1, [&](Writer& writer) { writer.byte(value); });
  return *this;
}

PropertiesBuilder& PropertiesBuilder::add(PropertyKey<std::uint16_t> key, std::uint16_t value) {
  append(wire_, key.id, 2, [&](Writer& writer) { writer.two_byte(value); });
  return *this;
}

PropertiesBuilder& PropertiesBuilder::add(PropertyKey<std::uint32_t> key, std::uint32_t value) {
  if (find_rule(std::to_underlying(key.id))->type == Type::variable_byte) {
    append(wire_, key.id, variable_byte_size(value),
           [&](Writer& writer) { writer.variable_byte(value); });
  } else {
    append(wire_, key.id, 4, [&](Writer& writer) { writer.four_byte(value); });
  }
  return *this;
}

PropertiesBuilder& PropertiesBuilder::add(PropertyKey<Bytes> key, std::string_view value) {
  append(wire_, key.id, 2 + value.size(), [&](Writer& writer) { writer.binary(as_bytes(value)); });
  return *this;
}

PropertiesBuilder& PropertiesBuilder::add_user_property(std::string_view name,
                                                        std::string_view value) {
  append(wire_, Id::user_property, 4 + name.size() + value.size(), [&](Writer& writer) {
    writer.binary(as_bytes(name));
    writer.binary(as_bytes(value));
  });
  return *this;
}

PropertiesBuilder& PropertiesBuilder::add(const PropertyView& view) {
  wire_.insert(wire_.end(), view.wire.begin(), view.wire.end());
  return *this;
}

PropertiesBuilder& PropertiesBuilder::add(const Properties& properties) {
  const auto wire = properties.wire().span();
  wire_.insert(wire_.end(), wire.begin(), wire.end());
  return *this;
}

Properties PropertiesBuilder::build() const { return Properties(Bytes::copy(wire_)); }

}  // namespace mqtt
