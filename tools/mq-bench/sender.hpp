#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>

#include "tools/mq-bench/range_set.hpp"
#include "tools/mq-bench/send_times.hpp"

namespace mq_bench {

/// The sending end of a publisher's flows: numbers its messages without gaps and knows which of
/// them belong to the measure phase. Written by the publisher's thread; receivers on others read
/// the atomic part at any time, what became of the messages once is_finished(), and everything when
/// the threads have ended.
class alignas(64) Sender {
 public:
  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

  // The publisher's side.

  /// The next sequence number. Once a message of the measure phase was numbered, all later ones
  /// are.
  std::uint32_t assign(bool is_measured) {
    const std::uint64_t next = assigned_.load(std::memory_order_relaxed);
    if (is_measured && first_measured() == kNone)
      first_measured_.store(next, std::memory_order_relaxed);
    assigned_.store(next + 1, std::memory_order_release);
    return static_cast<std::uint32_t>(next);
  }
  /// The broker refused the message: nobody is owed it.
  void refuse(std::uint64_t sequence) { refused_.insert(sequence, sequence + 1); }
  /// To whom a message is owed that is numbered now.
  std::uint32_t receivers() const { return receivers_.load(std::memory_order_relaxed); }
  /// The next message has left. What follows is kept only where the receiver shares the thread.
  void note_left(mqtt::TimePoint now) {
    if (keeps_times_) times_.add(now);
  }
  void keep_times() { keeps_times_ = true; }
  SendTimes& times() { return times_; }
  void note_reconnect() { has_reconnected_.store(true, std::memory_order_relaxed); }
  /// So many messages left, all are answered, and there will be no more.
  void finish(std::uint64_t sent) {
    sent_ = sent;
    is_finished_.store(true, std::memory_order_release);
  }
  /// Somebody asked for a probe since the last call.
  bool take_probe_wish() {
    return wants_probe_.load(std::memory_order_relaxed) &&
           wants_probe_.exchange(false, std::memory_order_relaxed);
  }

  // For receivers.

  std::uint64_t assigned() const { return assigned_.load(std::memory_order_acquire); }
  std::uint64_t first_measured() const { return first_measured_.load(std::memory_order_relaxed); }
  bool is_measured(std::uint64_t sequence) const { return sequence >= first_measured(); }
  bool has_reconnected() const { return has_reconnected_.load(std::memory_order_relaxed); }
  /// One more who is owed what is sent from now on, or one less.
  void count_receivers(int difference) {
    receivers_.fetch_add(static_cast<std::uint32_t>(difference), std::memory_order_relaxed);
  }
  void wish_probe() { wants_probe_.store(true, std::memory_order_relaxed); }
  bool is_finished() const { return is_finished_.load(std::memory_order_acquire); }
  std::uint64_t sent() const { return sent_; }
  const RangeSet& refused() const { return refused_; }

  // When the threads have ended: the publisher may not have noticed that a message left, but what
  // arrived did.

  void note_arrived_below(std::uint64_t end) { arrived_below_ = std::max(arrived_below_, end); }
  std::uint64_t arrived_below() const { return arrived_below_; }

 private:
  std::atomic<std::uint64_t> assigned_{0};
  std::atomic<std::uint64_t> first_measured_{kNone};
  std::atomic<std::uint32_t> receivers_{0};
  std::atomic<bool> has_reconnected_{false};
  std::atomic<bool> wants_probe_{false};
  std::atomic<bool> is_finished_{false};
  std::uint64_t sent_ = 0;
  std::uint64_t arrived_below_ = 0;
  RangeSet refused_;
  bool keeps_times_ = false;
  SendTimes times_;
};

}  // namespace mq_bench
