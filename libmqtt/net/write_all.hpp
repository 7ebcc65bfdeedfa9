#pragma once

#include <string_view>

namespace mqtt::net {

/// Writes the whole text to a blocking descriptor, over interruptions and short writes. False on an
/// error, which errno tells.
bool write_all(int descriptor, std::string_view text);

}  // namespace mqtt::net
