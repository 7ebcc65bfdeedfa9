#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mqtt {

/// Base64 of RFC 4648 §4, with padding ("=") or without it as argon2's own texts have it.
enum class Padding : std::uint8_t { with, without };

std::string to_base64(std::string_view bytes, Padding padding = Padding::with);
/// Strict: nothing but the alphabet, the padding exactly as asked for, no bits left over that are
/// not zero.
std::optional<std::string> from_base64(std::string_view text, Padding padding = Padding::with);

}  // namespace mqtt
