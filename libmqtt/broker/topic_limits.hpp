#pragma once

#include <algorithm>
#include <string_view>

namespace mqtt::broker {

/// More levels than any sensible topic has would cost memory out of proportion to their bytes (a
/// filter of 64 KiB of slashes makes 64 Ki nodes): refused, as other brokers do.
inline bool has_too_many_levels(std::string_view topic_or_filter) {
  constexpr std::ptrdiff_t kMostSeparators = 200;
  return std::ranges::count(topic_or_filter, '/') > kMostSeparators;
}

}  // namespace mqtt::broker
