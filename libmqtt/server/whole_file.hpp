#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace mqtt::server {

/// Puts a file in place at once: whoever sees it sees all of `content`. The error is one line that
/// names the path.
std::expected<void, std::string> write_whole_file(const std::string& path,
                                                  std::string_view content);

/// Removes a file that an earlier write_whole_file() left; anything but a regular file stays.
void remove_whole_file(const std::string& path);

}  // namespace mqtt::server
