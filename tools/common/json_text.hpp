#pragma once

#include <string>
#include <string_view>

#include "libmqtt/base/json_string.hpp"
#include "libmqtt/codec/property.hpp"

namespace cli {

/// Appends `"name":"data"`; when the data is not UTF-8 `"name":null,"name_base64":"…"` instead, so
/// that the output is JSON whatever a peer sent. The name is a literal that needs no escaping.
void append_json_member(std::string& out, std::string_view name, std::string_view data,
                        mqtt::JsonEscape escape);

/// Appends the members of an object, without its braces: names as the standard has them, in wire
/// order; user properties as an array "user-properties" of objects with one member each, several
/// subscription identifiers as an array: both where the first of them stands.
void append_json_properties(std::string& out, const mqtt::Properties& properties,
                            mqtt::JsonEscape escape);

}  // namespace cli
