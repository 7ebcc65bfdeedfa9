#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "libmqtt/session/inflight.hpp"
#include "libmqtt/session/message_queue.hpp"
#include "libmqtt/session/packet_ids.hpp"

namespace mqtt {

class Journal;

/// What a server keeps of a client beyond one connection (5.0 §4.1): subscriptions, open
/// handshakes, waiting messages, and the will while it may still be due. Owned by the broker; at
/// most one ServerSession (the present connection) is bound to it at a time.
struct SessionState {
  struct SubscriptionRecord {
    SubscribeOptions options;
    std::uint32_t identifier = 0;
    std::uint32_t share_group = 0;  ///< SharedGroup::id(), when it is a shared one.
  };
  /// Session Expiry Interval "never" (5.0 §3.1.2.11.2); clean_session 0 in 3.x.
  static constexpr std::uint32_t kNoExpiry = 0xFFFF'FFFF;

  SessionKey key;
  Bytes client_id;
  Version version = Version::v5_0;  ///< Of the last connection.
  /// Bytes at the front of every topic that the client does not see: its listener's mount point.
  std::uint16_t topic_prefix = 0;
  std::uint32_t expiry_interval = 0;  ///< Seconds after the connection's end.
  std::map<std::string, SubscriptionRecord, std::less<>>
      subscriptions;  ///< By filter as subscribed.

  PacketIds packet_ids;
  OutgoingFlights outgoing;
  IncomingFlights incoming;
  MessageQueue queue;

  Journal* journal = nullptr;  ///< Null where there is no store.
  std::uint64_t number = 0;    ///< In the journal; 0: nothing of it outlives the server.
  bool is_lasting = false;     ///< All of it outlives the server, not only its will.

  std::unique_ptr<Will> will;
  TimePoint will_due = kNever;           ///< Set while offline with a delayed will.
  TimePoint expires_at = kNever;         ///< Set while offline.
  TimePoint lost_at = TimePoint::min();  ///< When a connection last ended without DISCONNECT.

  bool is_online = false;
  bool wake_pending = false;      ///< A Wake effect is out and not yet drained.
  bool is_congested = false;      ///< Above the high mark and not yet below the low one.
  bool patience_is_over = false;  ///< Publishers have been told not to wait for it any longer.
  bool drop_told = false;         ///< The present episode of drops has been reported.
  TimePoint timer = kNever;       ///< When the broker looks at this session again.
  TimePoint patience_until =
      TimePoint::min();       ///< Until when publishers are held back for this session.
  std::uint64_t dropped = 0;  ///< Messages refused by a full queue, in all.

  // For the journal, where the session lasts.
  void sent(const Delivery& delivery, std::uint16_t packet_id) const;
  void received(const OutgoingFlights::Flight& flight) const;  ///< PUBREC, the first for it.
  void dequeued(const Delivery& delivery) const;
  void arrived(std::uint16_t packet_id) const;
  void released(std::uint16_t packet_id) const;

  /// The connection is gone: open QoS 1/2 handshakes become due again on the next one.
  void connection_lost() {
    outgoing.resume();
    incoming.connection_lost();
  }
  /// Back to how a new session begins; key and client id stay.
  void start_anew() {
    SessionState fresh;
    fresh.key = key;
    fresh.client_id = std::move(client_id);
    fresh.journal = journal;
    *this = std::move(fresh);
  }
};

}  // namespace mqtt
