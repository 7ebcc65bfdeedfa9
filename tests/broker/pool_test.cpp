#include "libmqtt/broker/pool.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <set>
#include <vector>

namespace mqtt::broker {
namespace {

TEST_CASE("a pool gives each item a number of its own and an address that stays") {
  Pool<int> pool;
  CHECK(pool.add() == 0);
  int* first = &pool[0];
  std::set<std::uint32_t> numbers{0};
  for (int i = 1; i < 1'000; ++i) {
    const std::uint32_t number = pool.add();
    CHECK(numbers.insert(number).second);
    CHECK(pool[number] == 0);
    pool[number] = i;
  }
  CHECK(&pool[0] == first);
  CHECK(pool.size() == 1'000);
}

TEST_CASE("a pool ends an item when it is removed, and gives its number out again as new") {
  const auto witness = std::make_shared<int>(1);
  Pool<std::shared_ptr<int>> pool;
  for (int i = 0; i < 200; ++i) pool[pool.add()] = witness;
  for (std::uint32_t number = 0; number < 200; number += 2) pool.remove(number);
  CHECK(witness.use_count() == 101);
  for (int i = 0; i < 100; ++i) {
    const std::uint32_t number = pool.add();
    CHECK(number < 200);
    CHECK(pool[number] == nullptr);
  }
}

TEST_CASE("an emptied pool starts again with number 0") {
  std::mt19937 engine(5);
  Pool<std::vector<int>> pool;
  std::vector<std::uint32_t> held;
  held.reserve(500);
  for (int i = 0; i < 500; ++i) held.push_back(pool.add());
  while (!held.empty()) {
    std::swap(held[engine() % held.size()], held.back());
    pool.remove(held.back());
    held.pop_back();
  }
  CHECK(pool.size() == 0);
  CHECK(pool.add() == 0);
}

}  // namespace
}  // namespace mqtt::broker
