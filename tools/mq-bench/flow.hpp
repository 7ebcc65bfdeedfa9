#pragma once

#include <cstdint>
#include <optional>

#include "tools/mq-bench/losses.hpp"
#include "tools/mq-bench/result.hpp"
#include "tools/mq-bench/sender.hpp"
#include "tools/mq-bench/tracker.hpp"

namespace mq_bench {

/// The receiving end of the messages of one publisher on their way to one receiver: accounts for
/// what arrives. Lives with the receiver; what was sent stands in the Sender. Nobody is owed what
/// was numbered while the receiver's subscription was not in force, as at the beginning.
class Flow {
 public:
  /// The receiver's subscription came into force, or out of it, when `assigned` messages were
  /// numbered.
  void resume(std::uint64_t assigned);
  void pause(std::uint64_t assigned);

  SequenceTracker::Arrival arrived(std::uint64_t sequence);
  /// Of a message that has just arrived for the first time.
  bool was_owed(std::uint64_t sequence) const {
    return sequence < paused_at_ && !tracker_.was_excused();
  }
  const SequenceTracker& tracker() const { return tracker_; }

  /// Whether all that left has arrived or is owed to nobody. Needs sender.is_finished().
  bool is_complete(const Sender& sender);
  /// Adds what was expected and lost, when all is over.
  void settle(const Sender& sender, Counters& warm, Counters& measure);
  /// After settle().
  Losses::Loss loss(const Sender& sender) const;

 private:
  void excuse(std::uint64_t first, std::uint64_t end);
  void excuse_refused(const Sender& sender);

  SequenceTracker tracker_;
  std::uint64_t unique_ = 0;
  std::uint64_t paused_at_ = 0;  ///< Sender::kNone while the subscription is in force.
  bool knows_refused_ = false;
};

}  // namespace mq_bench
