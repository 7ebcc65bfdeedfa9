#pragma once

#include "libmqtt/server/statistics.hpp"

namespace mqtt::server {

/// What this process uses at the moment; heap_maximum is the larger of `heap_maximum` and now.
/// Reads /proc and walks the allocator's free lists: for every few seconds, not for every message.
ProcessStatistics read_process_usage(std::uint64_t heap_maximum);

}  // namespace mqtt::server
