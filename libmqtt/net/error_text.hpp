#pragma once

#include <string>
#include <system_error>

namespace mqtt::net {

/// The operating system's words for an error as they stand after a colon: "connection refused".
std::string error_text(const std::error_code& error);

}  // namespace mqtt::net
