#pragma once

#include <string>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// The tables of the HTML page, each a section of it; empty where there is nothing to tell.

/// What went wrong with connections and messages, and how often.
std::string render_errors(const Result& result);
/// All metrics by percentile.
std::string render_times(const Result& result);
/// The sums that must hold, and what arrived besides what was expected.
std::string render_balance(const Result& result);
/// The runs that the result stands for, with the figures that are compared.
std::string render_runs(const Result& result);
/// Generator, environment, broker and settings.
std::string render_circumstances(const Result& result);

}  // namespace mq_bench
