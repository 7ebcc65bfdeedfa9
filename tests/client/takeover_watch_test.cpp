#include "libmqtt/client/takeover_watch.hpp"

#include <doctest/doctest.h>

using namespace mqtt;
using mqtt::client::TakeoverWatch;

namespace {
/// How many connections of this life it takes until the watch speaks up; 100 when it never does.
int connections_until_told(TakeoverWatch& watch, Duration life, bool orderly) {
  TimePoint now{};
  for (int i = 1; i < 100; ++i) {
    watch.connected(now);
    now += life;
    if (watch.disconnected(orderly, now)) return i;
    now += Seconds(1);
  }
  return 100;
}
}  // namespace

TEST_CASE("short connections that the server closes in order look like a fight after a while") {
  TakeoverWatch watch;
  CHECK(connections_until_told(watch, Seconds(1), true) == 10);
}

TEST_CASE("connections that last, or that break, do not") {
  TakeoverWatch watch;
  CHECK(connections_until_told(watch, Seconds(6), true) == 100);
  CHECK(connections_until_told(watch, Seconds(1), false) == 100);
}

TEST_CASE("attempts that never got a CONNACK do not count") {
  TakeoverWatch watch;
  for (int i = 0; i < 50; ++i) CHECK_FALSE(watch.disconnected(true, TimePoint(Seconds(i))));
}
