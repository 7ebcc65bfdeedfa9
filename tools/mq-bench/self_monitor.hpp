#pragma once

#include <algorithm>
#include <cstdint>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// The memory that this process takes up, of all threads.
std::uint64_t resident_bytes();

/// Watches the generator while it measures: what it cost this thread, and how late its loop was.
class SelfMonitor {
 public:
  void begin(TimePoint now);
  /// The loop served something that was due `lag` ago.
  void note_lag(Duration lag) {
    if (is_running_) lag_max_ = std::max(lag_max_, lag);
  }
  void end(TimePoint now);
  bool is_running() const { return is_running_; }

  /// While it is running: as if it ended now.
  SelfStats so_far(TimePoint now) const;
  const SelfStats& stats() const { return stats_; }

 private:
  SelfStats stats_;
  Duration lag_max_{};
  TimePoint start_;
  Duration cpu_at_start_{};
  std::uint64_t switches_at_start_ = 0;
  bool is_running_ = false;
};

}  // namespace mq_bench
