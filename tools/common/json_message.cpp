#include "tools/common/json_message.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

#include "libmqtt/base/base64.hpp"
#include "tools/common/json_reader.hpp"
#include "tools/common/json_text.hpp"
#include "tools/common/property_options.hpp"
#include "tools/common/setters.hpp"

namespace cli {
namespace {

using Kind = JsonReader::Kind;
using Token = JsonReader::Token;
constexpr std::string_view kBase64 = "_base64";

std::string text_of(const Token& token) {
  return token.kind == Kind::string ? json_string_value(token.text) : std::string(token.text);
}

/// The properties that belong to one delivery and not to the message.
bool is_of_delivery(std::string_view name) {
  return name == "subscription-identifier" || name == "topic-alias";
}

class Parser {
 public:
  explicit Parser(std::string_view line) : reader_(line) {}

  std::expected<JsonMessage, std::string> run() {
    if (reader_.next().kind != Kind::begin_object) return std::unexpected(kNoObject);
    Token token = reader_.next();
    for (; token.kind == Kind::name; token = reader_.next()) {
      read_member(json_string_value(token.text), reader_.next());
      if (!error_.empty()) return std::unexpected(std::move(error_));
    }
    const bool is_whole = token.kind == Kind::end_object && reader_.next().kind == Kind::end;
    if (!is_whole) return std::unexpected(kNoObject);
    message_.properties = properties_.build(mqtt::PropertyPlace::publish);
    return std::move(message_);
  }

 private:
  static constexpr const char* kNoObject = "not a JSON object";

  void read_member(const std::string& name, const Token& value) {
    if (name == "topic") return read_topic(value);
    if (name == "payload") return read_payload(value);
    if (name == "payload_base64") return read_base64(name, value, message_.payload);
    if (name == "qos") return read_qos(value);
    if (name == "retain") return read_retain(value);
    if (name == "properties") return read_properties(value);
    if (name == "time_ns") return read_time(value);
    if (name != "tst" && name != "payloadlen" && name != "mid") {
      return fail(is_not(name, "member of a message"));
    }
    skip(value);
  }

  void read_topic(const Token& value) {
    if (value.kind != Kind::string) return fail("topic: not a string");
    message_.topic = json_string_value(value.text);
    if (const Complaint complaint = check_topic_name(*message_.topic); !complaint.empty()) {
      fail("topic: " + complaint);
    }
  }

  void read_payload(const Token& value) {
    if (value.text == "null" && value.kind == Kind::literal) return;
    message_.payload =
        value.kind == Kind::string ? json_string_value(value.text) : std::string(skip(value));
  }

  void read_base64(const std::string& name, const Token& value, std::string& target) {
    auto bytes = value.kind == Kind::string ? mqtt::from_base64(json_string_value(value.text))
                                            : std::nullopt;
    if (!bytes) return fail(name + ": not base64");
    target = std::move(*bytes);
  }

  void read_qos(const Token& value) {
    const auto number = parse_number(value.text, {"QoS", 0, 2});
    if (value.kind != Kind::number || !number) return fail("qos: not 0, 1 or 2");
    message_.qos = static_cast<std::uint8_t>(*number);
  }

  void read_retain(const Token& value) {
    const bool is_number = value.kind == Kind::number && (value.text == "0" || value.text == "1");
    const bool is_bool = value.kind == Kind::literal && value.text != "null";
    if (!is_number && !is_bool) return fail("retain: not true or false");
    message_.retain = value.text == "1" || value.text == "true";
  }

  void read_time(const Token& value) {
    std::int64_t time = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto [stop, error] = std::from_chars(value.text.data(), end, time);
    if (value.kind != Kind::number || error != std::errc() || stop != end) {
      return fail("time_ns: not a whole number of nanoseconds");
    }
    message_.time_ns = time;
  }

  void read_properties(const Token& value) {
    if (value.kind != Kind::begin_object) return fail("properties: not an object");
    Token token = reader_.next();
    for (; token.kind == Kind::name && error_.empty(); token = reader_.next()) {
      read_property(json_string_value(token.text), reader_.next());
    }
    if (token.kind != Kind::end_object) fail(kNoObject);
  }

  void read_property(std::string name, const Token& value) {
    if (is_of_delivery(name)) return void(skip(value));
    if (name == "user-properties") return read_user_properties(value);
    std::string text = text_of(value);
    if (name.ends_with(kBase64)) {
      read_base64(name, value, text);
      name.resize(name.size() - kBase64.size());
    } else if (value.text == "null" && value.kind == Kind::literal) {
      return;  // Its _base64 follows.
    }
    if (!error_.empty()) return;
    if (value.kind != Kind::string && value.kind != Kind::number) {
      return fail(name + ": neither a string nor a number");
    }
    add_property({"publish", std::move(name), std::move(text)});
  }

  /// An array of objects; each member of one is a property.
  void read_user_properties(const Token& value) {
    if (value.kind != Kind::begin_array) return fail("user-properties: not an array");
    Token token = reader_.next();
    for (; token.kind == Kind::begin_object && error_.empty(); token = reader_.next()) {
      Token name = reader_.next();
      for (; name.kind == Kind::name && error_.empty(); name = reader_.next()) {
        const Token text = reader_.next();
        if (text.kind != Kind::string) return fail("user-properties: a value that is no string");
        add_property({"publish", "user-property", json_string_value(name.text), text_of(text)});
      }
    }
    if (token.kind != Kind::end_array) fail("user-properties: not an array of objects");
  }

  void add_property(const std::vector<std::string>& words) {
    if (const Complaint complaint = properties_.add(words); !complaint.empty()) {
      fail("properties: " + complaint);
    }
  }

  std::string_view skip(const Token& value) {
    const std::string_view text = reader_.skip(value);
    if (text.empty()) fail(kNoObject);
    return text;
  }
  void fail(std::string what) {
    if (error_.empty()) error_ = std::move(what);
  }

  JsonReader reader_;
  JsonMessage message_;
  PropertyOptions properties_;
  std::string error_;
};

mqtt::Properties without_delivery(const mqtt::Properties& properties) {
  mqtt::PropertiesBuilder kept;
  properties.for_each([&](const mqtt::PropertyView& view) {
    if (view.id == mqtt::PropertyId::topic_alias) return;
    if (view.id == mqtt::PropertyId::subscription_identifier) return;
    kept.add(view);
  });
  return kept.build();
}

}  // namespace

std::expected<JsonMessage, std::string> parse_json_message(std::string_view line) {
  return Parser(line).run();
}

void append_json_message(std::string& out, const mqtt::Publish& message, std::int64_t time_ns) {
  constexpr auto kEscape = mqtt::JsonEscape::controls;
  fmt::format_to(std::back_inserter(out), "{{\"time_ns\":{},", time_ns);
  append_json_member(out, "topic", message.topic.view(), kEscape);
  fmt::format_to(std::back_inserter(out), ",\"qos\":{},\"retain\":{},",
                 static_cast<unsigned>(message.qos), message.retain);
  if (const mqtt::Properties properties = without_delivery(message.properties);
      !properties.empty()) {
    out += "\"properties\":{";
    append_json_properties(out, properties, kEscape);
    out += "},";
  }
  append_json_member(out, "payload", message.payload.view(), kEscape);
  out += '}';
}

}  // namespace cli
