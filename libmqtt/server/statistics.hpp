#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "libmqtt/broker/statistics.hpp"

namespace mqtt::server {

/// Connections of a server, counted where they come in.
struct ConnectionStatistics {
  std::uint64_t open = 0;                   ///< Now.
  std::uint64_t accepted = 0;               ///< Sockets, whatever they spoke.
  std::uint64_t over_listener_limit = 0;    ///< Sockets closed for max_connections ...
  std::uint64_t over_global_limit = 0;      ///< ... and for global_max_connections.
  std::uint64_t not_authorized = 0;         ///< CONNECTs refused for their credentials ...
  std::uint64_t authentication_method = 0;  ///< ... for a method that is not known ...
  std::uint64_t busy = 0;           ///< ... and because too many passwords waited to be checked.
  std::uint64_t accept_errors = 0;  ///< Times that accepting rested.
};

struct LogStatistics {
  std::uint64_t suppressed = 0;  ///< Lines left out by LogQuota.
  std::uint64_t lost = 0;        ///< Lines that a destination did not take.
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
  broker::BrokerStatistics broker;
  LogStatistics log;
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
