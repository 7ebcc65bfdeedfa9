#include "libmqtt/broker/registry.hpp"

namespace mqtt::broker {

Session* Registry::find(std::string_view client_id) {
  const auto found = by_client_id_.find(client_id);
  return found == by_client_id_.end() ? nullptr : found->second;
}

Session& Registry::create(std::string_view client_id) {
  std::uint32_t index = 0;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Slot& slot = slots_[index];
  slot.state = std::make_unique<Session>();
  slot.state->key = {.shard = shard_, .generation = ++slot.generation, .index = index};
  slot.state->client_id = Bytes::copy(client_id);
  by_client_id_.emplace(slot.state->client_id.view(), slot.state.get());
  return *slot.state;
}

void Registry::erase(Session& state) {
  const std::uint32_t index = state.key.index;
  by_client_id_.erase(state.client_id.view());
  slots_[index].state.reset();
  free_.push_back(index);
}

}  // namespace mqtt::broker
