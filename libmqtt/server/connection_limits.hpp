#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libmqtt/server/settings.hpp"
#include "libmqtt/server/statistics.hpp"

namespace mqtt::server {

/// Counts the open connections of a server, in all and by each block of listeners, against
/// global_max_connections and max_connections. Counted from accept to the connection's end, whether
/// it has said CONNECT or not.
class ConnectionLimits {
 public:
  enum class Answer : std::uint8_t { welcome, over_listener_limit, over_global_limit };

  explicit ConnectionLimits(std::optional<std::uint32_t> maximum = {}) : maximum_(maximum) {}

  /// One has come by this listener; it counts as open when it is welcome.
  Answer arrived(const ListenerSettings& listener);
  /// One that was welcome has gone.
  void left(const ListenerSettings& listener);

  /// A CONNECT got this answer.
  void count_refusal(ReasonCode reason_code);

  const ConnectionStatistics& statistics() const { return statistics_; }
  ConnectionStatistics& statistics() { return statistics_; }

 private:
  std::optional<std::uint32_t> maximum_;
  std::vector<std::uint32_t> open_;  ///< By ListenerSettings::block.
  ConnectionStatistics statistics_;
};

}  // namespace mqtt::server
