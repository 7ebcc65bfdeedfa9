#pragma once

#include <string>

#include "tools/common/option.hpp"

namespace cli {

/// The man page (section 1) in man(7) macros. It carries the version but no date, so that it
/// changes only when the table does.
std::string render_man(const Tool& tool);

}  // namespace cli
