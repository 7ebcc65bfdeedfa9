#pragma once

#include <string>
#include <vector>

#include "tools/common/option.hpp"
#include "tools/mq-pub/options.hpp"

namespace mq_pub {

/// The rows that say what is published: where it comes from, to which topics, and how.
std::vector<cli::Option> message_rows(Options& options);
/// What is wrong with them together; empty when nothing is.
cli::Complaint check_message(const Options& options);

/// One more topic to publish to.
cli::Complaint add_topic(std::vector<std::string>& topics, const std::string& word);

}  // namespace mq_pub
