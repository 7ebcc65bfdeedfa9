#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace cli {

/// The next line of a descriptor without its end, read byte by byte: what follows is somebody
/// else's. The error is one line; `name` is what it calls the descriptor: "stdin".
std::expected<std::string, std::string> read_secret_line(int descriptor, std::string_view name);

/// Writes "PROMPT: " to stderr and reads what a person types on the process's own terminal,
/// wherever the standard descriptors lead. Nothing of it is shown. A signal that ends the process
/// does so once the terminal is as it was.
std::expected<std::string, std::string> ask_secret(std::string_view prompt);

/// The same for a secret that is new, so asked for twice, on a terminal that is open already.
std::expected<std::string, std::string> ask_new_secret(int terminal, std::string_view prompt);

/// What a file holds, without one line end behind it. The error is one line and names the file.
std::expected<std::string, std::string> read_secret_file(const std::string& path);

}  // namespace cli
