#include "libmqtt/codec/property.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "tests/support/wire_vectors.hpp"

using namespace mqtt;
using namespace mqtt::test;

namespace {

Result<Properties> parse(std::string_view notation, PropertyPlace place) {
  return Properties::parse(parse_wire(notation), place);
}

std::string notation(std::string_view text) { return std::string(parse_wire(text).view()); }

constexpr PropertyPlace kPlaces[] = {
    PropertyPlace::connect,     PropertyPlace::connack,   PropertyPlace::publish,
    PropertyPlace::puback,      PropertyPlace::pubrec,    PropertyPlace::pubrel,
    PropertyPlace::pubcomp,     PropertyPlace::subscribe, PropertyPlace::suback,
    PropertyPlace::unsubscribe, PropertyPlace::unsuback,  PropertyPlace::disconnect,
    PropertyPlace::auth,        PropertyPlace::will};

/// A property that is valid wherever it may stand; authentication data brings its method.
std::string example(const PropertyRule& rule) {
  std::string bytes;
  if (rule.id == PropertyId::authentication_data) bytes += notation("15('m')");
  bytes += static_cast<char>(rule.id);
  switch (rule.type) {
    case PropertyType::byte:
      return bytes + notation("01");
    case PropertyType::two_byte:
      return bytes + notation("0102");
    case PropertyType::four_byte:
      return bytes + notation("01020304");
    case PropertyType::variable_byte:
      return bytes + notation("8001");
    case PropertyType::utf8:
      return bytes + notation("('text')");
    case PropertyType::binary:
      return bytes + notation("(00FF)");
    case PropertyType::utf8_pair:
      return bytes + notation("('k')('v')");
  }
  return {};
}

}  // namespace

TEST_CASE("the table has the 27 properties of the standard, in order, found by id and by name") {
  CHECK(property_rules().size() == 27);
  std::set<std::string_view> names;
  std::uint32_t last = 0;
  for (const auto& rule : property_rules()) {
    const auto id = static_cast<std::uint32_t>(rule.id);
    CHECK(id > last);
    last = id;
    CHECK(names.insert(rule.name).second);
    CHECK(find_rule(id) == &rule);
    CHECK(find_rule(rule.name) == &rule);
  }
  for (const std::uint32_t id : {0U, 4U, 0x1BU, 0x2BU, 0x80U, 0x0FFF'FFFFU}) {
    CHECK(find_rule(id) == nullptr);
  }
  CHECK(find_rule("no-such-property") == nullptr);
}

TEST_CASE("each property is taken where the table allows it and malformed elsewhere") {
  int allowed = 0;
  for (const auto& rule : property_rules()) {
    for (const auto place : kPlaces) {
      const bool is_allowed = (rule.places >> static_cast<unsigned>(place) & 1U) != 0;
      allowed += is_allowed ? 1 : 0;
      CAPTURE(rule.name);
      CAPTURE(static_cast<int>(place));
      const auto result = Properties::parse(Bytes::copy(example(rule)), place);
      CHECK(result.has_value() == is_allowed);
      if (!result) CHECK(result.error().code == ReasonCode::malformed_packet);
    }
  }
  // 5.0 table 2-4: user property in 14 places, reason string in 9, and so on.
  CHECK(allowed == 64);
}

TEST_CASE("only user properties, and subscription identifiers in PUBLISH, may repeat") {
  for (const auto& rule : property_rules()) {
    for (const auto place : kPlaces) {
      if ((rule.places >> static_cast<unsigned>(place) & 1U) == 0) continue;
      if (rule.id == PropertyId::authentication_data) continue;
      CAPTURE(rule.name);
      const bool repeats =
          rule.id == PropertyId::user_property ||
          (rule.id == PropertyId::subscription_identifier && place == PropertyPlace::publish);
      const auto result = Properties::parse(Bytes::copy(example(rule) + example(rule)), place);
      CHECK(result.has_value() == repeats);
      if (!result) CHECK(result.error().code == ReasonCode::protocol_error);
    }
  }
}

TEST_CASE("every property cut short is malformed") {
  for (const auto& rule : property_rules()) {
    const auto place = kPlaces[0];
    if ((rule.places >> static_cast<unsigned>(place) & 1U) == 0) continue;
    if (rule.id == PropertyId::authentication_data) continue;
    const auto whole = example(rule);
    for (std::size_t size = 1; size < whole.size(); ++size) {
      CAPTURE(rule.name);
      const auto result =
          Properties::parse(Bytes::copy(std::string_view(whole).substr(0, size)), place);
      REQUIRE_FALSE(result.has_value());
      CHECK(result.error().code == ReasonCode::malformed_packet);
    }
  }
}

TEST_CASE("values are found by their key, with their type") {
  const auto properties =
      parse("01 01 02 00000E10 23 0102 0B 8001 03('text') 09(00FF) 26('k')('v')",
            PropertyPlace::publish)
          .value();
  CHECK(properties.find(property::payload_format_indicator) == std::uint8_t{1});
  CHECK(properties.find(property::message_expiry_interval) == std::uint32_t{3600});
  CHECK(properties.find(property::topic_alias) == std::uint16_t{0x0102});
  CHECK(properties.find(property::subscription_identifier) == std::uint32_t{128});
  CHECK(properties.find(property::content_type)->view() == "text");
  CHECK(properties.find(property::correlation_data)->view() == std::string_view("\0\xFF", 2));
  CHECK_FALSE(properties.find(property::response_topic));
  CHECK_FALSE(Properties().find(property::receive_maximum));
}

TEST_CASE("a string that is found shares the packet's memory; an empty one is there too") {
  const auto properties = parse("03('text') 09()", PropertyPlace::publish).value();
  CHECK(properties.find(property::content_type)->data() == properties.wire().data() + 3);
  CHECK(properties.find(property::correlation_data) == Bytes());
}

TEST_CASE("walking yields every property in order with its bytes [MQTT-3.3.2-18]") {
  const auto bytes = "26('a')('1') 02 00000001 26('a')('2')";
  const auto properties = parse(bytes, PropertyPlace::publish).value();
  std::string seen;
  PropertiesBuilder copy;
  properties.for_each([&](const PropertyView& view) {
    seen += view.id == PropertyId::user_property ? std::string(view.text) + std::string(view.second)
                                                 : std::to_string(view.value);
    copy.add(view);
  });
  CHECK(seen == "a11a2");
  CHECK(copy.build() == properties);
  CHECK(PropertiesBuilder().add(properties).build() == properties);
}

TEST_CASE("the builder writes what parse reads") {
  const auto built = PropertiesBuilder()
                         .add(property::maximum_qos, std::uint8_t{1})
                         .add(property::receive_maximum, std::uint16_t{0x0102})
                         .add(property::session_expiry_interval, std::uint32_t{0x01020304})
                         .add(property::reason_string, "why")
                         .add_user_property("k", "")
                         .build();
  CHECK(built.wire() == parse_wire("24 01 21 0102 11 01020304 1F('why') 26('k')()"));
  CHECK(Properties::parse(built.wire(), PropertyPlace::connack) == Result<Properties>(built));
  CHECK(PropertiesBuilder().empty());
  CHECK(PropertiesBuilder().build() == Properties());
}

TEST_CASE("subscription identifiers are written in 1 to 4 bytes") {
  for (const auto& [value, wire] : {std::pair{1U, "0B 01"},
                                    {127U, "0B 7F"},
                                    {128U, "0B 8001"},
                                    {16'384U, "0B 808001"},
                                    {268'435'455U, "0B FFFFFF7F"}}) {
    const auto built =
        PropertiesBuilder().add(property::subscription_identifier, std::uint32_t{value}).build();
    CHECK(built.wire() == parse_wire(wire));
    CHECK(built.find(property::subscription_identifier) == value);
  }
}
