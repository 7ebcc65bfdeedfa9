#include "libmqtt/broker/slot_table.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

namespace mqtt::broker {
namespace {

TEST_CASE("a slot table keeps every item apart although most hashes collide") {
  std::mt19937 engine(3);
  SlotTable table;
  std::map<std::uint32_t, std::uint32_t> hash_of;  // By item.
  for (int round = 0; round < 20'000; ++round) {
    const auto item = static_cast<std::uint32_t>(engine() % 500);
    if (const auto held = hash_of.find(item); held == hash_of.end()) {
      // Few homes, some of them at the end of the table, so that chains wrap and run together.
      const auto hash = static_cast<std::uint32_t>(engine() % 8) * 0x1FFF'FFFF;
      table.insert(hash, item);
      hash_of.emplace(item, hash);
    } else {
      table.erase(held->second, item);
      hash_of.erase(held);
    }
    CHECK(table.size() == hash_of.size());
    if (round % 50 != 0) continue;
    for (std::uint32_t sought = 0; sought < 500; ++sought) {
      const auto held = hash_of.find(sought);
      const bool is_there = held != hash_of.end();
      const auto equal = [&](std::uint32_t candidate) { return candidate == sought; };
      CHECK(table.find(is_there ? held->second : 0, equal) ==
            (is_there ? sought : SlotTable::kNone));
    }
  }
}

TEST_CASE("a slot table compares only items of the same hash, and an empty one none") {
  SlotTable table;
  const auto never = [](std::uint32_t) {
    FAIL("compared");
    return true;
  };
  CHECK(table.find(1, never) == SlotTable::kNone);
  table.insert(9, 1);  // The same place as hash 1.
  CHECK(table.find(1, never) == SlotTable::kNone);
}

TEST_CASE("an item of a slot table can get another number") {
  SlotTable table;
  table.insert(5, 1);
  table.insert(5, 2);
  table.renumber(5, 1, 3);
  const auto finds = [&](std::uint32_t item) {
    return table.find(5, [&](std::uint32_t candidate) { return candidate == item; }) == item;
  };
  CHECK(finds(2));
  CHECK(finds(3));
  CHECK_FALSE(finds(1));
}

}  // namespace
}  // namespace mqtt::broker
