#pragma once

#include <cstdint>
#include <optional>

#include "libmqtt/session/packet_id_set.hpp"

namespace mqtt {

/// Non-zero packet identifiers of one sender [MQTT-2.2.1-3, 2.2.1-4], in 3.1.1
/// [MQTT-2.3.1-2, 2.3.1-4]: each is used at most once at a time; numbers rise and wrap, so that a
/// fresh one is not one that was just in use. Small while few are in use.
class PacketIds {
 public:
  /// The next free identifier; nothing when all 65,535 are in use.
  std::optional<std::uint16_t> allocate();
  /// One that was allocated in an earlier life.
  void restore(std::uint16_t packet_id) {
    used_.insert(packet_id);
    last_ = packet_id;
  }
  void release(std::uint16_t packet_id) { used_.erase(packet_id); }
  bool is_used(std::uint16_t packet_id) const { return used_.contains(packet_id); }
  void clear() { used_.clear(); }

 private:
  PacketIdSet used_;
  std::uint16_t last_ = 0;
};

}  // namespace mqtt
