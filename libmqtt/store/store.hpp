#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "libmqtt/base/time.hpp"
#include "libmqtt/session/change.hpp"

namespace mqtt::store {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// One instant on both clocks: stored times are wall-clock times, the broker's are monotonic.
struct ClockReading {
  TimePoint monotonic;
  WallTime wall;
};

/// Where a broker's state lasts. Used by one thread at a time; blocks.
class Store {
 public:
  virtual ~Store() = default;
  /// Makes all of the changes last, or none of them. The error is one line that names the store and
  /// the reason; the same changes may be given again later, with others behind them.
  virtual std::expected<void, std::string> commit(std::span<const Change> changes,
                                                  ClockReading now) = 0;
  /// Gives the state as changes to be replayed, each after those that it refers to: sessions,
  /// their subscriptions, messages, queues in order of position, packet identifiers, retained
  /// messages. What expired meanwhile is left out. Called once, before the first commit.
  virtual std::expected<void, std::string> load(ClockReading now,
                                                const std::function<void(Change&&)>& replay) = 0;
};

}  // namespace mqtt::store
