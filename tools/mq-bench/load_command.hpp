#pragma once

#include "tools/common/option.hpp"
#include "tools/mq-bench/options.hpp"

namespace mq_bench {

/// Puts the load on the broker, as often as asked, judges and tells; the exit code. Everything that
/// can be wrong is found before the first connection.
int run_load(const cli::Tool& tool, const Options& options);

}  // namespace mq_bench
