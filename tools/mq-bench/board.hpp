#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tools/mq-bench/ledger.hpp"
#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// A run as far as it has come.
struct Snapshot {
  /// What a run that ended now would have found out. Lost are messages that have been due for
  /// longer than the drain and did not come; the series are the last rows.
  Result result = {};
  Phase phase = {};  ///< Its end is when it is meant to end; kNever: nobody knows.
  TimePoint now;
  std::uint64_t connections = 0;  ///< Open now.
  std::uint64_t in_flight = 0;    ///< Sent at QoS 1 or 2 and not answered.

  bool is_measuring() const { return phase.name == "measure" || phase.name == "hold"; }
};

/// Where those who watch a run look at it while it goes on. Each crew puts a copy of its books up
/// a few times a second, and never waits for anybody who reads; readers add them up.
class Board {
 public:
  /// The books of one crew.
  class Sheet {
   public:
    /// A few times a second.
    bool is_due(TimePoint now) const { return now >= next_; }
    void copy(Ledger& ledger, TimePoint now);

   private:
    friend class Board;

    TimePoint next_;  ///< Of the crew's thread only.
    mutable std::mutex mutex_;
    TimePoint copied_;
    Result books_;
    std::uint64_t connections_ = 0;
    std::int64_t missing_ = 0;
    bool has_origin_ = false;
  };

  explicit Board(Duration drain) : drain_(drain) {}

  // For the run.
  /// What was asked for; at the start of each run.
  void describe(Result frame);
  /// For another crew of it; lives as long as the board.
  Sheet& add_sheet();
  void enter(Phase phase);

  Snapshot read(TimePoint now) const;
  Phase phase() const;

 private:
  void add_sheets(Snapshot& snapshot, std::int64_t& missing) const;

  const Duration drain_;
  mutable std::mutex mutex_;
  Result frame_;
  Phase phase_;
  std::vector<std::unique_ptr<Sheet>> sheets_;
};

}  // namespace mq_bench
