#pragma once

#include <cstdint>
#include <string>

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
  /// What every client id must begin with.
  std::string client_id_prefix = {};
  /// Begins the client ids given to clients that bring none.
  std::string auto_id_prefix = "auto-";
  /// Seeds those ids; the driver passes something random.
  std::uint64_t seed = 0;
};

}  // namespace mqtt::broker
