#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "libmqtt/broker/client_context.hpp"
#include "libmqtt/session/backlog.hpp"
#include "libmqtt/session/message_queue.hpp"
#include "libmqtt/session/server_session.hpp"

namespace mqtt::broker {

/// How many copies a client gets of a message that several of its subscriptions match.
enum class Overlap : std::uint8_t {
  by_identifier,  ///< One per distinct subscription identifier; in 3.1.1 one.
  single,         ///< One, with all identifiers.
};

struct BrokerOptions {
  Overlap overlap = Overlap::by_identifier;
  ServerLimits limits = {};
  QueueLimits queue = {};
  /// How long publishers may be held back for a connected receiver whose queue is more than half
  /// full, and for one whose connection was lost and may be back in a moment. After that it loses
  /// what its queue can't take, and nobody waits for it.
  Duration patience_online = Seconds(1);
  Duration patience_offline = Seconds(3);
  /// Longest Keep Alive in seconds; 0: as the client likes. 5.0 clients that ask for more, or for
  /// none, are told this one; older ones can't be told and are refused.
  std::uint16_t maximum_keep_alive = 0;
  /// Sessions, offline ones included (global_max_clients); a client that has none is refused then.
  /// 0: no limit.
  std::size_t maximum_clients = 0;
  /// Bytes of memory that one client may make us hold: half of them for what it has sent of a
  /// packet that is not whole (so its packets are limited to that, but never to less than 1 KiB),
  /// half for what waits for it or is in flight to it. 0: no limit.
  std::size_t memory_per_client = 0;
  /// Largest payload that is routed (message_size_limit); a larger one is answered with 0x83 and
  /// dropped. 0: no limit.
  std::size_t maximum_payload = 0;
  /// Longest time that an offline session is kept (persistent_client_expiration), whatever the
  /// client asked for; 5.0 clients are told. 0: no limit.
  Seconds maximum_session_expiry = Seconds(0);
  /// QoS 0 messages wait for offline sessions as well, and count among QueueLimits::messages.
  bool queue_qos0_messages = false;
  /// Messages are delivered at the QoS of the subscription even if they were published at a lower
  /// one. Not what the standard says.
  bool upgrade_outgoing_qos = false;
  /// A retained message is not sent (any more) when the client that published it may not write to
  /// its topic by now.
  bool check_retain_source = true;
  /// How often expired retained messages are looked for at most. 0: once a second.
  Seconds retain_expiry_interval = Seconds(0);
  /// Whether a journal is kept, for a store: sessions and retained messages last.
  bool has_store = false;
  /// With a store: what of the queues of sessions that last is held in memory.
  BacklogLimits backlog = {};
  /// What every client id must begin with.
  std::string client_id_prefix = {};
  /// Whether a client may leave its id to the server.
  bool allow_zero_length_client_id = true;
  /// Begins the client ids given to clients that bring none.
  std::string auto_id_prefix = "auto-";
  /// Seeds those ids; the driver passes something random.
  std::uint64_t seed = 0;
};

}  // namespace mqtt::broker
