#include "libmqtt/server/timing_wheel.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace mqtt;
using mqtt::server::TimingWheel;

namespace {

const TimePoint kStart{std::chrono::hours(1)};

std::vector<std::uint64_t> due(TimingWheel& wheel, TimePoint now) {
  std::vector<std::uint64_t> ids;
  wheel.advance(now, [&](std::uint64_t id, TimePoint) { ids.push_back(id); });
  return ids;
}

}  // namespace

TEST_CASE("An entry is told once, not before its time and at most a tick after it") {
  TimingWheel wheel(kStart);
  wheel.add(1, kStart + Seconds(3));
  CHECK(due(wheel, kStart + Seconds(3) - TimingWheel::kTick / 2).empty());
  CHECK(due(wheel, kStart + Seconds(3) + TimingWheel::kTick) == std::vector<std::uint64_t>{1});
  CHECK(due(wheel, kStart + std::chrono::hours(1)).empty());
}

TEST_CASE("What has passed already is told at the next tick") {
  TimingWheel wheel(kStart);
  wheel.add(1, kStart - Seconds(3));
  CHECK(due(wheel, kStart + TimingWheel::kTick) == std::vector<std::uint64_t>{1});
}

TEST_CASE("What lies beyond the wheel is told at its end, to be added again") {
  TimingWheel wheel(kStart);
  const TimePoint when = kStart + std::chrono::hours(1);
  wheel.add(1, when);
  int told = 0;
  for (TimePoint now = kStart; now < when - Seconds(1); now += TimingWheel::kTick) {
    wheel.advance(now, [&](std::uint64_t id, TimePoint at) {
      ++told;
      wheel.add(id, at);
    });
  }
  CHECK(told > 0);
  CHECK(told < 20);
  CHECK(due(wheel, when + Seconds(1)) == std::vector<std::uint64_t>{1});
}

TEST_CASE("A long sleep of the machine skips no entry") {
  TimingWheel wheel(kStart);
  for (std::uint64_t id = 0; id < 100; ++id) wheel.add(id, kStart + Seconds(id));
  CHECK(due(wheel, kStart + std::chrono::hours(24)).size() == 100);
}
