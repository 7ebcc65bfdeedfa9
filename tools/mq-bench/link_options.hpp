#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/base/time.hpp"
#include "tools/mq-bench/schedule.hpp"

namespace mq_bench {

/// How the clients of a load connect and hold on, beyond what the tools share.
struct LinkOptions {
  std::vector<std::string> hosts;    ///< Clients take turns; empty: the connection's.
  std::vector<std::string> sources;  ///< Local addresses, likewise; empty: the system's choice.
  std::optional<Rate> connect_rate;  ///< Where connecting is not what is measured.
  /// A lost connection is tried again after a delay that doubles from one to the other.
  mqtt::Duration reconnect_first = std::chrono::seconds(1);
  mqtt::Duration reconnect_most = std::chrono::seconds(30);
  bool reconnects = true;
  /// A publisher that waits longer for an acknowledgement connects anew; 0: it waits for ever.
  mqtt::Duration ack_timeout = std::chrono::seconds(10);
  mqtt::Duration session{};     ///< How long the broker keeps a session; 0: it ends at once.
  bool queues_offline = false;  ///< Messages due while offline wait instead of being skipped.
};

}  // namespace mq_bench
