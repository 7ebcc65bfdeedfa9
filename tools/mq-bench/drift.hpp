#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

// How the end of a run differs from its beginning: the last quarter of the measure phase from the
// first, by the series. Nothing where the phase has fewer than eight rows.

/// How much later messages came: by a percentile. Nothing where a quarter has too few samples.
std::optional<Duration> drift(const Result& result, Percentile percentile);

/// How much faster or slower messages left or came: the difference of the rates, without sign.
std::optional<double> rate_drift(const Result& result, std::uint64_t Series::Row::*count);

/// How much more memory the generator itself took, in bytes; of several shards together. Nothing
/// where it is not known.
std::optional<double> memory_growth(const Result& result);

/// What there is to say about that growth; empty: nothing. Only memory that grew all the time tells
/// of a leak: what is taken once, as by a longer queue, is not.
std::string memory_warning(const Result& result);

}  // namespace mq_bench
