#include "tools/mq-bench/timetable.hpp"

#include <algorithm>
#include <functional>

#include "tools/mq-bench/random.hpp"

namespace mq_bench {
namespace {

using mqtt::Duration;
using mqtt::TimePoint;
using Slot = Schedule::Slot;

__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

Duration nanoseconds(Wide count) { return Duration(static_cast<std::int64_t>(count)); }
std::uint64_t count_of(Duration duration) { return static_cast<std::uint64_t>(duration.count()); }

/// Events of a ramp up to `t`, within it, in units of 1 / (2 * length * period).
SignedWide events_until(const Ramp& ramp, std::int64_t t) {
  const SignedWide rise =
      SignedWide{static_cast<std::int64_t>(ramp.to)} - static_cast<std::int64_t>(ramp.from);
  return SignedWide{2} * static_cast<std::int64_t>(ramp.from) * ramp.length.count() * t +
         rise * t * t;
}

/// The later one, of two clients at the same time the one of the higher number.
bool is_later(const Slot& a, const Slot& b) {
  return a.due != b.due ? a.due > b.due : a.client > b.client;
}

std::variant<Schedule, BurstSchedule, PoissonSchedule, RampSchedule> make_schedule(
    TimePoint start, const Pace& pace, Schedule::Share share) {
  if (pace.ramp != nullptr) return RampSchedule(start, pace, share);
  switch (pace.arrival.kind) {
    case Arrival::Kind::uniform:
      break;
    case Arrival::Kind::poisson:
      return PoissonSchedule(start, pace, share);
    case Arrival::Kind::burst:
      return BurstSchedule(start, pace, share);
  }
  return Schedule(start, pace.total, pace.clients, share, pace.phase_seed());
}

}  // namespace

// The limits of a ramp keep all products below 2^127.
Duration Ramp::due(std::uint64_t n) const {
  const SignedWide unit = SignedWide{2} * length.count() * period.count();
  const SignedWide in_ramp = events_until(*this, length.count());
  const auto first_after = static_cast<std::uint64_t>((in_ramp + unit - 1) / unit);
  if (n >= first_after) {
    // The fraction of an event that the ramp left undone takes its time at the final rate.
    const SignedWide rest = (SignedWide{static_cast<std::int64_t>(first_after)} * unit - in_ramp) /
                            (SignedWide{2} * static_cast<std::int64_t>(to) * length.count());
    return length + Duration(static_cast<std::int64_t>(rest)) +
           nanoseconds(multiply_divide(n - first_after, count_of(period), to));
  }
  const SignedWide wanted = unit * static_cast<std::int64_t>(n);
  std::int64_t early = 0;
  std::int64_t late = length.count();
  while (early < late) {
    const std::int64_t middle = early + (late - early) / 2;
    if (events_until(*this, middle) < wanted) {
      early = middle + 1;
    } else {
      late = middle;
    }
  }
  return Duration(early);
}

BurstSchedule::BurstSchedule(TimePoint start, const Pace& pace, Schedule::Share share)
    : bursts_(start, {pace.total.count, pace.total.period * pace.arrival.burst}, pace.clients,
              share, pace.phase_seed()),
      size_(pace.arrival.burst),
      next_(bursts_.next()) {}

void BurstSchedule::advance() {
  if (++place_ < size_) {
    ++next_.k;
    return;
  }
  place_ = 0;
  bursts_.advance();
  next_ = bursts_.next();
  next_.k *= size_;
}

PoissonSchedule::PoissonSchedule(TimePoint start, const Pace& pace, Schedule::Share share)
    : period_(count_of(pace.total.period) * pace.clients),
      count_(pace.total.count),
      seed_(pace.seed) {
  for (std::uint32_t client = share.first; client < pace.clients; client += share.step) {
    slots_.push_back({client, 0, start});
    slots_.back().due += gap(slots_.back());
  }
  std::ranges::make_heap(slots_, is_later);
}

Duration PoissonSchedule::gap(const Slot& slot) const {
  const std::uint64_t drawn =
      exponential(draw({seed_, DrawKey::Kind::arrival, slot.client, slot.k, 0}));
  return nanoseconds(Wide{period_} * drawn / (Wide{count_} << kExponentialFraction));
}

void PoissonSchedule::advance() {
  std::ranges::pop_heap(slots_, is_later);
  Slot& slot = slots_.back();
  ++slot.k;
  slot.due += gap(slot);
  std::ranges::push_heap(slots_, is_later);
}

RampSchedule::RampSchedule(TimePoint start, const Pace& pace, Schedule::Share share)
    : ramp_(*pace.ramp),
      start_(start),
      clients_(pace.clients),
      share_(share),
      next_{share.first, 0, start + ramp_.due(share.first)} {}

void RampSchedule::advance() {
  next_.client += share_.step;
  if (next_.client >= clients_) {
    next_.client = share_.first;
    ++next_.k;
  }
  next_.due = start_ + ramp_.due(next_.k * clients_ + next_.client);
}

Timetable::Timetable(TimePoint start, const Pace& pace, Schedule::Share share)
    : schedule_(make_schedule(start, pace, share)) {}

}  // namespace mq_bench
