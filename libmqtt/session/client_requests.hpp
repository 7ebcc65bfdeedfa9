#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libmqtt/base/output.hpp"
#include "libmqtt/session/client_event.hpp"
#include "libmqtt/session/granted_limits.hpp"
#include "libmqtt/session/packet_ids.hpp"

namespace mqtt {

/// A client's SUBSCRIBEs and UNSUBSCRIBEs that await their answer. What the server's CONNACK rules
/// out is answered here with the code that the server would use, and not sent. They end with their
/// connection.
class ClientRequests {
 public:
  explicit ClientRequests(Version version) : version_(version) {}

  void online(const GrantedLimits& limits) { limits_ = limits; }
  /// Unanswered requests are forgotten, their packet ids free again.
  void offline(PacketIds& packet_ids);

  /// `packet_id` has been taken from `packet_ids` for this request.
  void subscribe(Subscribe subscribe, PacketIds& packet_ids, Output& output, ClientEvents& events);
  void unsubscribe(Unsubscribe unsubscribe, PacketIds& packet_ids, Output& output,
                   ClientEvents& events);

  /// Errors: protocol_error when the answer has another number of reason codes than the request.
  Result<void> suback(Suback suback, PacketIds& packet_ids, ClientEvents& events);
  Result<void> unsuback(Unsuback unsuback, PacketIds& packet_ids, ClientEvents& events);

 private:
  struct Pending {
    std::uint16_t packet_id = 0;
    PacketType answer{};
    std::vector<ReasonCode> codes;  ///< One per request; success where the server's is awaited.
  };
  bool fits(const Packet& packet) const;
  /// Forgets the request that such an answer ends; nothing when there is none.
  std::optional<Pending> take(std::uint16_t packet_id, PacketType answer, PacketIds& packet_ids);

  Version version_;
  GrantedLimits limits_;
  std::vector<Pending> pending_;
};

}  // namespace mqtt
