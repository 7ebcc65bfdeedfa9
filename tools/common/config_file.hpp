#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// One line of a configuration file that says something: "key value".
struct ConfigLine {
  std::size_t number = 0;  ///< From 1.
  std::string key;
  std::string value;  ///< To the end of the line, without the blanks around it; may be empty.
  std::string text;   ///< Both, as they stand there.
};

/// Reads a file of "key value" lines. Lines that are empty or begin with '#' say nothing; line ends
/// are LF or CRLF, a UTF-8 byte order mark is skipped. An error is one line that begins with
/// "FILE:" or "FILE:LINE:": the file can't be read, is a directory, holds a NUL byte, or has a line
/// that no configuration has (over kMaximumConfigLine).
std::expected<std::vector<ConfigLine>, std::string> read_config_file(const std::string& path);
inline constexpr std::size_t kMaximumConfigLine = 65'536;
inline constexpr std::size_t kMaximumConfigFile = 16'777'216;

/// The one that `word` was meant to be, when that is plain: at most two slips of the pen away.
std::optional<std::string_view> closest(std::string_view word,
                                        std::span<const std::string_view> names);

}  // namespace cli
