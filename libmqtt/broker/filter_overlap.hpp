#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mqtt::broker {

/// The filter that matches exactly the topics which both filters match; nothing when there are
/// none. Filters are valid (codec/topic.hpp) and come without "$share/NAME/".
std::optional<std::string> common_filter(std::string_view a, std::string_view b);

/// Whether every topic that `narrow` matches is matched by `wide`.
bool covers(std::string_view wide, std::string_view narrow);

}  // namespace mqtt::broker
