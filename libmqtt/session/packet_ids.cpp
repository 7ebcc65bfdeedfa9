#include "libmqtt/session/packet_ids.hpp"

namespace mqtt {

std::optional<std::uint16_t> PacketIds::allocate() {
  const auto packet_id = used_.first_absent(static_cast<std::uint16_t>(last_ + 1));
  if (!packet_id) return std::nullopt;
  used_.insert(*packet_id);
  last_ = *packet_id;
  return packet_id;
}

}  // namespace mqtt
