#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "libmqtt/server/settings.hpp"
#include "tools/common/option.hpp"
#include "tools/mq-broker-lite/options.hpp"

namespace mq_broker_lite {

/// A configuration that can be started: file and command line together, every default filled in.
struct Configuration {
  mqtt::server::ServerSettings settings;
  std::vector<std::string> warnings;  ///< For people, each one line.
  bool is_open_by_default = false;    ///< Anonymous clients come in although nobody said so.
  /// What files said of the keys that a reload does not change, by key.
  std::map<std::string, std::string> fixed;
};

/// The keys that differ and that only a restart puts in force: "max_qos, port"; empty: none.
std::string changed_for_restart(const Configuration& running, const Configuration& read);

/// Reads the file that the words of the command line name, if any, and lets the words win over it.
/// The words have been parsed before. The error is one line that names file and line, or the flag.
std::expected<Configuration, std::string> load(cli::Words words);

}  // namespace mq_broker_lite
