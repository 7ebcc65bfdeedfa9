#include "libmqtt/broker/mount_point.hpp"

#include "libmqtt/broker/topic_limits.hpp"
#include "libmqtt/codec/topic.hpp"

namespace mqtt::broker {

bool is_valid_mount_point(std::string_view text) {
  return text.empty() || (is_valid_topic_name(text) && !text.starts_with('$') &&
                          !has_too_many_levels(text) && text.size() < kLongestTopic);
}

std::string completed_mount_point(std::string_view text) {
  std::string mount_point(text);
  if (!mount_point.empty() && !mount_point.ends_with('/')) mount_point += '/';
  return mount_point;
}

}  // namespace mqtt::broker
