#include "libmqtt/session/topic_alias.hpp"

namespace mqtt {

void IncomingTopicAliases::start(std::uint16_t maximum) {
  topics_ = {};
  maximum_ = maximum;
}

Result<void> IncomingTopicAliases::resolve(Publish& publish) {
  const auto alias =
      publish.properties.empty() ? std::nullopt : publish.properties.find(property::topic_alias);
  if (!alias) {
    if (publish.topic.empty()) return fail(ReasonCode::protocol_error, "PUBLISH without a topic");
    return {};
  }
  if (*alias == 0 || *alias > maximum_)  // All others are taken [MQTT-3.3.2-10, 3.3.2-12].
    return fail(ReasonCode::topic_alias_invalid, "topic alias out of range");
  if (publish.topic.empty()) {
    if (*alias > topics_.size() || topics_[*alias - 1u].empty())
      return fail(ReasonCode::protocol_error, "topic alias was never set");
    publish.topic = topics_[*alias - 1u];
    return {};
  }
  if (*alias > topics_.size()) topics_.resize(*alias);
  topics_[*alias - 1u] = publish.topic;
  return {};
}

void OutgoingTopicAliases::start(std::uint16_t maximum) {
  aliases_ = {};
  maximum_ = maximum;
}

OutgoingTopicAliases::Alias OutgoingTopicAliases::use(const Bytes& topic) {
  if (maximum_ == 0) return {};
  const auto found = aliases_.find(topic);
  if (found != aliases_.end()) return {found->second, true};
  if (aliases_.size() >= maximum_) return {};
  const auto value = static_cast<std::uint16_t>(aliases_.size() + 1);
  aliases_.emplace(topic, value);
  return {value, false};
}

}  // namespace mqtt
