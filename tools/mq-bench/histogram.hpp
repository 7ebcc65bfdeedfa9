#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "libmqtt/base/time.hpp"

namespace mq_bench {

using mqtt::Duration;
using mqtt::TimePoint;

/// A percentile in millionths, so that ranks are computed without rounding; `name` is its spelling.
struct Percentile {
  std::uint32_t millionths;
  std::string_view name;
};
inline constexpr Percentile kP50{500'000, "50"};
inline constexpr Percentile kP90{900'000, "90"};
inline constexpr Percentile kP99{990'000, "99"};
inline constexpr std::array kReportedPercentiles{kP50, kP90, kP99, Percentile{999'000, "99.9"},
                                                 Percentile{999'900, "99.99"}};

/// The rank, counted from 1, of the sample that a percentile of so many samples is; count > 0.
std::uint64_t rank_of(Percentile percentile, std::uint64_t count);

/// Whether at least ten of so many samples lie above the percentile: fewer would be chance.
bool speaks_for(Percentile percentile, std::uint64_t count);

/// What is known about a percentile.
struct Quantile {
  enum class Kind {
    value,
    insufficient,  ///< Fewer than ten samples lie above it: any number would be chance.
    infinite,      ///< It falls among the lost messages.
  } kind = Kind::insufficient;
  Duration value{};  ///< Of Kind::value only.
  friend bool operator==(const Quantile&, const Quantile&) = default;
};

/// An HDR histogram of durations: 3 significant digits from 1 us to 1 h in nanoseconds. Counters
/// are exact; a value read back is the top of its bucket, so at most 0.1 % (below 1 ms: 511 ns)
/// above the sample. Minimum, maximum and mean are exact. Samples below zero and above the range
/// are never dropped: they are part of count() and counted apart. Holds no memory before the first
/// sample.
class Histogram {
 public:
  static constexpr Duration kLowest{1'000};
  static constexpr Duration kHighest{3'600'000'000'000};
  static constexpr std::size_t kCounters = 24'576;

  /// What the counters alone do not tell.
  struct Summary {
    std::uint64_t overflow = 0;
    std::uint64_t negative = 0;
    std::int64_t sum = 0;  ///< In nanoseconds.
    Duration min{};
    Duration max{};
  };
  /// A histogram from its parts, at most kCounters counters; nothing when they contradict each
  /// other.
  static std::optional<Histogram> restore(std::vector<std::uint64_t> counters,
                                          const Summary& summary);

  void record(Duration sample);
  /// The counts of both together must fit into 64 bits, the sums too.
  void merge(const Histogram& other);
  /// What has been recorded since this one was as `before`; minimum and maximum are those of the
  /// counters then.
  Histogram since(const Histogram& before) const;

  /// With the samples that a client which waits for each answer did not take: for every sample
  /// of n intervals those of n - 1, n - 2, ... down to one, as HdrHistogram's correction has it.
  Histogram filled_up(Duration interval) const;

  std::uint64_t count() const { return count_; }
  std::uint64_t overflow() const { return overflow_; }
  std::uint64_t negative() const { return negative_; }
  Duration min() const { return count_ == 0 ? Duration{} : min_; }
  Duration max() const { return count_ == 0 ? Duration{} : max_; }
  Duration mean() const;
  std::int64_t sum() const { return sum_; }

  /// The percentile over the samples and `lost` further ones that never came, at +infinity.
  Quantile quantile(Percentile percentile, std::uint64_t lost = 0) const;
  /// The value of the sample with this rank, counted from 1; 1 <= rank <= count().
  Duration value_at_rank(std::uint64_t rank) const;

  /// The counters by index, up to the last that is not 0; empty before the first sample.
  std::span<const std::uint64_t> counters() const;

  /// Bucket arithmetic, open to tests: the counter of a value, the values that share a counter.
  static std::size_t index_of(Duration value);
  static Duration lowest_at(std::size_t index);
  static Duration highest_at(std::size_t index);

 private:
  bool agrees_with_counters() const;
  void fill_below(Duration sample, std::uint64_t count, Duration interval);

  std::vector<std::uint64_t> counters_;
  std::uint64_t count_ = 0;
  std::uint64_t overflow_ = 0;
  std::uint64_t negative_ = 0;
  std::int64_t sum_ = 0;
  Duration min_ = Duration::max();
  Duration max_ = Duration::min();
};

}  // namespace mq_bench
