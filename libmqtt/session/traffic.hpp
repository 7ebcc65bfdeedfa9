#pragma once

#include <cstdint>

namespace mqtt {

/// What went over the connections of one broker, counted by their ServerSessions. "Published" bytes
/// are payloads.
struct Traffic {
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t packets_received = 0;  ///< Control Packets of any type.
  std::uint64_t packets_sent = 0;
  std::uint64_t publishes_received = 0;
  std::uint64_t publishes_sent = 0;
  std::uint64_t published_bytes_received = 0;
  std::uint64_t published_bytes_sent = 0;
  std::uint64_t expired = 0;                  ///< Messages that were too old to be sent.
  std::uint64_t over_client_packet_size = 0;  ///< Messages too large for what the client takes.

  // Connections that broke a limit and were ended for it.
  std::uint64_t over_packet_size = 0;
  std::uint64_t over_receive_maximum = 0;
  std::uint64_t over_keep_alive = 0;
  std::uint64_t over_connect_timeout = 0;
};

}  // namespace mqtt
