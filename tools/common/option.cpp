#include "tools/common/option.hpp"

namespace cli {

std::string Option::flag() const {
  return letter != '\0' ? std::string{'-', letter} : "--" + std::string(name);
}

std::vector<Option> all_options(const Tool& tool) {
  std::vector<Option> options = tool.options;
  options.push_back({.name = "help", .group = "Other", .help = "show this help and exit"});
  options.push_back({.name = "version", .group = "Other", .help = "show the version and exit"});
  return options;
}

}  // namespace cli
