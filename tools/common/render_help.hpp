#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/common/option.hpp"

namespace cli {

/// The text of --help: synopsis, then the rows by group, at most 100 columns wide.
std::string render_help(const Tool& tool);

/// The rows' groups, each once, in order of first use.
std::vector<std::string_view> groups(const std::vector<Option>& options);

}  // namespace cli
