#pragma once

#include <string>

#include "tools/mq-bench/live.hpp"

namespace mq_bench {

/// A run as far as it has come, as a page in Prometheus' text exposition format. Messages of the
/// warm-up are counted with those of the measurement, percentiles are of the latter.
std::string live_metrics(const Live& live);

}  // namespace mq_bench
