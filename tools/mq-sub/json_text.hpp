#pragma once

#include <string>
#include <string_view>

namespace mq_sub {

/// What may reach the output of a peer's bytes: all of them as they are, or only what a terminal
/// shows and does not obey.
enum class Escape { none, controls };

/// Whether text can stand in a JSON string: well-formed UTF-8, U+0000 included.
bool is_json_text(std::string_view text);

/// Appends text, which is_json_text(), as a JSON string (RFC 8259 §7): `"`, `\` and C0 are escaped,
/// with Escape::controls DEL and C1 too; the rest stays as it is.
void append_json_string(std::string& out, std::string_view text, Escape escape);

/// Appends `"name":"data"`; when the data is not UTF-8 `"name":null,"name_base64":"…"` instead, so
/// that the output is JSON whatever a peer sent. The name is a literal that needs no escaping.
void append_json_member(std::string& out, std::string_view name, std::string_view data,
                        Escape escape);

/// Appends the bytes in base64 with padding (RFC 4648 §4).
void append_base64(std::string& out, std::string_view bytes);

}  // namespace mq_sub
