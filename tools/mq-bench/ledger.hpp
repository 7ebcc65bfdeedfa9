#pragma once

#include <cstdint>
#include <string>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// The books that all clients of a run write into: what happened to messages and connections, and
/// the histograms. One per loop; nobody else counts.
class Ledger {
 public:
  explicit Ledger(Result& result) : result_(result) {}

  Metrics& metrics() { return result_.metrics; }
  Result& result() { return result_; }
  Counters& counters(bool is_measured) { return is_measured ? result_.measure : result_.warm; }

  /// The measure phase on the wall clock: rates count what happens in it.
  void set_window(TimePoint start, TimePoint end) {
    window_start_ = start;
    window_end_ = end;
  }
  bool in_window(TimePoint now) const { return now >= window_start_ && now < window_end_; }
  TimePoint window_start() const { return window_start_; }
  TimePoint window_end() const { return window_end_; }

  /// The drain is over: what arrives from now on is late and changes no balance.
  void close() { is_closed_ = true; }
  bool is_closed() const { return is_closed_; }

  void note_error(std::string text);

  // Census of the connections.
  std::uint32_t settled = 0;  ///< First attempt has ended, one way or the other.
  std::uint32_t online = 0;
  std::uint32_t over = 0;

 private:
  Result& result_;
  TimePoint window_start_ = mqtt::kNever;
  TimePoint window_end_ = mqtt::kNever;
  bool is_closed_ = false;
};

}  // namespace mq_bench
