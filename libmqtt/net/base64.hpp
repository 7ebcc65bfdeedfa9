#pragma once

#include <string>
#include <string_view>

namespace mqtt::net {

/// RFC 4648 §4, with padding.
std::string base64(std::string_view bytes);

/// Whether the text is what base64() gives for this many bytes.
bool is_base64_of(std::string_view text, std::size_t bytes);

}  // namespace mqtt::net
