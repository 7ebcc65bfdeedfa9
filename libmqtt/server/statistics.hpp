#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "libmqtt/broker/broker.hpp"

namespace mqtt::server {

/// Connections of a server, counted where they come in.
struct ConnectionStatistics {
  std::uint64_t open = 0;                 ///< Now.
  std::uint64_t accepted = 0;             ///< Sockets, whatever they spoke.
  std::uint64_t established = 0;          ///< CONNECTs that were answered with success.
  std::uint64_t refused = 0;              ///< CONNECTs that were not.
  std::uint64_t over_listener_limit = 0;  ///< Sockets closed for max_connections ...
  std::uint64_t over_global_limit = 0;    ///< ... and for global_max_connections.
  std::uint64_t accept_errors = 0;        ///< Times that accepting rested, out of descriptors.
  std::uint64_t failed = 0;               ///< Connections ended for what the client sent, or not.
};

struct ClientStatistics {
  std::uint64_t connected = 0;
  std::uint64_t total = 0;    ///< Sessions, offline ones included.
  std::uint64_t maximum = 0;  ///< Most that were connected at a time.
};

/// What the process uses of the machine.
struct ProcessStatistics {
  std::uint64_t heap_bytes = 0;
  std::uint64_t heap_maximum = 0;  ///< Of the readings so far.
  std::uint64_t resident_bytes = 0;
  std::uint64_t cpu_milliseconds = 0;
  std::uint64_t open_descriptors = 0;
};

/// One reading of everything that is counted: what $SYS, /metrics and SIGUSR1 show.
struct Statistics {
  ConnectionStatistics connections;
  ClientStatistics clients;
  broker::BrokerStatistics broker;
  std::uint64_t subscriptions = 0;
  std::uint64_t retained_messages = 0;
  ProcessStatistics process;
  std::uint64_t uptime_seconds = 0;
};

/// One value, under its names in $SYS (below "$SYS/broker/") and in Prometheus' format. Either may
/// be empty: it is not shown there. Rows with the same metric stand together and differ in `label`.
struct StatisticRow {
  std::string_view topic;
  std::string_view metric;
  std::string_view label;  ///< `reason="packet_size"`.
  std::string_view help;
  std::uint64_t (*value)(const Statistics&);
};
std::span<const StatisticRow> statistic_rows();

/// A counter of which $SYS shows load averages: "load/messages/received".
struct LoadRow {
  std::string_view topic;
  std::uint64_t (*value)(const Statistics&);
};
std::span<const LoadRow> load_rows();

}  // namespace mqtt::server
