#pragma once

#include <vector>

#include "tools/mq-bench/options.hpp"

namespace mq_bench {

// What a scenario and the command line say together.

/// Settles what one of them says against the other, where the options are not the same and so do
/// not replace each other by themselves: the command line wins.
void settle_precedence(Options& options);

/// A complaint about options together, which names flags, as those who wrote a scenario know them:
/// "FILE:LINE: KEY". Flags that stand on the command line stay what they are.
cli::Complaint located(const cli::Complaint& complaint, const Options& options,
                       const std::vector<cli::Option>& rows);

}  // namespace mq_bench
