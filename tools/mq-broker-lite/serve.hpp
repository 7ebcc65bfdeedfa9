#pragma once

#include <vector>

#include "tools/common/option.hpp"
#include "tools/mq-broker-lite/configuration.hpp"

namespace mq_broker_lite {

/// Runs the broker until a signal ends it, and gives the exit code. SIGHUP loads `words` again.
int serve(const cli::Tool& tool, cli::Words words, Configuration configuration);

/// --check-config: reads the files that the configuration names, says what came of it, and gives
/// the exit code.
int check(const cli::Tool& tool, const Configuration& configuration);

}  // namespace mq_broker_lite
