#pragma once

#include <vector>

#include "tools/common/option.hpp"
#include "tools/common/output_format.hpp"
#include "tools/mq-sub/options.hpp"

namespace mq_sub {

/// The rows that say what becomes of a message.
std::vector<cli::Option> output_rows(Options& options);
/// What is wrong with them together; empty when nothing is.
cli::Complaint check_output(const Options& options);

/// What a line looks like; nothing at all with --record alone.
cli::OutputFormat output_format(const Options& options);

}  // namespace mq_sub
