#include "libmqtt/session/keep_alive.hpp"

#include <doctest/doctest.h>

using namespace mqtt;

namespace {
constexpr TimePoint at(int seconds) { return TimePoint(Seconds(seconds)); }
using Due = KeepAlive::Due;
}  // namespace

TEST_CASE("PINGREQ is due when nothing was sent for the interval [MQTT-3.1.2-20]") {
  KeepAlive keep_alive;
  keep_alive.start(Seconds(60), at(0));
  CHECK(keep_alive.deadline() == at(60));
  keep_alive.sent(at(10));
  CHECK(keep_alive.deadline() == at(70));
  CHECK(keep_alive.tick(at(69)) == Due::nothing);
  CHECK(keep_alive.tick(at(70)) == Due::ping);
  CHECK(keep_alive.tick(at(70)) == Due::nothing);
  keep_alive.received(at(71));
  keep_alive.answered();
  CHECK(keep_alive.deadline() == at(130));
  CHECK(keep_alive.tick(at(130)) == Due::ping);
}

TEST_CASE("A server that answers nothing for the interval after PINGREQ is dead") {
  KeepAlive keep_alive;
  keep_alive.start(Seconds(60), at(0));
  CHECK(keep_alive.tick(at(60)) == Due::ping);
  keep_alive.sent(at(100));
  CHECK(keep_alive.deadline() == at(120));
  CHECK(keep_alive.tick(at(119)) == Due::nothing);
  CHECK(keep_alive.tick(at(120)) == Due::timeout);
}

TEST_CASE("Other packets show that the server lives, and PINGREQs go on meanwhile") {
  KeepAlive keep_alive;
  keep_alive.start(Seconds(60), at(0));
  CHECK(keep_alive.tick(at(60)) == Due::ping);
  keep_alive.received(at(110));
  CHECK(keep_alive.tick(at(120)) == Due::ping);
  CHECK(keep_alive.deadline() == at(170));
  CHECK(keep_alive.tick(at(170)) == Due::timeout);
}

TEST_CASE("An interval of 0 turns keep-alive off [MQTT-3.1.2-22]") {
  KeepAlive keep_alive;
  keep_alive.start(Seconds(0), at(0));
  CHECK(keep_alive.deadline() == std::nullopt);
  CHECK(keep_alive.tick(at(100'000)) == Due::nothing);
}

TEST_CASE("A new connection owes no answer to the old one's PINGREQ") {
  KeepAlive keep_alive;
  keep_alive.start(Seconds(10), at(0));
  CHECK(keep_alive.tick(at(10)) == Due::ping);
  keep_alive.start(Seconds(10), at(15));
  CHECK(keep_alive.tick(at(24)) == Due::nothing);
  CHECK(keep_alive.tick(at(25)) == Due::ping);
}
