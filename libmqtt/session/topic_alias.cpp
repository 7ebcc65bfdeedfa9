#include "libmqtt/session/topic_alias.hpp"

#include <algorithm>

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
  *this = {};
  maximum_ = maximum;
}

OutgoingTopicAliases::Alias OutgoingTopicAliases::use(const Bytes& topic) {
  if (maximum_ == 0) return {};
  const auto found = places_.find(topic);
  if (found == places_.end()) return compete(topic);
  std::uint8_t& uses = holders_[found->second].uses;
  if (uses < 0xFF) ++uses;
  if (others_) count_one();
  return {static_cast<std::uint16_t>(found->second + 1U), true};
}

/// A topic without an alias.
OutgoingTopicAliases::Alias OutgoingTopicAliases::compete(const Bytes& topic) {
  auto place = static_cast<std::uint16_t>(holders_.size());
  std::uint8_t uses = 1;
  if (place == maximum_) {
    if (!others_) others_.emplace(maximum_);
    uses = others_->add(Hash()(topic));
    count_one();
    place = rarest_of_some();
    if (uses <= holders_[place].uses + 1U) return {};
    places_.erase(holders_[place].topic);
  } else {
    holders_.emplace_back();
  }
  holders_[place] = {topic, uses};
  places_.emplace(topic, place);
  return {static_cast<std::uint16_t>(place + 1U), false};
}

/// A look at all of them for each topic would cost more than aliases save.
std::uint16_t OutgoingTopicAliases::rarest_of_some() {
  constexpr std::size_t kLooks = 8;
  std::uint16_t rarest = hand_;
  for (std::size_t look = 0; look < std::min(kLooks, holders_.size()); ++look) {
    if (holders_[hand_].uses < holders_[rarest].uses) rarest = hand_;
    hand_ = static_cast<std::uint16_t>((hand_ + 1U) % holders_.size());
  }
  return rarest;
}

/// Ages what was counted before the counters of the sketch fill up with topics that came once.
void OutgoingTopicAliases::count_one() {
  if (++counted_ < 4 * others_->size()) return;
  counted_ = 0;
  others_->age();
  for (Holder& holder : holders_) holder.uses /= 2;
}

}  // namespace mqtt
