#include "libmqtt/net/loop.hpp"

#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <vector>

#include "libmqtt/base/bytes.hpp"
#include "tests/net/loopback.hpp"

using namespace mqtt;
using namespace mqtt::net;
using mqtt::net::test::poll;

namespace {

class Counter : public Loop::Flushable {
 public:
  void flush() override {
    ++flushes;
    if (hook) hook();
  }
  int flushes = 0;
  std::function<void()> hook;
};

/// A descriptor that is readable as long as the test wants.
class Event : public Loop::Watcher {
 public:
  ~Event() override { ::close(descriptor); }
  void on_ready(std::uint32_t events) override {
    ++calls;
    seen = events;
    if (hook) hook();
  }
  void set() { ::eventfd_write(descriptor, 1); }
  void clear() {
    eventfd_t ignored;
    ::eventfd_read(descriptor, &ignored);
  }
  int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int calls = 0;
  std::uint32_t seen = 0;
  std::function<void()> hook;
};

}  // namespace

TEST_CASE("however often it is marked, a flushable is flushed once a turn") {
  Loop loop;
  Counter one;
  Counter two;
  for (int i = 0; i < 3; ++i) {
    loop.mark(one);
    loop.mark(two);
  }
  CHECK(one.flushes == 0);
  poll(loop);
  CHECK(one.flushes == 1);
  CHECK(two.flushes == 1);
  loop.mark(one);
  poll(loop);
  CHECK(one.flushes == 2);
}

TEST_CASE("what is marked while flushing is flushed later, never lost") {
  Loop loop;
  Counter again;
  Counter other;
  again.hook = [&] {
    loop.mark(other);
    if (again.flushes < 3) loop.mark(again);
  };
  loop.mark(again);
  loop.run();
  CHECK(again.flushes == 3);
  CHECK(other.flushes == 3);
}

TEST_CASE("an unmarked flushable may die, also while others are flushed") {
  Loop loop;
  Counter first;
  std::optional<Counter> second(std::in_place);
  std::optional<Counter> third(std::in_place);
  first.hook = [&] {
    loop.unmark(*third);
    third.reset();
  };
  loop.mark(*second);
  loop.mark(first);
  loop.mark(*third);
  loop.unmark(*second);
  second.reset();
  loop.run();
  CHECK(first.flushes == 1);
}

TEST_CASE("a watcher is called again each turn for as long as its descriptor is ready") {
  Loop loop;
  Event event;
  REQUIRE_FALSE(loop.watch(event.descriptor, event, EPOLLIN));
  event.set();
  event.hook = [&] {
    if (event.calls == 3) event.clear();
  };
  while (poll(loop) > 0) continue;
  CHECK(event.calls == 3);
  CHECK(event.seen == EPOLLIN);
  loop.unwatch(event.descriptor, event);
}

TEST_CASE("all that is ready is told before anything is flushed") {
  Loop loop;
  Event one;
  Event two;
  Counter counter;
  int calls_at_flush = 0;
  counter.hook = [&] { calls_at_flush = one.calls + two.calls; };
  for (Event* event : {&one, &two}) {
    REQUIRE_FALSE(loop.watch(event->descriptor, *event, EPOLLIN));
    event->set();
    event->hook = [&loop, &counter, event] {
      event->clear();
      loop.mark(counter);
    };
  }
  while (poll(loop) > 0) continue;
  CHECK(calls_at_flush == 2);
  CHECK(counter.flushes == 1);
  loop.unwatch(one.descriptor, one);
  loop.unwatch(two.descriptor, two);
}

TEST_CASE("a watcher that is unwatched by another in the same turn is not called any more") {
  Loop loop;
  auto one = std::make_unique<Event>();
  auto two = std::make_unique<Event>();
  int calls = 0;
  const auto remove_other = [&](std::unique_ptr<Event>& self, std::unique_ptr<Event>& other) {
    return [&] {
      ++calls;
      self->clear();
      if (!other) return;
      loop.unwatch(other->descriptor, *other);
      other.reset();
    };
  };
  one->hook = remove_other(one, two);
  two->hook = remove_other(two, one);
  for (Event* event : {one.get(), two.get()}) {
    REQUIRE_FALSE(loop.watch(event->descriptor, *event, EPOLLIN));
    event->set();
  }
  poll(loop);
  CHECK(calls == 1);
  for (auto* left : {&one, &two})
    if (*left) loop.unwatch((*left)->descriptor, **left);
}

TEST_CASE("run() returns when nothing is watched any more, and may be called again") {
  Loop loop;
  for (int i = 0; i < 2; ++i) {
    Event event;
    REQUIRE_FALSE(loop.watch(event.descriptor, event, EPOLLIN));
    event.set();
    event.hook = [&] { loop.unwatch(event.descriptor, event); };
    loop.run();
    CHECK(event.calls == 1);
  }
}

TEST_CASE("stop() ends run() although something is watched") {
  Loop loop;
  Event event;
  REQUIRE_FALSE(loop.watch(event.descriptor, event, EPOLLIN));
  asio::post(loop.context(), [&] { loop.stop(); });
  loop.run();
  CHECK(event.calls == 0);
  loop.unwatch(event.descriptor, event);
}

TEST_CASE("a descriptor that cannot be watched is an error") {
  Loop loop;
  Event event;
  CHECK(loop.watch(-1, event, EPOLLIN) == asio::error::bad_descriptor);
}

TEST_CASE("a buffer that was lent comes back with its room once the output is empty") {
  Loop loop;
  Output output;
  output.append(as_bytes(std::string(5000, 'x')));
  loop.reclaim(output);  // Not yet empty: stays.
  CHECK(output.size() == 5000);
  output.consume(5000);
  loop.reclaim(output);
  Output next;
  loop.lend(next);
  std::vector<std::byte> buffer;
  next.swap_buffer(buffer);
  CHECK(buffer.capacity() >= 5000);
}
