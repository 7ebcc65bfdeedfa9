#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "libmqtt/session/change.hpp"

namespace mqtt::broker {

/// What a Broker has to remember while it gets its state back from a store.
struct Restoration {
  std::unordered_map<std::uint64_t, SessionKey> sessions;
  std::unordered_map<std::uint64_t, MessagePtr> messages;
  std::optional<change::Queued> queued;  ///< The last one: a Sent for it may follow.
  std::vector<SessionKey> connected;     ///< When the server ended.
  std::uint64_t last_session = 0;
  std::uint64_t last_message = 0;
};

}  // namespace mqtt::broker
