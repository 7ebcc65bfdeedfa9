#include "libmqtt/client/takeover_watch.hpp"

#include <doctest/doctest.h>

using namespace mqtt;
using mqtt::client::TakeoverWatch;

namespace {
using Verdict = TakeoverWatch::Verdict;

/// How many connections of this life it takes until the watch says so; 100 when it never does.
int connections_until(Verdict verdict, Duration life, bool orderly) {
  TakeoverWatch watch;
  TimePoint now{};
  for (int i = 1; i < 100; ++i) {
    watch.connected(now);
    now += life;
    if (watch.disconnected(orderly, now) == verdict) return i;
    now += Seconds(1);
  }
  return 100;
}
}  // namespace

TEST_CASE("short connections that the server closes in order look like a fight after a while") {
  CHECK(connections_until(Verdict::try_at_once, Seconds(1), true) == 9);
  CHECK(connections_until(Verdict::fight, Seconds(1), true) == 10);
}

TEST_CASE("connections that last, or that break, do not") {
  for (const Verdict verdict : {Verdict::try_at_once, Verdict::fight}) {
    CHECK(connections_until(verdict, Seconds(6), true) == 100);
    CHECK(connections_until(verdict, Seconds(1), false) == 100);
  }
}

TEST_CASE("attempts that never got a CONNACK do not count") {
  TakeoverWatch watch;
  for (int i = 0; i < 50; ++i)
    CHECK(watch.disconnected(true, TimePoint(Seconds(i))) == Verdict::nothing);
}

TEST_CASE("a server that is not there right after the end was not fought for, it has crashed") {
  TakeoverWatch watch;
  TimePoint now{};
  for (int i = 0; i < 100; ++i) {
    watch.connected(now);
    now += Seconds(1);
    const Verdict verdict = watch.disconnected(true, now);
    CHECK(verdict != Verdict::fight);
    if (verdict == Verdict::try_at_once) watch.no_connection();
  }
}
