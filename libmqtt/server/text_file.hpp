#pragma once

#include <expected>
#include <string>

namespace mqtt::server {

/// All of a regular file (through symbolic links), for files that people write by hand. The error
/// is one line: "PATH: No such file or directory", "PATH: is a directory".
std::expected<std::string, std::string> read_text_file(const std::string& path);

}  // namespace mqtt::server
