#pragma once

#include <string>
#include <vector>

#include "tools/common/option.hpp"
#include "tools/mq-broker-lite/configuration.hpp"

namespace mq_broker_lite {

/// How the program was started.
struct Invocation {
  std::vector<std::string> words;  ///< Of the command line: SIGHUP loads them again.
  int parent = 0;                  ///< The process that did it, asked for as early as possible.
};

/// Runs the broker until a signal ends it, and gives the exit code.
int serve(const cli::Tool& tool, const Invocation& invocation, Configuration configuration);

/// --check-config: reads the files that the configuration names, says what came of it, and gives
/// the exit code.
int check(const cli::Tool& tool, const Configuration& configuration);

}  // namespace mq_broker_lite
