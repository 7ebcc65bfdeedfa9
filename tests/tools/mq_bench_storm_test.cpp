#include "tools/mq-bench/storm.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace mq_bench;
using namespace std::chrono_literals;

TEST_CASE("a storm hits its share of the clients, spread over all of them") {
  const StormSchedule half(1'000, 5'000, 2s);
  CHECK(half.victims() == 500);
  std::uint64_t hit = 0;
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    hit += half.hits(i) ? 1U : 0U;
    if (i % 2 == 1) CHECK(hit == (i + 1) / 2);
  }
  const StormSchedule all(7, 10'000, 2s);
  for (std::uint32_t i = 0; i < 7; ++i) CHECK(all.hits(i));
  CHECK(StormSchedule(3, 1, 2s).victims() == 0);
}

TEST_CASE("victims return one after the other, evenly, within the time") {
  const StormSchedule all(4, 10'000, 2s);
  CHECK(all.back_after(0) == 0s);
  CHECK(all.back_after(1) == 500ms);
  CHECK(all.back_after(3) == 1'500ms);
  const StormSchedule half(8, 5'000, 2s);
  CHECK(half.back_after(1) == 0s);
  CHECK(half.back_after(7) == 1'500ms);
  CHECK(StormSchedule(4, 10'000, 0s).back_after(3) == 0s);
}
