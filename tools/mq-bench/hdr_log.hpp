#pragma once

#include <string>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// A histogram in HdrHistogram's compressed V2 form. Samples below zero have no place in it.
std::string hdr_bytes(const Histogram& histogram);

/// All histograms of a run as an interval log of HdrHistogram, a line and a tag for each metric.
/// Times in it are seconds since the run began, maxima milliseconds.
std::string render_hdr_log(const Result& result);

}  // namespace mq_bench
