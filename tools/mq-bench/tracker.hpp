#pragma once

#include <bitset>
#include <cstdint>

#include "tools/mq-bench/range_set.hpp"

namespace mq_bench {

/// Watches the sequence numbers that one receiver gets from one publisher and says of every number
/// whether it came, came again, or is missing. The newest 1024 numbers stand in a bitmap; of older
/// ones only the missing are remembered, as ranges. Memory is bounded: beyond kMaximumRanges
/// separate gaps the oldest are given up as missing and is_exact() becomes false.
class SequenceTracker {
 public:
  static constexpr std::uint64_t kWindow = 1024;
  static constexpr std::size_t kMaximumRanges = 65'536;

  enum class Arrival {
    unique,
    duplicate,
    unclassified,  ///< Too old: below the first number watched or among given-up gaps.
  };

  /// Numbers below `first` are not watched.
  explicit SequenceTracker(std::uint64_t first = 0) : base_(first), floor_(first) {}

  Arrival arrived(std::uint64_t sequence);
  bool has_arrived(std::uint64_t sequence) const;
  /// All numbers that arrived, but for those among given-up gaps.
  RangeSet arrivals() const;

  /// The number is not owed by the network (nobody could receive it, or it was refused): unless it
  /// arrives all the same, it is excused from being lost. False: nothing has changed.
  bool excuse(std::uint64_t sequence);
  bool is_excused(std::uint64_t sequence) const { return excused_.contains(sequence); }

  /// Numbers in [first, end) that have not arrived and are not excused.
  std::uint64_t lost_in(std::uint64_t first, std::uint64_t end) const;
  std::uint64_t excused_in(std::uint64_t first, std::uint64_t end) const {
    return excused_.count_in(first, end);
  }
  /// The lowest number in [first, end) that lost_in() counts; `end` when there is none.
  std::uint64_t first_lost_in(std::uint64_t first, std::uint64_t end) const;

  /// Whether the last unique arrival came after a higher number, and by how much at most so far.
  bool was_out_of_order() const { return out_of_order_; }
  std::uint64_t maximum_displacement() const { return maximum_displacement_; }
  /// Whether the last unique arrival was excused until then.
  bool was_excused() const { return was_excused_; }
  /// One past the highest number that arrived.
  std::uint64_t end() const { return end_; }
  bool is_exact() const { return given_up_ == 0; }

 private:
  void slide_to(std::uint64_t base);
  void note_order(std::uint64_t sequence);
  bool is_set(std::uint64_t sequence) const { return window_.test(sequence % kWindow); }

  std::bitset<kWindow> window_;  ///< Bit n % kWindow: number n of [base_, base_ + kWindow) arrived.
  std::uint64_t base_;
  std::uint64_t floor_;         ///< Below it nothing is known number by number.
  std::uint64_t given_up_ = 0;  ///< Missing numbers below floor_.
  RangeSet missing_;            ///< In [floor_, base_).
  RangeSet excused_;
  std::uint64_t end_ = 0;
  std::uint64_t maximum_displacement_ = 0;
  bool out_of_order_ = false;
  bool was_excused_ = false;
};

}  // namespace mq_bench
