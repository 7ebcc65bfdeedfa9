#include "tools/common/property_options.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "libmqtt/base/utf8.hpp"
#include "tools/common/setters.hpp"
#include "tools/common/terminal.hpp"

namespace cli {
namespace {

using mqtt::PropertyPlace;
using mqtt::PropertyType;

constexpr std::size_t kLongestText = 65'535;
constexpr std::string_view kCommands =
    "connect, publish, subscribe, unsubscribe, disconnect or will";

constexpr std::pair<std::string_view, PropertyPlace> kPlaceNames[] = {
    {"connect", PropertyPlace::connect},       {"publish", PropertyPlace::publish},
    {"subscribe", PropertyPlace::subscribe},   {"unsubscribe", PropertyPlace::unsubscribe},
    {"disconnect", PropertyPlace::disconnect}, {"will", PropertyPlace::will},
};

std::optional<PropertyPlace> find_place(std::string_view command) {
  for (const auto& [name, place] : kPlaceNames) {
    if (name == command) return place;
  }
  return std::nullopt;
}

/// Only what fits the type; what a property's own text forbids comes from Properties::parse().
Range number_range(PropertyType type) {
  switch (type) {
    case PropertyType::byte:
      return {"number", 0, 0xFF};
    case PropertyType::two_byte:
      return {"number", 0, 0xFFFF};
    case PropertyType::variable_byte:
      return {"number", 0, 268'435'455};
    default:
      return {"number", 0, 0xFFFF'FFFF};
  }
}

Complaint check_text(std::string_view text, PropertyType type) {
  if (text.size() > kLongestText) return "is longer than 65,535 bytes";
  if (type != PropertyType::binary && !mqtt::is_valid_utf8(text)) return "is not valid UTF-8";
  return {};
}

template <class T>
void add_as(mqtt::PropertiesBuilder& builder, const mqtt::PropertyRule& rule,
            std::uint64_t number) {
  builder.add(mqtt::PropertyKey<T>{rule.id}, static_cast<T>(number));
}

void add_integer(mqtt::PropertiesBuilder& builder, const mqtt::PropertyRule& rule,
                 std::uint64_t number) {
  if (rule.type == PropertyType::byte) return add_as<std::uint8_t>(builder, rule, number);
  if (rule.type == PropertyType::two_byte) return add_as<std::uint16_t>(builder, rule, number);
  add_as<std::uint32_t>(builder, rule, number);
}

Complaint add_number(mqtt::PropertiesBuilder& builder, const mqtt::PropertyRule& rule,
                     std::string_view text) {
  const auto number = parse_number(text, number_range(rule.type));
  if (!number) return fmt::format("{}: {}", rule.name, number.error());
  add_integer(builder, rule, *number);
  return {};
}

Complaint add_value(mqtt::PropertiesBuilder& builder, const mqtt::PropertyRule& rule,
                    Words values) {
  const bool is_text = rule.type == PropertyType::utf8 || rule.type == PropertyType::binary ||
                       rule.type == PropertyType::utf8_pair;
  if (!is_text) return add_number(builder, rule, values[0]);
  for (const std::string& value : values) {
    const Complaint complaint = check_text(value, rule.type);
    if (!complaint.empty()) return fmt::format("{}: {} {}", rule.name, quoted(value), complaint);
  }
  if (rule.type == PropertyType::utf8_pair) {
    builder.add_user_property(values[0], values[1]);
  } else {
    builder.add(mqtt::PropertyKey<mqtt::Bytes>{rule.id}, values[0]);
  }
  return {};
}

std::size_t word_count(Words following) {
  const bool is_pair = following.size() > 1 && following[1] == "user-property";
  return is_pair ? 4 : 3;
}

}  // namespace

Complaint PropertyOptions::add(Words words) {
  const auto place = find_place(words[0]);
  if (!place) return fmt::format("{} is not {}", quoted(words[0]), kCommands);
  const mqtt::PropertyRule* rule = mqtt::find_rule(words[1]);
  if (rule == nullptr) return is_not(words[1], "property");
  const auto place_bit = std::uint32_t{1} << static_cast<unsigned>(*place);
  const bool is_servers = *place == PropertyPlace::publish &&
                          rule->id == mqtt::PropertyId::subscription_identifier;  // [MQTT-3.3.4-6]
  if ((rule->places & place_bit) == 0 || is_servers) {
    return fmt::format("{} does not go with {}", rule->name, words[0]);
  }
  if (!rule->repeatable && has(*place, rule->id))
    return fmt::format("{} is given twice", rule->name);
  mqtt::PropertiesBuilder extended = builder(*place);
  if (Complaint complaint = add_value(extended, *rule, words.subspan(2)); !complaint.empty()) {
    return complaint;
  }
  const auto checked = mqtt::Properties::parse(extended.build().wire(), *place);
  if (!checked) {
    return fmt::format("{}: {} is not allowed: {}", rule->name, quoted(words[2]),
                       checked.error().what);
  }
  given_[static_cast<std::size_t>(*place)] = *checked;
  return {};
}

bool PropertyOptions::empty() const {
  for (const mqtt::Properties& properties : given_) {
    if (!properties.empty()) return false;
  }
  return true;
}

bool PropertyOptions::has(PropertyPlace place, mqtt::PropertyId id) const {
  bool found = false;
  given_[static_cast<std::size_t>(place)].for_each(
      [&](const mqtt::PropertyView& view) { found = found || view.id == id; });
  return found;
}

mqtt::PropertiesBuilder PropertyOptions::builder(PropertyPlace place) const {
  mqtt::PropertiesBuilder builder;
  builder.add(given_[static_cast<std::size_t>(place)]);
  return builder;
}

Option property_row(PropertyOptions& target) {
  return {
      .name = "property",
      .letter = 'D',
      .value = "CMD NAME VALUE",
      .group = "MQTT 5.0",
      .help = "set a property of a packet; repeatable; implies -V 5",
      .man =
          "CMD is connect, publish, subscribe, unsubscribe, disconnect or will. NAME is the "
          "standard's name in small letters with hyphens, such as message-expiry-interval or "
          "content-type. A user property takes two values: -D publish user-property NAME VALUE.",
      .set = [&target](Words words) { return target.add(words); },
      .choices = {"connect", "publish", "subscribe", "unsubscribe", "disconnect", "will"},
      .accumulates = true,
      .word_count = word_count,
  };
}

}  // namespace cli
