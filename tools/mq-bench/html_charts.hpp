#pragma once

#include <string>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// Latency over the percentile, on the axis that gives every further nine the same room. Empty when
/// there are no latencies.
std::string render_percentile_chart(const Result& result);

/// Rates, latencies, losses and connections over the run's time, one chart each. Those without data
/// are left out.
std::string render_series_charts(const Result& result);

}  // namespace mq_bench
