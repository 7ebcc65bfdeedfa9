#include "libmqtt/client/backoff.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace mqtt;
using namespace mqtt::client;

TEST_CASE("delays double from the first to the most") {
  Backoff backoff({.first = Seconds(1), .most = Seconds(60), .jitter = 0}, 7);
  for (const int seconds : {1, 2, 4, 8, 16, 32, 60, 60, 60})
    CHECK(backoff.next() == Seconds(seconds));
}

TEST_CASE("jitter lengthens a delay by up to its fraction, never above the most") {
  Backoff backoff({.first = Seconds(1), .most = Seconds(60), .jitter = 0.25}, 7);
  Duration base = Seconds(1);
  for (int i = 0; i < 1000; ++i) {
    const Duration delay = backoff.next();
    CHECK(delay >= base);
    CHECK(delay <= base + base / 4);
    CHECK(delay <= Seconds(60));
    base = std::min<Duration>(base * 2, Seconds(60));
  }
}

TEST_CASE("different seeds spread the clients") {
  std::set<Duration> delays;
  for (std::uint32_t seed = 0; seed < 20; ++seed)
    delays.insert(
        Backoff({.first = Seconds(1), .most = Seconds(60), .jitter = 0.25}, seed * 7919).next());
  CHECK(delays.size() > 10);
}

TEST_CASE("a reset begins again at the first") {
  Backoff backoff({.first = Seconds(1), .most = Seconds(60), .jitter = 0}, 7);
  backoff.next();
  backoff.next();
  backoff.reset();
  CHECK(backoff.next() == Seconds(1));
}

TEST_CASE("a first above the most is the most") {
  Backoff backoff({.first = Seconds(90), .most = Seconds(60), .jitter = 0.25}, 7);
  CHECK(backoff.next() == Seconds(60));
}
