#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/mq-bench/options.hpp"

namespace mq_bench {

/// The settings that shape a run's load, in a fixed order: two runs with equal records did the
/// same. No credentials, and nothing that only says where the load goes or under which name.
std::vector<std::pair<std::string_view, std::string>> record(const Options& options);

}  // namespace mq_bench
