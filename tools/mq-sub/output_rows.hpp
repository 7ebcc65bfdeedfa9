#pragma once

#include <vector>

#include "tools/common/option.hpp"
#include "tools/mq-sub/options.hpp"
#include "tools/mq-sub/output_format.hpp"

namespace mq_sub {

/// The rows that say what becomes of a message.
std::vector<cli::Option> output_rows(Options& options);
/// What is wrong with them together; empty when nothing is.
cli::Complaint check_output(const Options& options);

/// What a line looks like; nothing at all with --record alone.
OutputFormat output_format(const Options& options);
/// What stands for the message on a screen: no topic and no end.
OutputFormat value_format(const Options& options);
/// How messages are shown on the file descriptor `output`.
Style output_style(const Options& options, int output);

}  // namespace mq_sub
