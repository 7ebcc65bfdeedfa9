#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libmqtt/base/time.hpp"

namespace mq_bench {

/// So many events in so much time; both above zero.
struct Rate {
  std::uint64_t count = 1;
  mqtt::Duration period = mqtt::Seconds(1);
  double per_second() const;
  friend bool operator==(const Rate&, const Rate&) = default;
};

/// floor(factor * numerator / denominator) without losing a bit on the way. The result must fit.
std::uint64_t multiply_divide(std::uint64_t factor, std::uint64_t numerator,
                              std::uint64_t denominator);

/// The open-loop timetable of `clients` that send at the same rate, their phases spread evenly:
/// event k of client i is due at start + floor(i * interval / clients) + floor(k * interval). Or
/// the phases are drawn, each client's for itself, in place of the term with i. Every
/// instant is computed from k alone, in integers: it depends neither on when earlier events really
/// happened nor on accumulated rounding, nor on who else walks it. Walks the events of its share of
/// the clients in the order of their due times.
class Schedule {
 public:
  struct Slot {
    std::uint32_t client = 0;
    std::uint64_t k = 0;
    mqtt::TimePoint due;
  };

  /// The clients whose events are walked: first, first + step, ... below `clients`; one at least.
  struct Share {
    std::uint32_t first = 0;
    std::uint32_t step = 1;
  };

  /// `total` is the rate of all clients together, walked here or not. `phase_seed`: the phases are
  /// random, by this seed.
  Schedule(mqtt::TimePoint start, Rate total, std::uint32_t clients, Share share = {0, 1},
           std::optional<std::uint64_t> phase_seed = {});

  mqtt::TimePoint due(std::uint32_t client, std::uint64_t k) const;
  const Slot& next() const { return next_; }
  void advance();

 private:
  std::uint64_t phase(std::uint32_t client) const;
  void sort_turns();

  mqtt::TimePoint start_;
  std::uint64_t period_;  ///< The interval of one client is period_ / count_ nanoseconds.
  std::uint64_t count_;
  std::uint32_t clients_;
  Share share_;
  std::optional<std::uint64_t> phase_seed_;
  std::vector<std::uint32_t> turns_;  ///< Of random phases: the share's clients in their order ...
  std::size_t turn_ = 0;              ///< ... and whose turn it is.
  Slot next_;
};

}  // namespace mq_bench
