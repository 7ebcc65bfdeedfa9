#pragma once

#include <optional>
#include <string_view>

namespace mqtt {

/// A Topic Name: valid UTF-8 [MQTT-4.7.3-1..3], 1 to 65,535 bytes, no wildcard [MQTT-3.3.2-2].
bool is_valid_topic_name(std::string_view topic);

/// Whether the text holds `+` or `#`: it may be a filter, but not a topic name [MQTT-4.7.0-1].
bool has_wildcard(std::string_view topic);

/// A Topic Filter: as above, `#` only alone as the last level [MQTT-4.7.1-1], `+` only alone in a
/// level [MQTT-4.7.1-2]. A filter that begins with "$share/" must also split (see below).
bool is_valid_topic_filter(std::string_view filter);

/// Whether a valid filter matches a valid topic name; wildcards at the first level do not match
/// topics that begin with `$` [MQTT-4.7.2-1]. The naive matcher that the topic tree is tested
/// against. A shared subscription's filter is passed without its "$share/NAME/".
bool matches(std::string_view filter, std::string_view topic);

/// "$share/{ShareName}/{filter}" (5.0 §4.8.2).
struct SharedFilter {
  std::string_view share_name;
  std::string_view filter;
};
/// Whether the text begins with "$share/" at all, well-formed or not.
bool is_shared(std::string_view filter);
/// The parts; nothing when the text is not a well-formed shared filter: a ShareName of at least one
/// character [MQTT-4.8.2-1] without `/`, `+`, `#` [MQTT-4.8.2-2], then a filter of at least one
/// character.
std::optional<SharedFilter> split_shared(std::string_view filter);

}  // namespace mqtt
