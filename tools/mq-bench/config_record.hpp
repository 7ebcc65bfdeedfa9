#pragma once

#include <map>
#include <string>

#include "tools/mq-bench/options.hpp"

namespace mq_bench {

/// The settings that shape a run's load: two runs with equal records did the same. No credentials,
/// and nothing that only says where the load goes or under which name.
std::map<std::string, std::string> record(const Options& options);

}  // namespace mq_bench
