#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tools/mq-bench/barrier.hpp"
#include "tools/mq-bench/options.hpp"

namespace mq_bench {

/// What a run waits for when everything is prepared, before its load begins: the other shards, or a
/// time of day, or nothing.
class StartGate {
 public:
  StartGate(mqtt::net::Loop& loop, const Options& options, const std::string& run_id);

  /// Whether there is anything to wait for.
  bool is_there() const { return barrier_ != nullptr || start_at_.has_value(); }
  /// This run is prepared; to be called again and again while it waits. When the load begins, once
  /// that is known; it may have been earlier.
  std::optional<TimePoint> arrive(TimePoint now);
  /// Why it will not open; empty while it may.
  std::string failure(TimePoint now) const;
  /// This run ends, whether it has begun or not.
  void leave();
  /// After leave(): nobody else has to be told any more.
  bool is_gone() const { return !barrier_ || barrier_->is_gone(); }

 private:
  std::unique_ptr<Barrier> barrier_;
  std::optional<TimePoint> start_at_;
  std::optional<TimePoint> arrived_;
};

}  // namespace mq_bench
