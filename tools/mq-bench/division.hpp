#pragma once

#include "tools/mq-bench/options.hpp"

namespace mq_bench {

/// What keeps a load from being divided among the shards that --shard names; empty: nothing.
cli::Complaint check_division(const Options& options);

}  // namespace mq_bench
