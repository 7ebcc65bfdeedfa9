#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/common/json_path.hpp"
#include "tools/common/option.hpp"
#include "tools/common/output_format.hpp"

namespace cli {

/// How a message that was received is printed, as the flags of mq-sub and of mq-pub --reply say.
struct PrintOptions {
  enum class Color : std::uint8_t { automatic, always, never };

  bool verbose = false;
  std::string separator = " ";  ///< Of topic and payload, with verbose.
  bool no_newline = false;
  bool raw = false;
  bool pretty = false;
  Color color = Color::automatic;
  std::optional<std::string> format;  ///< Checked.
  std::optional<JsonPath> field;

  /// Something says what is to be printed.
  bool is_any_form() const { return format || field || verbose; }
};

/// The rows for them, under the heading `group`; `options` must outlive them.
std::vector<Option> print_rows(PrintOptions& options, std::string_view group);
/// What is wrong with them together; empty when nothing is.
Complaint check(const PrintOptions& options);

/// What a line looks like.
OutputFormat output_format(const PrintOptions& options);
/// What stands for the message on a screen: no topic and no end.
OutputFormat value_format(const PrintOptions& options);
/// How messages are shown on the file descriptor `output`.
Style output_style(const PrintOptions& options, int output);

}  // namespace cli
