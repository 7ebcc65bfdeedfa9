#include "tools/mq-bench/flow.hpp"

#include <algorithm>
#include <utility>

namespace mq_bench {

void Flow::resume(std::uint64_t assigned) {
  excuse(paused_at_, assigned);
  paused_at_ = Sender::kNone;
}

void Flow::pause(std::uint64_t assigned) {
  if (paused_at_ == Sender::kNone) paused_at_ = assigned;
}

void Flow::excuse(std::uint64_t first, std::uint64_t end) {
  for (std::uint64_t sequence = first; sequence < end; ++sequence) tracker_.excuse(sequence);
}

void Flow::excuse_refused(const Sender& sender) {
  if (std::exchange(knows_refused_, true)) return;
  for (const RangeSet::Range& range : sender.refused().ranges()) excuse(range.first, range.end);
}

SequenceTracker::Arrival Flow::arrived(std::uint64_t sequence) {
  const auto arrival = tracker_.arrived(sequence);
  if (arrival == SequenceTracker::Arrival::unique) ++unique_;
  return arrival;
}

bool Flow::is_complete(const Sender& sender) {
  excuse_refused(sender);
  const std::uint64_t sent = sender.sent();
  if (paused_at_ < sent) return tracker_.lost_in(0, paused_at_) == 0;
  return unique_ + tracker_.excused_in(0, sent) >= sent;
}

void Flow::settle(const Sender& sender, Counters& warm, Counters& measure) {
  const std::uint64_t sent = sender.sent();
  excuse_refused(sender);
  if (paused_at_ < sent) resume(sent);
  const std::uint64_t split = std::min(sender.first_measured(), sent);
  warm.expected += split - tracker_.excused_in(0, split);
  warm.lost += tracker_.lost_in(0, split);
  measure.expected += sent - split - tracker_.excused_in(split, sent);
  measure.lost += tracker_.lost_in(split, sent);
}

Losses::Loss Flow::loss(const Sender& sender) const {
  return {tracker_.lost_in(0, sender.sent()), tracker_.first_lost_in(0, sender.sent())};
}

}  // namespace mq_bench
