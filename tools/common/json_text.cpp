#include "tools/common/json_text.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "libmqtt/base/base64.hpp"

namespace cli {
namespace {

using mqtt::PropertyId;
using mqtt::PropertyType;
using mqtt::PropertyView;

/// One object of the properties. User properties, and subscription identifiers when there are
/// several, may stand anywhere among the others but make one member: at the place of the first one.
class PropertyMembers {
 public:
  PropertyMembers(std::string& out, const mqtt::Properties& properties, mqtt::JsonEscape escape)
      : out_(out), properties_(properties), escape_(escape) {}

  void append() {
    properties_.for_each([this](const PropertyView& view) { append_member(view); });
  }

 private:
  void append_member(const PropertyView& view) {
    if (view.id == PropertyId::user_property) return append_user_properties();
    if (view.id == PropertyId::subscription_identifier) return append_identifiers();
    const mqtt::PropertyRule* rule = mqtt::find_rule(static_cast<std::uint32_t>(view.id));
    separate();
    if (rule->type == PropertyType::utf8 || rule->type == PropertyType::binary) {
      append_json_member(out_, rule->name, view.text, escape_);
    } else {
      fmt::format_to(std::back_inserter(out_), "\"{}\":{}", rule->name, view.value);
    }
  }

  void append_user_properties() {
    if (std::exchange(has_user_properties_, true)) return;
    separate();
    out_ += "\"user-properties\":[";
    const char* comma = "";
    properties_.for_each([&](const PropertyView& view) {
      if (view.id != PropertyId::user_property) return;
      out_ += std::exchange(comma, ",");
      out_ += '{';
      mqtt::append_json_string(out_, view.text, escape_);
      out_ += ':';
      mqtt::append_json_string(out_, view.second, escape_);
      out_ += '}';
    });
    out_ += ']';
  }

  void append_identifiers() {
    if (std::exchange(has_identifiers_, true)) return;
    std::vector<std::uint32_t> identifiers;
    properties_.for_each([&](const PropertyView& view) {
      if (view.id == PropertyId::subscription_identifier) identifiers.push_back(view.value);
    });
    separate();
    const bool many = identifiers.size() > 1;
    fmt::format_to(std::back_inserter(out_), "\"subscription-identifier\":{}{}{}", many ? "[" : "",
                   fmt::join(identifiers, ","), many ? "]" : "");
  }

  void separate() { out_ += std::exchange(separator_, ","); }

  std::string& out_;
  const mqtt::Properties& properties_;
  mqtt::JsonEscape escape_;
  const char* separator_ = "";
  bool has_user_properties_ = false;
  bool has_identifiers_ = false;
};

}  // namespace

void append_json_member(std::string& out, std::string_view name, std::string_view data,
                        mqtt::JsonEscape escape) {
  fmt::format_to(std::back_inserter(out), "\"{}\":", name);
  if (mqtt::is_json_text(data)) return mqtt::append_json_string(out, data, escape);
  fmt::format_to(std::back_inserter(out), "null,\"{}_base64\":\"{}\"", name, mqtt::to_base64(data));
}

void append_json_properties(std::string& out, const mqtt::Properties& properties,
                            mqtt::JsonEscape escape) {
  PropertyMembers(out, properties, escape).append();
}

}  // namespace cli
