#include "libmqtt/session/packet_ids.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace mqtt;

TEST_CASE(
    "Packet identifiers rise from 1 and wrap past 65,535 without ever being 0 [MQTT-2.2.1-3]") {
  PacketIds ids;
  for (std::uint32_t expected = 1; expected <= 65'535; ++expected) {
    const auto id = ids.allocate();
    REQUIRE(id == expected);
    ids.release(*id);
  }
  CHECK(ids.allocate() == 1);
}

TEST_CASE("An identifier in use is not given out again [MQTT-2.2.1-4]") {
  PacketIds ids;
  CHECK(ids.allocate() == 1);
  CHECK(ids.is_used(1));
  for (int turn = 0; turn < 65'534; ++turn) ids.release(*ids.allocate());
  CHECK(ids.allocate() == 2);
  CHECK_FALSE(ids.is_used(3));
}

TEST_CASE("All 65,535 identifiers can be in use at once, and then there is none") {
  PacketIds ids;
  std::set<std::uint16_t> given;
  while (const auto id = ids.allocate()) given.insert(*id);
  CHECK(given.size() == 65'535);
  CHECK(*given.begin() == 1);
  ids.release(4711);
  CHECK(ids.allocate() == 4711);
  CHECK(ids.allocate() == std::nullopt);
  ids.clear();
  CHECK(ids.allocate().has_value());
}

TEST_CASE("A set of identifiers stays the same set when it grows from a list into a bitmap") {
  PacketIdSet set;
  for (std::uint16_t id = 1; id <= 1'000; ++id) {
    CHECK(set.insert(id));
    CHECK_FALSE(set.insert(id));
    REQUIRE(set.size() == id);
  }
  for (std::uint16_t id = 1; id <= 1'000; ++id) REQUIRE(set.contains(id));
  CHECK_FALSE(set.contains(1'001));
  CHECK(set.first_absent(1) == 1'001);
  CHECK(set.erase(500));
  CHECK_FALSE(set.erase(500));
  CHECK(set.first_absent(1) == 500);
  set.clear();
  CHECK(set.empty());
  CHECK_FALSE(set.contains(1));
}

TEST_CASE("A short list forgets exactly the identifier that is erased") {
  PacketIdSet set;
  for (std::uint16_t id = 7; id <= 9; ++id) set.insert(id);
  CHECK(set.erase(7));
  CHECK_FALSE(set.erase(7));
  CHECK(set.contains(8));
  CHECK(set.contains(9));
  CHECK(set.size() == 2);
}
