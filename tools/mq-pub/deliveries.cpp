#include "tools/mq-pub/deliveries.hpp"

#include <utility>

namespace mq_pub {

void Deliveries::begin(std::uint64_t token, Message message) {
  open_bytes_ += message.size;
  open_.emplace(token, std::move(message));
}

std::optional<Deliveries::Message> Deliveries::end(std::uint64_t token, bool is_delivered) {
  const auto found = open_.find(token);
  if (found == open_.end()) return std::nullopt;
  Message message = std::move(found->second);
  open_bytes_ -= message.size;
  open_.erase(found);
  ++(is_delivered ? sent_ : refused_);
  return message;
}

}  // namespace mq_pub
