#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/mq-bench/options.hpp"
#include "tools/mq-bench/source_addresses.hpp"

namespace mq_bench {

/// What this machine has to give to a load generator. Zero, or empty: could not be found out.
struct Machine {
  std::uint64_t descriptors = 0;       ///< Open files a process may have (the soft limit).
  std::uint64_t descriptors_hard = 0;  ///< What it may raise that to.
  std::uint64_t first_port = 0;        ///< Of those for outgoing connections; inclusive.
  std::uint64_t last_port = 0;
  std::uint64_t tracked_connections = 0;  ///< What the packet filter can follow, if it does.
  std::uint64_t memory_bytes = 0;         ///< Available.
  double cores = 0;                       ///< Those a container may use, where it is held shorter.
  std::string clock_source = {};
  std::string governor = {};                         ///< Of the first processor's frequency.
  mqtt::Duration clock_cost{};                       ///< Of reading the clock once.
  mqtt::Duration wake_up_p99{};                      ///< How late a sleep of a millisecond ends.
  std::optional<RefusedSource> refused_source = {};  ///< Of those that are to be connected from.
};

Machine read_machine(const std::vector<std::string>& sources);
/// Clock and timer too, which takes a tenth of a second.
void measure(Machine& machine);

/// What a load asks of the machine.
struct Needs {
  std::uint64_t connections = 1;
  std::uint64_t sources = 1;  ///< Local addresses to connect from.
  bool names_sources = false;
  std::uint64_t targets = 1;  ///< Addresses and ports of the broker.
  bool uses_ports = true;     ///< Not so over a Unix socket.
  bool uses_tls = false;
  double rate = 0;  ///< Messages or connections a second.
};
Needs needs_of(const Options& options);

/// One thing that was looked at.
struct Finding {
  enum class Grade { good, doubtful, impossible };
  Grade grade = Grade::good;
  std::string subject;  ///< "open files".
  std::string text;     ///< What is needed and what there is.
  std::string fix;      ///< A command line, or what to do; empty when all is well.
};
std::vector<Finding> examine(const Needs& needs, const Machine& machine);

/// The first thing that makes the load impossible, with its fix, in one line; else empty.
std::string impossibility(const std::vector<Finding>& findings);

/// What `mq-bench check` prints.
std::string render(const std::vector<Finding>& findings);

}  // namespace mq_bench
