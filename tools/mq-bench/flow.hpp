#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "tools/mq-bench/result.hpp"
#include "tools/mq-bench/tracker.hpp"

namespace mq_bench {

/// The messages of one publisher on their way to one receiver: numbers them without gaps, knows
/// which belong to the measure phase, and accounts for what arrives.
class Flow {
 public:
  /// The next sequence number. Once a message of the measure phase was numbered, all later ones
  /// are.
  std::uint32_t assign(bool is_measured);
  std::uint32_t assigned() const { return next_; }
  bool is_measured(std::uint64_t sequence) const { return sequence >= first_measured_; }

  /// Whether the receiver's subscription is in force: else nobody owes it the message.
  void set_live(bool is_live) { is_live_ = is_live; }
  bool is_live() const { return is_live_; }
  /// False: it has come already, or nobody owed it.
  bool excuse(std::uint64_t sequence) { return tracker_.excuse(sequence); }

  SequenceTracker::Arrival arrived(std::uint64_t sequence);
  const SequenceTracker& tracker() const { return tracker_; }

  /// Whether all of the first `sent` messages arrived or are excused.
  bool is_complete(std::uint64_t sent) const;
  /// Adds what was expected and lost of the first `sent` messages.
  void settle(std::uint64_t sent, Counters& warm, Counters& measure) const;
  std::optional<std::uint64_t> first_lost(std::uint64_t sent) const;

 private:
  SequenceTracker tracker_;
  std::uint32_t next_ = 0;
  std::uint64_t first_measured_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t unique_ = 0;
  bool is_live_ = false;
};

}  // namespace mq_bench
