#include "libmqtt/broker/match_cache.hpp"

#include <doctest/doctest.h>

#include <string>

#include "libmqtt/broker/hash.hpp"

namespace mqtt::broker {
namespace {

const Hash kHash;

MatchList list_of(std::size_t matches) { return {std::vector<Match>(matches), {}}; }

void store(MatchCache& cache, const std::string& topic, std::size_t matches = 1) {
  cache.store(topic, kHash(topic), list_of(matches));
}
bool knows(MatchCache& cache, const std::string& topic) {
  return cache.find(topic, kHash(topic)) != nullptr;
}

TEST_CASE("the cache gives back what it was given, until it is told to forget") {
  MatchCache cache;
  CHECK_FALSE(knows(cache, "a"));
  store(cache, "a", 2);
  store(cache, "b", 3);
  REQUIRE(knows(cache, "a"));
  CHECK(cache.find("a", kHash("a"))->matches.size() == 2);
  cache.forget("a", kHash("a"));
  CHECK_FALSE(knows(cache, "a"));
  CHECK(knows(cache, "b"));
  cache.forget_all();
  CHECK_FALSE(knows(cache, "b"));
  store(cache, "b", 5);
  CHECK(cache.find("b", kHash("b"))->matches.size() == 5);
  CHECK(cache.size() == 1);
}

TEST_CASE("the cache is bounded in topics") {
  MatchCache cache;
  for (std::size_t i = 0; i < MatchCache::kMostTopics * 2; ++i) store(cache, std::to_string(i));
  CHECK(cache.size() <= MatchCache::kMostTopics);
  CHECK(cache.size() > MatchCache::kMostTopics / 2);
  CHECK(cache.bytes() <= MatchCache::kMostBytes);
  CHECK(knows(cache, std::to_string(MatchCache::kMostTopics * 2 - 1)));
}

TEST_CASE("the cache is bounded in bytes, whatever was asked for last") {
  MatchCache cache;
  for (int i = 0; i < 2'000; ++i) {
    store(cache, std::to_string(i), 10'000);
    CHECK(cache.bytes() <= MatchCache::kMostBytes);
    CHECK(knows(cache, std::to_string(i)));
  }
  CHECK(cache.size() > 10);
}

TEST_CASE("the cache does not keep a list that would take much of it") {
  MatchCache cache;
  store(cache, "large", MatchCache::kMostBytesOfOne / sizeof(Match) + 1);
  CHECK_FALSE(knows(cache, "large"));
  CHECK(cache.bytes() == 0);
}

TEST_CASE("topics that are asked for stay when others pass through") {
  MatchCache cache;
  store(cache, "often");
  for (std::size_t i = 0; i < MatchCache::kMostTopics * 3; ++i) {
    store(cache, std::to_string(i));
    CHECK(knows(cache, "often"));
  }
}

TEST_CASE("a cleared cache holds nothing and works on") {
  MatchCache cache;
  for (int i = 0; i < 100; ++i) store(cache, std::to_string(i));
  cache.clear();
  CHECK(cache.size() == 0);
  CHECK(cache.bytes() == 0);
  CHECK_FALSE(knows(cache, "1"));
  store(cache, "1");
  CHECK(knows(cache, "1"));
}

}  // namespace
}  // namespace mqtt::broker
