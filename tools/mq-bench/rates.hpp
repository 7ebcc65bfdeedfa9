#pragma once

#include <span>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// Events by the wall clock, a second, all over the same window.
struct Rates {
  Duration window{};
  double offered = 0;
  double sent = 0;
  double received = 0;
};

/// Over the measure phase. Of several shards over those whole seconds of it, counted from each
/// one's start, that all of them measured at the same time: so no rate has part of the shards in
/// it. Where there is no such second, over each one's own phase.
Rates rates_of(const Result& result);

/// The rows of the series that lie in the measure phase as a whole; in that of all shards.
std::span<const Series::Row> measured_rows(const Result& result);

}  // namespace mq_bench
