#pragma once

#include <string>
#include <string_view>

#include "libmqtt/base/bytes.hpp"

namespace mqtt::broker {

/// The longest topic or filter that the standard knows, in bytes.
inline constexpr std::size_t kLongestTopic = 65'535;

/// Whether a text can be put before topics: a topic name of no server-side namespace (`$`), with or
/// without a '/' at its end. Empty: nothing is put before them.
bool is_valid_mount_point(std::string_view text);

/// A valid mount point as it stands before topics: with its '/'.
std::string completed_mount_point(std::string_view text);

/// The whole topic that a client's topic means.
inline Bytes mounted(std::string_view mount_point, Bytes topic) {
  if (mount_point.empty()) return topic;
  return Bytes::concat({as_bytes(mount_point), topic.span()});
}

}  // namespace mqtt::broker
