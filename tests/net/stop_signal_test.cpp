#include "libmqtt/net/stop_signal.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <optional>
#include <vector>

#include "tests/net/loopback.hpp"

using namespace mqtt;
using namespace mqtt::net;
using mqtt::net::test::run_until;

TEST_CASE("SIGINT and SIGTERM are told on the loop, each time") {
  Loop loop;
  std::vector<int> heard;
  const StopSignal stop(loop, [&](int number) { heard.push_back(number); });
  for (const int number : {SIGINT, SIGTERM, SIGINT}) {
    const std::size_t before = heard.size();
    std::raise(number);
    REQUIRE(run_until(loop, [&] { return heard.size() > before; }));
  }
  CHECK(heard == std::vector<int>{SIGINT, SIGTERM, SIGINT});
}

TEST_CASE("SIGPIPE is ignored") {
  Loop loop;
  const StopSignal stop(loop, [](int) {});
  std::raise(SIGPIPE);
  CHECK(true);
}

TEST_CASE(
    "a destroyed StopSignal leaves nothing that keeps run() going, also from its own callback") {
  Loop loop;
  std::optional<StopSignal> stop;
  SUBCASE("from outside") {
    stop.emplace(loop, [](int) {});
    stop.reset();
  }
  SUBCASE("from its callback") {
    stop.emplace(loop, [&](int) { stop.reset(); });
    std::raise(SIGTERM);
  }
  loop.run();
  CHECK_FALSE(stop.has_value());
}
