#include "tools/mq-bench/flow.hpp"

#include <algorithm>

namespace mq_bench {

std::uint32_t Flow::assign(bool is_measured) {
  if (is_measured && first_measured_ > next_) first_measured_ = next_;
  return next_++;
}

SequenceTracker::Arrival Flow::arrived(std::uint64_t sequence) {
  const auto arrival = tracker_.arrived(sequence);
  if (arrival == SequenceTracker::Arrival::unique) ++unique_;
  return arrival;
}

bool Flow::is_complete(std::uint64_t sent) const {
  return unique_ + tracker_.excused_in(0, sent) >= sent;
}

void Flow::settle(std::uint64_t sent, Counters& warm, Counters& measure) const {
  const std::uint64_t split = std::min(first_measured_, sent);
  warm.expected += split - tracker_.excused_in(0, split);
  warm.lost += tracker_.lost_in(0, split);
  measure.expected += sent - split - tracker_.excused_in(split, sent);
  measure.lost += tracker_.lost_in(split, sent);
}

std::optional<std::uint64_t> Flow::first_lost(std::uint64_t sent) const {
  const std::uint64_t sequence = tracker_.first_lost_in(0, sent);
  return sequence < sent ? std::optional(sequence) : std::nullopt;
}

}  // namespace mq_bench
