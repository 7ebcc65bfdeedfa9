#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "tools/mq-bench/schedule.hpp"

namespace mq_bench {

/// How the messages of a client follow each other, at the same rate on average.
struct Arrival {
  enum class Kind : std::uint8_t {
    uniform,
    poisson,  ///< As those of many independent senders do.
    burst,    ///< So many at once, then nothing for as long.
  };
  Kind kind = Kind::uniform;
  std::uint32_t burst = 1;
  friend bool operator==(const Arrival&, const Arrival&) = default;
};

/// A rate that rises (or falls) evenly from one to another, which then lasts. Both in events per
/// `period`; `to` is above zero.
struct Ramp {
  static constexpr std::uint64_t kHighest = 1'000'000'000;
  static constexpr mqtt::Duration kLongest = std::chrono::hours(24);

  std::uint64_t from = 0;
  std::uint64_t to = 1;
  mqtt::Duration period = mqtt::Seconds(1);
  mqtt::Duration length = mqtt::Seconds(1);

  Rate target() const { return {to, period}; }
  /// When event number n is due, counted from the start: in integers, from n alone.
  mqtt::Duration due(std::uint64_t n) const;
  friend bool operator==(const Ramp&, const Ramp&) = default;
};

/// What a timetable is made of.
struct Pace {
  Rate total;                 ///< Of all clients together; of a ramp, at its end.
  std::uint32_t clients = 1;  ///< That take part in it, walked here or not.
  Arrival arrival = {};
  std::uint64_t seed = 0;
  const Ramp* ramp = nullptr;  ///< Must outlive the timetable.
  bool has_random_phases = false;
  std::optional<std::uint64_t> phase_seed() const {
    return has_random_phases ? std::optional(seed) : std::nullopt;
  }
};

/// Bursts at the times of a slower Schedule.
class BurstSchedule {
 public:
  BurstSchedule(mqtt::TimePoint start, const Pace& pace, Schedule::Share share);
  const Schedule::Slot& next() const { return next_; }
  void advance();

 private:
  Schedule bursts_;
  std::uint32_t size_;
  std::uint32_t place_ = 0;  ///< In the burst.
  Schedule::Slot next_;
};

/// Every client is a Poisson process of its own, seeded by its number: the same whoever else is
/// walked with it. Gaps are whole nanoseconds.
class PoissonSchedule {
 public:
  PoissonSchedule(mqtt::TimePoint start, const Pace& pace, Schedule::Share share);
  const Schedule::Slot& next() const { return slots_.front(); }
  void advance();

 private:
  mqtt::Duration gap(const Schedule::Slot& slot) const;

  std::vector<Schedule::Slot> slots_;  ///< The next one of each client: a heap, the first on top.
  std::uint64_t period_;
  std::uint64_t count_;
  std::uint64_t seed_;
};

/// Clients take turns at a rate that rises.
class RampSchedule {
 public:
  RampSchedule(mqtt::TimePoint start, const Pace& pace, Schedule::Share share);
  const Schedule::Slot& next() const { return next_; }
  void advance();

 private:
  const Ramp& ramp_;
  mqtt::TimePoint start_;
  std::uint32_t clients_;
  Schedule::Share share_;
  Schedule::Slot next_;
};

/// When each client sends: any of the schedules, walked in the order of the due times.
class Timetable {
 public:
  Timetable(mqtt::TimePoint start, const Pace& pace, Schedule::Share share = {0, 1});
  const Schedule::Slot& next() const {
    return std::visit([](const auto& schedule) -> const Schedule::Slot& { return schedule.next(); },
                      schedule_);
  }
  void advance() {
    std::visit([](auto& schedule) { schedule.advance(); }, schedule_);
  }

 private:
  std::variant<Schedule, BurstSchedule, PoissonSchedule, RampSchedule> schedule_;
};

}  // namespace mq_bench
