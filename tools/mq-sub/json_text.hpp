#pragma once

#include <string>
#include <string_view>

#include "libmqtt/base/json_string.hpp"

namespace mq_sub {

using Escape = mqtt::JsonEscape;

/// Appends `"name":"data"`; when the data is not UTF-8 `"name":null,"name_base64":"…"` instead, so
/// that the output is JSON whatever a peer sent. The name is a literal that needs no escaping.
void append_json_member(std::string& out, std::string_view name, std::string_view data,
                        Escape escape);

/// Appends the bytes in base64 with padding (RFC 4648 §4).
void append_base64(std::string& out, std::string_view bytes);

}  // namespace mq_sub
