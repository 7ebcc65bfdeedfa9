#include "tools/mq-pub/deliveries.hpp"

#include <utility>

namespace mq_pub {

void Deliveries::begin(std::uint64_t token, mqtt::Bytes topic, std::size_t size) {
  open_.emplace(token, Open{std::move(topic), size});
  open_bytes_ += size;
}

std::optional<mqtt::Bytes> Deliveries::end(std::uint64_t token, bool is_delivered) {
  const auto found = open_.find(token);
  if (found == open_.end()) return std::nullopt;
  mqtt::Bytes topic = std::move(found->second.topic);
  open_bytes_ -= found->second.size;
  open_.erase(found);
  ++(is_delivered ? sent_ : refused_);
  return topic;
}

}  // namespace mq_pub
