#pragma once

#include <string>

#include "tools/mq-bench/environment.hpp"
#include "tools/mq-bench/result.hpp"
#include "tools/mq-bench/verdict.hpp"

namespace mq_bench {

/// The summary for people: several lines, each ended by a line feed; the first says whether the run
/// is valid.
std::string render_text(const Result& result, const Verdict& verdict);

/// The same and more as one JSON object of schema "mq-bench/1", on one line.
std::string render_json(const Result& result, const Verdict& verdict,
                        const Environment& environment);

}  // namespace mq_bench
