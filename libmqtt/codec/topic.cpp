#include "libmqtt/codec/topic.hpp"

#include "libmqtt/base/utf8.hpp"

namespace mqtt {
namespace {

constexpr std::string_view kSharePrefix = "$share/";
constexpr std::size_t kMaximumSize = 65'535;  // [MQTT-4.7.3-3]

bool has_valid_text(std::string_view text) {
  return !text.empty() && text.size() <= kMaximumSize && is_valid_utf8(text);  // [MQTT-4.7.3-1]
}

/// Takes the first level off `rest`, which becomes nothing behind the last one: "a/" has two
/// levels, the second one empty.
std::string_view take_level(std::optional<std::string_view>& rest) {
  const auto text = *rest;
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) {
    rest.reset();
    return text;
  }
  rest = text.substr(slash + 1);
  return text.substr(0, slash);
}

bool has_valid_wildcards(std::string_view filter) {
  for (std::optional rest = filter; rest;) {
    const auto level = take_level(rest);
    if (level == "+" || !has_wildcard(level)) continue;  // [MQTT-4.7.1-2], in 3.1.1 [MQTT-4.7.1-3]
    if (level != "#" || rest) return false;              // [MQTT-4.7.1-1], in 3.1.1 4.7.1-2
  }
  return true;
}

}  // namespace

bool has_wildcard(std::string_view topic) {
  return topic.find('+') != std::string_view::npos || topic.find('#') != std::string_view::npos;
}

bool is_valid_topic_name(std::string_view topic) {
  return has_valid_text(topic) && !has_wildcard(topic);  // [MQTT-4.7.0-1], in 3.1.1 4.7.1-1
}

bool is_valid_topic_filter(std::string_view filter) {
  if (!has_valid_text(filter)) return false;
  if (!is_shared(filter)) return has_valid_wildcards(filter);
  const auto shared = split_shared(filter);
  return shared && has_valid_wildcards(shared->filter);
}

bool matches(std::string_view filter, std::string_view topic) {
  const bool begins_with_wildcard = filter.starts_with('#') || filter.starts_with('+');
  if (begins_with_wildcard && topic.starts_with('$')) return false;  // [MQTT-4.7.2-1]
  std::optional filter_rest = filter;
  std::optional topic_rest = topic;
  while (filter_rest) {
    const auto wanted = take_level(filter_rest);
    if (wanted == "#") return true;  // The parent level too, hence before the next line.
    if (!topic_rest) return false;
    const auto level = take_level(topic_rest);
    if (wanted != "+" && wanted != level) return false;  // Byte for byte [MQTT-4.7.3-4].
  }
  return !topic_rest;
}

bool is_shared(std::string_view filter) { return filter.starts_with(kSharePrefix); }

std::optional<SharedFilter> split_shared(std::string_view filter) {
  if (!is_shared(filter)) return std::nullopt;
  filter.remove_prefix(kSharePrefix.size());
  const auto slash = filter.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const SharedFilter parts{filter.substr(0, slash), filter.substr(slash + 1)};
  if (parts.share_name.empty() || parts.filter.empty()) return std::nullopt;  // [MQTT-4.8.2-1]
  if (has_wildcard(parts.share_name)) return std::nullopt;                    // [MQTT-4.8.2-2]
  return parts;
}

}  // namespace mqtt
