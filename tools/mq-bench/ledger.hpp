#pragma once

#include <cstdint>
#include <string>

#include "tools/mq-bench/result.hpp"
#include "tools/mq-bench/series_recorder.hpp"

namespace mq_bench {

/// The books that all clients of a run write into: what happened to messages and connections, and
/// the histograms. One per loop; nobody else counts.
class Ledger {
 public:
  explicit Ledger(Result& result) : result_(result), series_(result.series) {}

  Metrics& metrics() { return result_.metrics; }
  Result& result() { return result_; }
  Counters& counters(bool is_measured) { return is_measured ? result_.measure : result_.warm; }

  /// The run begins, its mode is known.
  void begin(TimePoint now) {
    series_metric_ = &result_.series_metric();
    series_.begin(now);
  }
  SeriesRecorder& series() { return series_; }
  /// A sample of a metric, of whichever phase: the series shows it if it is about this metric.
  void note_latency(const Metric& metric, TimePoint now, Duration sample) {
    if (&metric == series_metric_) series_.note_latency(now, sample);
  }

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
  std::uint32_t over = 0;
  std::uint32_t online() const { return online_; }
  void count_online(int difference) {
    online_ += static_cast<std::uint32_t>(difference);
    series_.set_connections(online_);
  }

 private:
  Result& result_;
  SeriesRecorder series_;
  const Metric* series_metric_ = nullptr;
  TimePoint window_start_ = mqtt::kNever;
  TimePoint window_end_ = mqtt::kNever;
  std::uint32_t online_ = 0;
  bool is_closed_ = false;
};

}  // namespace mq_bench
