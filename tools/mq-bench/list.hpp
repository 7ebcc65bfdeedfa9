#pragma once

#include <expected>
#include <string>

#include "tools/mq-bench/options.hpp"

namespace mq_bench {

/// What `mq-bench list` prints: all presets with what they do, or the text of the one that is
/// named. The error is a usage error.
std::expected<std::string, std::string> list(const Options& options);

}  // namespace mq_bench
