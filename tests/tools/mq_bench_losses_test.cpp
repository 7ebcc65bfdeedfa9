#include "tools/mq-bench/losses.hpp"

#include <doctest/doctest.h>

using namespace mq_bench;

TEST_CASE("losses add up by publisher, and begin where the earliest began") {
  Losses losses;
  losses.add(3, {0, 0});
  CHECK(losses.empty());
  CHECK(losses.first() == "");
  losses.add(3, {2, 40});
  losses.add(3, {1, 7});
  losses.add(9, {1, 1});
  CHECK(losses.first() == "; first: pub 3 seq 7");
  CHECK(losses.lines() == std::vector<std::string>{"publisher 3: 3 lost, from seq 7 on",
                                                   "publisher 9: 1 lost, from seq 1 on"});
}

TEST_CASE(
    "of very many publishers the lowest numbers are kept, in whatever order parts are added") {
  const auto part = [](std::uint32_t first, std::uint32_t step) {
    Losses losses;
    for (std::uint32_t i = 0; i < 2'000; ++i) losses.add(first + i * step, {1, i});
    return losses;
  };
  Losses one = part(0, 3);
  one.add(part(1, 2));
  Losses other = part(1, 2);
  other.add(part(0, 3));
  CHECK(one == other);
  CHECK(one.by_publisher().size() == Losses::kMostPublishers);
  CHECK(one.lines().size() == 6);
  CHECK(one.lines().back() == "and 995 more publishers");
}
