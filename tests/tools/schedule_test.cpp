#include "tools/mq-bench/schedule.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

using namespace mq_bench;
using mqtt::Duration;
using mqtt::TimePoint;

namespace {

const TimePoint kStart{Duration(987'654'321)};

std::int64_t offset(const Schedule& schedule, std::uint32_t client, std::uint64_t k) {
  return (schedule.due(client, k) - kStart).count();
}

}  // namespace

TEST_CASE("event k is due at the start plus floor(k * 10^9 / r), for a billion of them") {
  const Schedule schedule(kStart, {3, mqtt::Seconds(1)}, 1);
  // Three events a second: 333,333,333 1/3 ns apart, so the exact instants are known by thirds.
  for (std::uint64_t k = 0; k <= 1'000'000'000; k += 999'983) {
    const auto truth = static_cast<std::int64_t>(k / 3 * 1'000'000'000 + k % 3 * 1'000'000'000 / 3);
    REQUIRE(offset(schedule, 0, k) == truth);
  }
  CHECK(offset(schedule, 0, 1'000'000'000) == 333'333'333'333'333'333);
}

TEST_CASE("an interval that is no whole number of nanoseconds never drifts") {
  const Schedule schedule(kStart, {7'000'003, mqtt::Seconds(1)}, 1);
  for (std::uint64_t second = 1; second <= 1'000; ++second) {
    REQUIRE(offset(schedule, 0, 7'000'003 * second) ==
            static_cast<std::int64_t>(second) * 1'000'000'000);
  }
}

TEST_CASE("the clients' phases are spread evenly over one interval") {
  const Schedule schedule(kStart, {20'000, mqtt::Seconds(1)}, 10);
  for (std::uint32_t client = 0; client < 10; ++client) {
    CHECK(offset(schedule, client, 0) == 50'000 * std::int64_t{client});
    CHECK(offset(schedule, client, 2'000) == 1'000'000'000 + 50'000 * std::int64_t{client});
  }
}

TEST_CASE("slots come in the order of their due times and at the total rate") {
  for (const Rate rate : {Rate{20'000, mqtt::Seconds(1)}, Rate{1, mqtt::Seconds(60)},
                          Rate{999'999, mqtt::Seconds(7)}}) {
    for (const std::uint32_t clients : {1U, 3U, 10U, 1'000U}) {
      CAPTURE(rate.count);
      CAPTURE(clients);
      Schedule schedule(kStart, rate, clients);
      TimePoint last = kStart;
      const std::uint64_t rounds = 50;
      for (std::uint64_t n = 0; n < rounds * clients; ++n) {
        const Schedule::Slot slot = schedule.next();
        REQUIRE(slot.due >= last);
        REQUIRE(slot.due == schedule.due(slot.client, slot.k));
        last = slot.due;
        schedule.advance();
      }
      const auto expected = static_cast<std::int64_t>(multiply_divide(
          rounds * clients, static_cast<std::uint64_t>(rate.period.count()), rate.count));
      CHECK((schedule.next().due - kStart).count() == expected);
    }
  }
}

TEST_CASE("every client gets each of its events once") {
  Schedule schedule(kStart, {100, mqtt::Seconds(1)}, 7);
  std::vector<std::uint64_t> next(7, 0);
  for (int n = 0; n < 700; ++n, schedule.advance()) {
    REQUIRE(schedule.next().k == next[schedule.next().client]++);
  }
  for (const auto count : next) CHECK(count == 100);
}

TEST_CASE("shares of a schedule are together the whole of it, at the same times") {
  const Rate rate{999, mqtt::Seconds(1)};
  Schedule whole(kStart, rate, 7);
  std::vector<Schedule> shares;
  for (std::uint32_t i = 0; i < 3; ++i) shares.emplace_back(kStart, rate, 7, Schedule::Share{i, 3});
  for (int n = 0; n < 700; ++n, whole.advance()) {
    const Schedule::Slot& slot = whole.next();
    Schedule& share = shares[slot.client % 3];
    REQUIRE(share.next().client == slot.client);
    REQUIRE(share.next().k == slot.k);
    REQUIRE(share.next().due == slot.due);
    share.advance();
  }
}

TEST_CASE("the product of a long run's count and a long period does not overflow") {
  CHECK(multiply_divide(1'000'000'000'000, 3'600'000'000'000, 3'600'000'000'000) ==
        1'000'000'000'000);
  CHECK(multiply_divide(0xFFFF'FFFF'FFFF'FFFF, 0xFFFF'FFFF'FFFF'FFFE, 0xFFFF'FFFF'FFFF'FFFF) ==
        0xFFFF'FFFF'FFFF'FFFE);
}
