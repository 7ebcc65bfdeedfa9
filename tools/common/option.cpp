#include "tools/common/option.hpp"

namespace cli {
namespace {

constexpr std::string_view kConfig = "config";

}  // namespace

std::string Option::flag() const {
  return letter != '\0' ? std::string{'-', letter} : "--" + std::string(name);
}

std::vector<Option> all_options(const Tool& tool) {
  std::vector<Option> options = tool.options;
  if (tool.reads_presets) {
    options.push_back({.name = kConfig,
                       .letter = 'o',
                       .value = "FILE",
                       .group = "Other",
                       .help = "read options from this file instead of the usual ones (see FILES)",
                       .hint = Option::Hint::file});
  }
  options.push_back({.name = "help", .group = "Other", .help = "show this help and exit"});
  options.push_back({.name = "version", .group = "Other", .help = "show the version and exit"});
  return options;
}

bool is_config(const Option& row) { return row.name == kConfig && row.letter == 'o'; }

}  // namespace cli
