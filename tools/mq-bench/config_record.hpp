#pragma once

#include <map>
#include <string>

#include "tools/mq-bench/options.hpp"

namespace mq_bench {

/// The settings that shape a run's load: two runs with equal records did the same, and spoke to the
/// broker the same way. No credentials, and nothing that only says where the load goes or under
/// which name.
std::map<std::string, std::string> record(const Options& options);

/// Where the load goes: "mqtts://a:8883 mqtts://b:8883", each host once.
std::string broker_url(const Options& options);

}  // namespace mq_bench
