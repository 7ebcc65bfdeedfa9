#pragma once

#include <string>

#include "tools/mq-bench/histogram.hpp"

namespace mq_bench {

/// Events by the length of the window they were counted in; 0 where there was no window.
double per_second(std::uint64_t count, Duration window);

/// "2.9ms"; "n/a" where too few samples speak for it, "∞" among the lost.
std::string quantile_text(const Quantile& quantile);

}  // namespace mq_bench
