#pragma once

#include <optional>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// How much later messages came at the end of a run than at its beginning: a percentile of the last
/// quarter of the measure phase minus that of the first quarter, from the series. Nothing when a
/// quarter has too few samples for the percentile, or the phase fewer than eight rows.
std::optional<Duration> drift(const Result& result, Percentile percentile);

}  // namespace mq_bench
