#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mqtt {

/// What may reach the output of a peer's bytes: all of them as they are, or only what a terminal
/// shows and does not obey.
enum class JsonEscape : std::uint8_t { none, controls };

/// Whether text can stand in a JSON string as it is: well-formed UTF-8, U+0000 included.
bool is_json_text(std::string_view text);

/// Appends text as a JSON string (RFC 8259 §7): `"`, `\` and C0 are escaped, with
/// JsonEscape::controls DEL and C1 too; the rest stays as it is. A byte that is not UTF-8 becomes
/// the four characters \xff and the like, so that the output is JSON whatever a peer sent.
void append_json_string(std::string& out, std::string_view text,
                        JsonEscape escape = JsonEscape::controls);

}  // namespace mqtt
