#include "tools/mq-bench/tracker.hpp"

#include <algorithm>

namespace mq_bench {

SequenceTracker::Arrival SequenceTracker::arrived(std::uint64_t sequence) {
  if (sequence < floor_) return Arrival::unclassified;
  if (sequence < base_) {
    if (!missing_.erase(sequence)) return Arrival::duplicate;
  } else {
    if (sequence >= base_ + kWindow) slide_to(sequence - kWindow + 1);
    if (is_set(sequence)) return Arrival::duplicate;
    window_.set(sequence % kWindow);
  }
  was_excused_ = excused_.erase(sequence);
  note_order(sequence);
  return Arrival::unique;
}

void SequenceTracker::note_order(std::uint64_t sequence) {
  out_of_order_ = sequence + 1 < end_;
  if (out_of_order_) {
    maximum_displacement_ = std::max(maximum_displacement_, end_ - 1 - sequence);
  } else {
    end_ = sequence + 1;
  }
}

// Numbers that fall out of the window unset are missing from now on; so is everything that a jump
// beyond it passes over, as one range.
void SequenceTracker::slide_to(std::uint64_t base) {
  const std::uint64_t window_end = std::min(base, base_ + kWindow);
  for (std::uint64_t n = base_; n < window_end; ++n) {
    if (!is_set(n)) missing_.insert(n, n + 1);
    window_.reset(n % kWindow);
  }
  missing_.insert(window_end, base);
  base_ = base;
  while (missing_.ranges().size() > kMaximumRanges) {
    const RangeSet::Range oldest = missing_.pop_lowest();
    given_up_ += oldest.end - oldest.first;
    floor_ = oldest.end;
  }
}

bool SequenceTracker::has_arrived(std::uint64_t sequence) const {
  if (sequence >= base_) return sequence < base_ + kWindow && is_set(sequence);
  return sequence >= floor_ && !missing_.contains(sequence);
}

RangeSet SequenceTracker::arrivals() const {
  RangeSet arrivals;
  std::uint64_t at = floor_;
  for (const RangeSet::Range& gap : missing_.ranges()) {
    arrivals.insert(at, gap.first);
    at = gap.end;
  }
  arrivals.insert(at, base_);
  for (std::uint64_t n = base_; n < base_ + kWindow; ++n) {
    if (is_set(n)) arrivals.insert(n, n + 1);
  }
  return arrivals;
}

bool SequenceTracker::excuse(std::uint64_t sequence) {
  if (has_arrived(sequence) || is_excused(sequence)) return false;
  excused_.insert(sequence, sequence + 1);
  return true;
}

std::uint64_t SequenceTracker::lost_in(std::uint64_t first, std::uint64_t end) const {
  std::uint64_t missing = missing_.count_in(first, end);
  if (first < floor_) missing += given_up_;
  const std::uint64_t window_end = std::min(end, base_ + kWindow);
  for (std::uint64_t n = std::max(first, base_); n < window_end; ++n)
    missing += is_set(n) ? 0U : 1U;
  const std::uint64_t beyond = std::max(first, base_ + kWindow);
  if (end > beyond) missing += end - beyond;
  return missing - excused_in(first, end);
}

std::uint64_t SequenceTracker::first_lost_in(std::uint64_t first, std::uint64_t end) const {
  for (const RangeSet::Range& range : missing_.ranges()) {
    for (std::uint64_t n = std::max(first, range.first); n < std::min(end, range.end); ++n) {
      if (!excused_.contains(n)) return n;
    }
  }
  for (std::uint64_t n = std::max(first, base_); n < end; ++n) {
    if (!has_arrived(n) && !excused_.contains(n)) return n;
  }
  return end;
}

}  // namespace mq_bench
