#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace mq_bench {

/// A scenario that mq-bench brings along: a TOML text like any that a user writes, description
/// included, so that `mq-bench list NAME` gives something to start from.
struct Preset {
  std::string_view name;
  std::string_view text;
};

std::span<const Preset> all_presets();
/// nullptr: there is none of this name.
const Preset* find_preset(std::string_view name);
/// For completion.
std::vector<std::string_view> preset_names();

}  // namespace mq_bench
