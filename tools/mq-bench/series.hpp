#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/mq-bench/histogram.hpp"

namespace mq_bench {

/// Durations counted in 32 buckets for each doubling, from 1 us to 1 h: within 3 %, and few enough
/// to be kept for every second of a run.
struct CoarseBuckets {
  static constexpr std::size_t kCount = 896;
  static std::size_t index_of(Duration value);
  static Duration highest_at(std::size_t index);
};

/// Bucket and count, in the order of the buckets; only those that are not empty.
using CoarseCounts = std::vector<std::pair<std::uint16_t, std::uint64_t>>;
/// "118:3 119:70", and back; nothing when it is no such text.
std::string to_text(const CoarseCounts& counts);
std::optional<CoarseCounts> parse_counts(std::string_view text);

/// A run second by second: how many messages left and came, how late they were, what never came,
/// how many connections there were, what memory it took. Rows are a second wide; a run of many
/// hours gets fewer and wider ones, so that the memory has a bound. Two series of the same run add
/// up, whatever their widths, and percentiles are taken from the sum.
struct Series {
  /// At most so many rows; one more makes all of them twice as wide.
  static constexpr std::size_t kMostRows = 3'600;

  struct Row {
    std::uint64_t offered = 0;  ///< Slots of the schedule that were reached.
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    /// Of the messages due in this row's time: owed to somebody, and not there yet. Lost, when the
    /// run is over. Shards that receive what others sent have rows below zero.
    std::int64_t missing = 0;
    std::uint64_t connections = 0;  ///< When the row ended.
    std::uint64_t memory = 0;       ///< Of the generator itself, in bytes, then; 0: not known.
    CoarseCounts latencies = {};    ///< Of what came in this row's time.
    Duration max{};

    std::uint64_t samples() const;
    /// Never infinite: what was lost is counted in another way here.
    Quantile quantile(Percentile percentile) const;
    void add(const Row& other);
    friend bool operator==(const Row&, const Row&) = default;
  };

  std::int64_t seconds_per_row = 1;
  /// Row 0 is row number `first`, counted from the moment when the first message was due: what
  /// stands before went by while connecting.
  std::int64_t first = 0;
  std::vector<Row> rows;

  /// When row `index` begins, in seconds since the first message was due.
  std::int64_t second_of(std::size_t index) const {
    return (first + static_cast<std::int64_t>(index)) * seconds_per_row;
  }
  void merge(const Series& other);
  /// Only the last rows.
  Series tail(std::size_t count) const;
  /// Rows twice as wide, half as many.
  void coarsen();
  friend bool operator==(const Series&, const Series&) = default;
};

}  // namespace mq_bench
