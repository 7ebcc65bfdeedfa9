#include "libmqtt/broker/filter_overlap.hpp"

#include <utility>

#include "libmqtt/broker/level_table.hpp"

namespace mqtt::broker {
namespace {

bool is_wildcard(std::string_view level) { return level == "+" || level == "#"; }

/// At the first level a wildcard leaves `$` topics alone [MQTT-4.7.2-1].
bool is_hidden_from(std::string_view wildcard_filter, std::string_view filter) {
  const bool begins_with_wildcard =
      wildcard_filter.starts_with('+') || wildcard_filter.starts_with('#');
  return begins_with_wildcard && filter.starts_with('$');
}

}  // namespace

std::optional<std::string> common_filter(std::string_view a, std::string_view b) {
  if (is_hidden_from(a, b) || is_hidden_from(b, a)) return std::nullopt;
  std::string common;
  Levels levels_a(a);
  Levels levels_b(b);
  auto level_a = levels_a.next();
  auto level_b = levels_b.next();
  const auto append = [&](std::string_view level, bool is_first) {
    if (!is_first) common += '/';
    common += level;
  };
  for (bool is_first = true; level_a || level_b; is_first = false) {
    if (level_a == "#" || level_b == "#") {  // what the other one says from here on
      Levels& rest = level_a == "#" ? levels_b : levels_a;
      for (auto level = level_a == "#" ? level_b : level_a; level; level = rest.next())
        append(*level, std::exchange(is_first, false));
      return common;
    }
    if (!level_a || !level_b) return std::nullopt;
    if (!is_wildcard(*level_a) && !is_wildcard(*level_b) && *level_a != *level_b)
      return std::nullopt;
    append(is_wildcard(*level_a) ? *level_b : *level_a, is_first);
    level_a = levels_a.next();
    level_b = levels_b.next();
  }
  return common;
}

bool covers(std::string_view wide, std::string_view narrow) {
  if (is_hidden_from(wide, narrow)) return false;
  if (narrow == "#") narrow = "+/#";  // the same: the first level has no parent
  Levels wide_levels(wide);
  Levels narrow_levels(narrow);
  for (;;) {
    const auto from = wide_levels.next();
    const auto what = narrow_levels.next();
    if (from == "#") return true;  // the parent level too
    if (!from || !what) return !from && !what;
    if (what == "#" || (from != "+" && from != what)) return false;
  }
}

}  // namespace mqtt::broker
