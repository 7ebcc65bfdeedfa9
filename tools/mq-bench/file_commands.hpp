#pragma once

#include "tools/common/option.hpp"
#include "tools/mq-bench/options.hpp"

// The subcommands that work on results of earlier runs; each gives the exit code.
namespace mq_bench {

/// The results of a run's shards become one.
int run_merge(const cli::Tool& tool, const Options& options);

/// A result is held against an earlier one.
int run_compare(const cli::Tool& tool, const Options& options);

/// A result is shown again, in whatever forms are asked for; 0 whatever its verdict was.
int run_report(const cli::Tool& tool, const Options& options);

}  // namespace mq_bench
