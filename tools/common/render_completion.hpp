#pragma once

#include <string>

#include "tools/common/option.hpp"

namespace cli {

/// Shell completions of a tool's options and of their values: choices, files, commands, and hosts,
/// those of the configuration files among them.
std::string render_bash_completion(const Tool& tool);
std::string render_zsh_completion(const Tool& tool);
std::string render_fish_completion(const Tool& tool);

}  // namespace cli
