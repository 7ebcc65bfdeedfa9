#include "tools/common/render_help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace cli {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kHelpColumn = 32;

/// "  -p, --port PORT"
std::string left_column(const Option& option) {
  std::string left = option.letter != '\0' ? fmt::format("  -{}, ", option.letter) : "      ";
  left += fmt::format("--{}", option.name);
  if (!option.is_flag()) left += fmt::format(" {}", option.value);
  return left;
}

/// Appends text word by word, beginning at kHelpColumn of the present line.
void append_wrapped(std::string& out, std::string_view text) {
  std::size_t column = kHelpColumn;
  bool is_first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!is_first && column + 1 + word.size() > kWidth) {
      out += '\n';
      out.append(kHelpColumn, ' ');
      column = kHelpColumn;
    } else if (!is_first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    is_first = false;
  }
  out += '\n';
}

void append_option(std::string& out, const Option& option) {
  const std::string left = left_column(option);
  out += left;
  if (left.size() + 2 > kHelpColumn) {
    out += '\n';
    out.append(kHelpColumn, ' ');
  } else {
    out.append(kHelpColumn - left.size(), ' ');
  }
  std::string help(option.help);
  if (!option.default_text.empty()) help += fmt::format(" (default {})", option.default_text);
  append_wrapped(out, help);
}

}  // namespace

std::vector<std::string_view> groups(const std::vector<Option>& options) {
  std::vector<std::string_view> names;
  for (const Option& option : options) {
    if (std::ranges::find(names, option.group) == names.end()) names.push_back(option.group);
  }
  return names;
}

std::string render_help(const Tool& tool) {
  std::string out = fmt::format("{}: {}\n\n", tool.name, tool.summary);
  for (const std::string_view line : tool.synopsis) {
    out += fmt::format("{} {} {}\n", line == tool.synopsis.front() ? "Usage:" : "      ", tool.name,
                       line);
  }
  const std::vector<Option> options = all_options(tool);
  for (const std::string_view group : groups(options)) {
    out += fmt::format("\n{}:\n", group);
    for (const Option& option : options) {
      if (option.group == group) append_option(out, option);
    }
  }
  out += fmt::format("\nThe manual page says more: man {}\n", tool.name);
  return out;
}

}  // namespace cli
