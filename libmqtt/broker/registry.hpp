#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libmqtt/broker/session.hpp"

namespace mqtt::broker {

/// Every session of a broker, by client id and by key. Owns them; addresses stay as long as they
/// live.
class Registry {
 public:
  explicit Registry(std::uint16_t shard = 0) : shard_(shard) {}

  /// nullptr when there is none (any more).
  Session* find(SessionKey key) {
    if (key.index >= slots_.size()) return nullptr;
    Session* state = slots_[key.index].state.get();
    return state != nullptr && state->key == key ? state : nullptr;
  }
  Session* find(std::string_view client_id);
  /// A new session for a client id that has none.
  Session& create(std::string_view client_id);
  void erase(Session& state);
  std::size_t size() const { return by_client_id_.size(); }

  template <class Visit>
  void for_each(Visit visit) {
    for (Slot& slot : slots_)
      if (slot.state) visit(*slot.state);
  }
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_)
      if (slot.state) visit(std::as_const(*slot.state));
  }

 private:
  struct Slot {
    std::unique_ptr<Session> state;
    std::uint16_t generation = 0;
  };
  std::uint16_t shard_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::string_view, Session*> by_client_id_;  ///< Keys lie in the states.
};

}  // namespace mqtt::broker
