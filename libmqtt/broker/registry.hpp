#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libmqtt/session/session_state.hpp"

namespace mqtt::broker {

/// Every session of a broker, by client id and by key. Owns them; addresses stay as long as they
/// live.
class Registry {
 public:
  explicit Registry(std::uint16_t shard = 0) : shard_(shard) {}

  /// nullptr when there is none (any more).
  SessionState* find(SessionKey key) {
    if (key.index >= slots_.size()) return nullptr;
    SessionState* state = slots_[key.index].state.get();
    return state != nullptr && state->key == key ? state : nullptr;
  }
  SessionState* find(std::string_view client_id);
  /// A new session for a client id that has none.
  SessionState& create(std::string_view client_id);
  void erase(SessionState& state);
  std::size_t size() const { return by_client_id_.size(); }

  template <class Visit>
  void for_each(Visit visit) {
    for (Slot& slot : slots_)
      if (slot.state) visit(*slot.state);
  }

 private:
  struct Slot {
    std::unique_ptr<SessionState> state;
    std::uint16_t generation = 0;
  };
  std::uint16_t shard_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::string_view, SessionState*> by_client_id_;  ///< Keys lie in the states.
};

}  // namespace mqtt::broker
