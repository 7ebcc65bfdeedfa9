#include "libmqtt/session/packet_ids.hpp"

namespace mqtt {

std::optional<std::uint16_t> PacketIds::allocate() {
  // In use by nothing [MQTT-2.2.1-3, 2.2.1-4, 4.3.2-1, 4.3.3-1], in 3.1.1 [MQTT-2.3.1-2, 2.3.1-4].
  const auto packet_id = used_.first_absent(static_cast<std::uint16_t>(last_ + 1));
  if (!packet_id) return std::nullopt;
  used_.insert(*packet_id);
  last_ = *packet_id;
  return packet_id;
}

}  // namespace mqtt
