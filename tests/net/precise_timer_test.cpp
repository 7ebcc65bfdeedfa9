#include "libmqtt/net/precise_timer.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <vector>

namespace {

using namespace std::chrono_literals;
using mqtt::net::Loop;
using mqtt::net::PreciseTimer;

TEST_CASE("a precise timer fires once, and not before its time") {
  Loop loop;
  int calls = 0;
  PreciseTimer timer(loop, [&] { ++calls; });
  asio::steady_timer end(loop.context());
  const auto start = loop.now();
  std::optional<mqtt::TimePoint> fired;
  PreciseTimer other(loop, [&] { fired = loop.now(); });
  other.set(2ms);
  timer.set(0ms);
  end.expires_after(20ms);
  end.async_wait([&](std::error_code) { loop.stop(); });
  loop.run();
  CHECK(calls == 1);
  REQUIRE(fired.has_value());
  CHECK(*fired - start >= 2ms);
}

TEST_CASE("a precise timer that is set anew forgets what it was set for") {
  Loop loop;
  std::vector<mqtt::TimePoint> calls;
  PreciseTimer timer(loop, [&] {
    calls.push_back(loop.now());
    if (calls.size() == 3) return loop.stop();
    timer.set(1h);
    timer.set(-1ms);
  });
  const auto start = loop.now();
  timer.set(1h);
  timer.set(1ms);
  loop.run();
  CHECK(calls.size() == 3);
  CHECK(calls.front() - start >= 1ms);
}

TEST_CASE("what a precise timer marks is flushed when its call is over") {
  Loop loop;
  struct Marked final : Loop::Flushable {
    explicit Marked(Loop& the_loop) : loop(the_loop) {}
    ~Marked() override { loop.unmark(*this); }
    void flush() override {
      was_flushed = true;
      loop.stop();
    }
    Loop& loop;
    bool was_flushed = false;
  } marked(loop);
  bool was_flushed_early = true;
  PreciseTimer timer(loop, [&] {
    loop.mark(marked);
    was_flushed_early = marked.was_flushed;
  });
  timer.set(0ms);
  loop.run();
  CHECK(marked.was_flushed);
  CHECK_FALSE(was_flushed_early);
}

}  // namespace
