#pragma once

#include <array>
#include <cstdint>

#include "tools/mq-bench/series.hpp"

namespace mq_bench {

/// Writes a Series while the run goes on. A row is complete, with its latencies, when the next one
/// has begun. Before begin() nothing is recorded. Costs no allocation a message.
class SeriesRecorder {
 public:
  explicit SeriesRecorder(Series& series) : series_(series) {}

  /// The run begins.
  void begin(TimePoint now);
  /// Connecting is over: the next row begins at `origin`, which is second 0. The recorders of a run
  /// all get the same one.
  void set_origin(TimePoint origin);
  /// To be called now and then, so that seconds without messages have their rows too.
  void advance(TimePoint now) {
    if (now >= row_end_) next_row(now);
  }
  /// How many there are from now on.
  void set_connections(std::uint32_t connections) { connections_ = connections; }
  /// How much there is from now on, in bytes: one recorder of a process is told.
  void set_memory(std::uint64_t bytes) { memory_ = bytes; }
  /// When the next row begins; kNever: nothing is recorded yet.
  TimePoint row_end() const { return row_end_; }
  bool has_origin() const { return has_origin_; }
  /// In all rows together.
  std::int64_t missing() const { return missing_; }
  /// The last row is complete as well; further ones may follow.
  void flush();

  void note_offered(TimePoint now) {
    advance(now);
    ++row_->offered;
  }
  void note_sent(TimePoint now) {
    advance(now);
    ++row_->sent;
  }
  void note_received(TimePoint now) {
    advance(now);
    ++row_->received;
  }
  void note_latency(TimePoint now, Duration latency) {
    advance(now);
    ++counts_[CoarseBuckets::index_of(latency)];
    max_ = std::max(max_, latency);
  }
  /// So many receivers are owed the message that was due then; -1: one less, it has come or is
  /// excused. `due` may be rounded down to microseconds.
  void owe(TimePoint due, std::int64_t receivers) {
    missing_ += receivers;
    (due >= row_start_ && due < row_end_ ? *row_ : row_at(due)).missing += receivers;
  }

 private:
  void open_row(TimePoint now);
  void next_row(TimePoint now);
  std::int64_t number_at(TimePoint time) const;
  Series::Row& row_at(TimePoint due);

  Series& series_;
  Series::Row unrecorded_;           ///< Takes what is counted before begin().
  Series::Row* row_ = &unrecorded_;  ///< The last of the series.
  TimePoint origin_;
  TimePoint row_start_ = mqtt::kNever;
  TimePoint row_end_ = mqtt::kNever;
  std::int64_t missing_ = 0;
  bool has_origin_ = false;
  std::uint32_t connections_ = 0;
  std::uint64_t memory_ = 0;
  std::array<std::uint32_t, CoarseBuckets::kCount> counts_{};  ///< Of the last row, not yet in it.
  Duration max_{};
};

}  // namespace mq_bench
