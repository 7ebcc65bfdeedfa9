#pragma once

#include <cstdint>

#include "libmqtt/base/output.hpp"
#include "libmqtt/session/client_event.hpp"
#include "libmqtt/session/inflight.hpp"
#include "libmqtt/session/topic_alias.hpp"

namespace mqtt {

/// The messages that one client receives: resolves their topics, hands each QoS 2 one on once, and
/// acknowledges at once or, with manual acknowledgement, when its owner says so. The ids of QoS 2
/// messages outlive connections with the session; a message that the owner has not acknowledged
/// does not: the server has it still and sends it again.
class ClientInbox {
 public:
  /// Takes Receive Maximum and Topic Alias Maximum from what CONNECT announces.
  ClientInbox(const Connect& connect, bool manual_acknowledgement);

  /// CONNACK came; without its session the server begins anew with packet ids.
  void online(bool is_resumed);
  void offline();

  Result<void> publish(Publish publish, Output& output, ClientEvents& events);
  void pubrel(const Pubrel& pubrel, Output& output, ClientEvents& events);
  /// Nothing happens for an id that awaits no acknowledgement on this connection.
  void acknowledge(std::uint16_t packet_id, ReasonCode reason_code, Output& output);

 private:
  void answer(std::uint16_t packet_id, Qos qos, ReasonCode reason_code, Output& output);

  Version version_;
  bool manual_acknowledgement_;
  std::uint16_t topic_alias_maximum_;
  IncomingTopicAliases aliases_;
  IncomingFlights flights_;
  PacketIdSet unacknowledged_qos1_;  ///< With manual acknowledgement: the owner's turn.
  PacketIdSet unacknowledged_qos2_;
};

}  // namespace mqtt
