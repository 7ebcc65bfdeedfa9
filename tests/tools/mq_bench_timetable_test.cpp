#include "tools/mq-bench/timetable.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <map>
#include <vector>

#include "tools/mq-bench/random.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;
using mqtt::TimePoint;

namespace {

constexpr TimePoint kStart{1h};

std::vector<Schedule::Slot> walk(const Pace& pace, std::size_t count,
                                 Schedule::Share share = {0, 1}) {
  Timetable timetable(kStart, pace, share);
  std::vector<Schedule::Slot> slots;
  for (; slots.size() < count; timetable.advance()) slots.push_back(timetable.next());
  return slots;
}

/// Due times of each client.
std::map<std::uint32_t, std::vector<TimePoint>> by_client(
    const std::vector<Schedule::Slot>& slots) {
  std::map<std::uint32_t, std::vector<TimePoint>> times;
  for (const auto& slot : slots) {
    CHECK(slot.k == times[slot.client].size());
    times[slot.client].push_back(slot.due);
  }
  return times;
}

void check_in_order(const std::vector<Schedule::Slot>& slots) {
  for (std::size_t i = 1; i < slots.size(); ++i) CHECK(slots[i - 1].due <= slots[i].due);
}

const Pace kPoisson{{1'000, 1s}, 10, {Arrival::Kind::poisson}, 42};

}  // namespace

TEST_CASE("uniform arrival is the plain schedule") {
  const auto slots = walk({{1'000, 1s}, 4}, 100);
  Schedule schedule(kStart, {1'000, 1s}, 4);
  for (const auto& slot : slots) {
    CHECK(slot.due == schedule.next().due);
    CHECK(slot.client == schedule.next().client);
    schedule.advance();
  }
}

TEST_CASE("random phases are drawn for each client by the seed, and kept for all of the run") {
  const Pace pace{.total = {1'000, 1s}, .clients = 50, .seed = 7, .has_random_phases = true};
  const auto slots = walk(pace, 5'000);
  check_in_order(slots);
  std::map<std::uint32_t, TimePoint> first;
  for (const auto& [client, times] : by_client(slots)) {
    CHECK(times.size() == 100);
    first[client] = times[0];
    CHECK(times[0] < kStart + 50ms);
    for (std::size_t k = 0; k < times.size(); ++k) CHECK(times[k] == times[0] + 50ms * k);
  }
  int early = 0;
  for (const auto& [client, time] : first) early += time < kStart + 25ms ? 1 : 0;
  CHECK(early > 10);
  CHECK(early < 40);
  // Whoever else is walked with it, each client has its own times; another seed gives others.
  for (const auto& slot : walk(pace, 20, {3, 10}))
    CHECK(slot.due == first[slot.client] + 50ms * slot.k);
  Pace other = pace;
  other.seed = 8;
  CHECK(walk(other, 1)[0].due != slots[0].due);
  Pace bursts = pace;
  bursts.arrival = {Arrival::Kind::burst, 5};
  check_in_order(walk(bursts, 500));
}

TEST_CASE("a burst is so many messages at one time, at the same rate on the whole") {
  const auto slots = walk({{100, 1s}, 2, {Arrival::Kind::burst, 5}}, 40);
  check_in_order(slots);
  const auto times = by_client(slots);
  for (std::size_t k = 0; k < 20; ++k) {
    CHECK(times.at(0)[k] == kStart + (k / 5) * 100ms);
    CHECK(times.at(1)[k] == kStart + 50ms + (k / 5) * 100ms);
  }
}

TEST_CASE("Poisson arrival keeps the rate, and its gaps are spread exponentially") {
  constexpr std::size_t kCount = 100'000;
  const auto slots = walk(kPoisson, kCount);
  check_in_order(slots);
  const double seconds = std::chrono::duration<double>(slots.back().due - kStart).count();
  CHECK(std::abs(seconds - 100) < 1.5);  // Five standard deviations; with this seed always alike.
  std::vector<double> gaps;
  for (std::size_t i = 1; i < kCount; ++i)
    gaps.push_back(std::chrono::duration<double>(slots[i].due - slots[i - 1].due).count());
  for (const double multiple : {0.1, 0.5, 1.0, 2.0, 4.0}) {
    const auto above = std::ranges::count_if(gaps, [=](double g) { return g > multiple / 1'000; });
    const double expected = std::exp(-multiple);
    const double share = static_cast<double>(above) / static_cast<double>(gaps.size());
    CHECK(std::abs(share - expected) < 0.008);
  }
}

TEST_CASE("a seed gives one sequence, on however many threads it is walked") {
  const auto whole = by_client(walk(kPoisson, 3'000));
  for (const std::uint32_t first : {0U, 1U, 2U}) {
    for (const auto& [client, times] : by_client(walk(kPoisson, 500, {first, 3}))) {
      CHECK(client % 3 == first);
      for (std::size_t k = 0; k < times.size(); ++k) CHECK(times[k] == whole.at(client)[k]);
    }
  }
  Pace other = kPoisson;
  other.seed = 43;
  CHECK(walk(other, 1).front().due != walk(kPoisson, 1).front().due);
}

TEST_CASE("random numbers are the same on every machine") {
  CHECK(draw({42, DrawKey::Kind::arrival, 1, 2, 3}) == 9'634'015'048'601'680'630U);
  CHECK(exponential(0x8000'0000'0000'0000) == 762'123'384'785);  // ln 2
  CHECK(exponential(~std::uint64_t{0}) < 300);
  CHECK(exponential(1) == exponential(0));
  const double nearly = 0x1p-40 * static_cast<double>(exponential(std::uint64_t{1} << 61));
  CHECK(std::abs(nearly - 3 * std::log(2)) < 1e-9);
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    const std::uint64_t drawn = draw_between({7, DrawKey::Kind::size, 0, i, 0}, 16, 20);
    CHECK(drawn >= 16);
    CHECK(drawn <= 20);
  }
  const std::uint64_t most = ~std::uint64_t{0};
  CHECK(draw_between({7, DrawKey::Kind::size, 0, 0, 0}, most, most) == most);
}

TEST_CASE("a ramp's events come at the square root of their number, then at an even rate") {
  const Ramp ramp{0, 1'000, 1s, 30s};
  CHECK(ramp.due(0) == 0s);
  CHECK(std::chrono::abs(ramp.due(60) - 1'897'366'596ns) <= 1ns);  // sqrt(2 * 30 * 60 / 1000)
  CHECK(ramp.due(3'750) == 15s);
  CHECK(ramp.due(15'000) == 30s);
  CHECK(ramp.due(15'001) == 30s + 1ms);
  CHECK(ramp.due(25'000) == 40s);
}

TEST_CASE("a ramp may fall, stand still, and end between two events") {
  const Ramp falling{1'000, 500, 1s, 10s};
  CHECK(falling.due(7'500) == 10s);
  CHECK(falling.due(8'000) == 11s);
  const Ramp flat{100, 100, 1s, 1s};
  for (std::uint64_t n = 0; n < 300; ++n) CHECK(flat.due(n) == n * 10ms);
  const Ramp odd{0, 3, 1s, 1s};  // One and a half events within it.
  CHECK(odd.due(2) == 1s + 166'666'666ns);
  CHECK(odd.due(3) == 1s + 499'999'999ns);
}

TEST_CASE("the largest ramp that is allowed does not overflow") {
  const Ramp ramp{0, Ramp::kHighest, 1s, Ramp::kLongest};
  CHECK(ramp.due(43'200'000'000'000) == Ramp::kLongest);
  CHECK(ramp.due(10'800'000'000'000) == Ramp::kLongest / 2);
}

TEST_CASE("clients take turns on a ramp, whoever walks them") {
  const Ramp ramp{0, 1'000, 1s, 1s};
  const Pace pace{ramp.target(), 3, {}, 0, &ramp};
  const auto slots = walk(pace, 600);
  check_in_order(slots);
  for (std::size_t n = 0; n < slots.size(); ++n) {
    CHECK(slots[n].client == n % 3);
    CHECK(slots[n].due == kStart + ramp.due(n));
  }
  const auto mine = walk(pace, 200, {1, 3});
  for (std::size_t i = 0; i < mine.size(); ++i) CHECK(mine[i].due == slots[3 * i + 1].due);
}
