#pragma once

#include <vector>

#include "tools/common/option.hpp"
#include "tools/mq-pub/options.hpp"

namespace mq_pub {

/// The rows that say what becomes of a message on its way: a reply that is waited for, a spool.
std::vector<cli::Option> delivery_rows(Options& options);
/// The rows about the run as a whole.
std::vector<cli::Option> running_rows(Options& options);
/// What is wrong with them together; empty when nothing is. --reply settles the protocol version.
cli::Complaint check_delivery(Options& options);

}  // namespace mq_pub
