#pragma once

#include <chrono>

namespace mqtt {

/// The only clock types of the pure layers. The clock has no now(): nothing here can read the time,
/// it is always an argument. Drivers convert from std::chrono::steady_clock, whose epoch it shares.
struct MonotonicClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};

using TimePoint = MonotonicClock::time_point;
using Duration = MonotonicClock::duration;
using Seconds = std::chrono::seconds;

/// Later than anything: "does not expire".
inline constexpr TimePoint kNever = TimePoint::max();

}  // namespace mqtt
