#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_set>

#include "libmqtt/codec/packet.hpp"

namespace mq_sub {

/// The acknowledgements that wait until their messages have been written, and what has to be
/// remembered so that a QoS 2 message is printed once and its handshake is seen through,
/// connections that break included. Positions are the printer's.
class Acknowledgements {
 public:
  /// A message of QoS 1 or 2 whose text ends at `position`; quietly ignores QoS 0.
  void owe(const mqtt::Publish& message, std::uint64_t position);
  /// Whether this is a QoS 2 message again that was taken on an earlier connection, where its
  /// acknowledgement was never sent. It has to be owed again. Asked once for each message.
  bool is_repeat(const mqtt::Publish& message);

  /// Calls acknowledge(packet_id, qos) for every message written up to `position`, oldest first.
  template <class Acknowledge>
  void settle(std::uint64_t position, Acknowledge acknowledge) {
    while (!owed_.empty() && owed_.front().position <= position) {
      const Owed owed = owed_.front();
      owed_.pop_front();
      if (owed.qos == mqtt::Qos::exactly_once) ++unreleased_;
      acknowledge(owed.packet_id, owed.qos);  // [MQTT-4.6.0-2, 4.6.0-3]
    }
  }
  /// PUBREL came and PUBCOMP was sent: a QoS 2 handshake is complete.
  void released();
  /// A new connection: the server sends again what was not acknowledged on the old one, if it has
  /// kept the session.
  void reconnected(bool is_resumed);

  /// What has not been settled by now will not be: the server keeps it.
  void give_up() { owed_.clear(); }

  /// Nothing is owed, or is to be owed again, and no handshake is open.
  bool is_done() const { return owed_.empty() && taken_.empty() && unreleased_ == 0; }

 private:
  struct Owed {
    std::uint64_t position;
    std::uint16_t packet_id;
    mqtt::Qos qos;
  };
  std::deque<Owed> owed_;
  std::unordered_set<std::uint16_t> taken_;  ///< QoS 2 ids taken on a connection that broke.
  std::size_t unreleased_ = 0;               ///< QoS 2 messages acknowledged and not yet released.
};

}  // namespace mq_sub
