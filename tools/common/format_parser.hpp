#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "tools/common/output_format.hpp"

namespace cli {

/// Reads a template in the -F language. The error is one sentence for a person.
std::expected<std::vector<FormatStep>, std::string> parse_format(std::string_view text);

}  // namespace cli
