#include "libmqtt/net/pump.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>

#include "libmqtt/base/bytes.hpp"
#include "tests/net/loopback.hpp"

using namespace mqtt;
using namespace mqtt::net;
using mqtt::net::test::make_pair;
using mqtt::net::test::Pair;
using mqtt::net::test::poll;
using mqtt::net::test::run_until;

namespace {

/// Keeps what the pump tells; what a test wants to happen inside a call is a function.
class Recorder : public Pump::Handler {
 public:
  void on_bytes(std::span<const std::byte> bytes) override {
    received += as_text(bytes);
    ++reads;
    if (bytes_hook) bytes_hook();
  }
  void fill_output() override {
    ++fills;
    if (fill_hook) fill_hook();
  }
  Output& output() override { return pending; }
  void on_written(std::size_t count) override {
    written += count;
    pending.consume(count);
    if (written_hook) written_hook();
  }
  void on_closed(std::error_code reason) override {
    CHECK_FALSE(closed.has_value());
    closed = reason;
    if (closed_hook) closed_hook();
  }

  std::string received;
  std::size_t reads = 0;
  std::size_t fills = 0;
  std::size_t written = 0;
  Output pending;
  std::optional<std::error_code> closed;
  std::function<void()> bytes_hook;
  std::function<void()> fill_hook;
  std::function<void()> written_hook;
  std::function<void()> closed_hook;
};

/// A pump on one end of a connection and the test on the other.
struct Fixture {
  explicit Fixture(bool small_buffers = false) : Fixture(make_pair(small_buffers)) {}
  explicit Fixture(Pair pair)
      : pump(std::make_unique<Pump>(loop, std::move(pair.stream), recorder)),
        peer(std::move(pair.peer)) {
    pump->start();
  }
  bool run_until_closed() {
    return run_until(loop, [&] { return recorder.closed.has_value(); });
  }

  Loop loop;
  Recorder recorder;
  std::unique_ptr<Pump> pump;
  test::Socket peer;
};

void append(Output& output, std::string_view text) { output.append(as_bytes(text)); }

}  // namespace

TEST_CASE("bytes of the peer are handed over, and its end is told as eof") {
  Fixture f;
  f.peer.send("hello");
  f.peer.close();
  REQUIRE(f.run_until_closed());
  CHECK(f.recorder.received == "hello");
  CHECK(*f.recorder.closed == asio::error::eof);
}

TEST_CASE("a reset is told as an error") {
  Fixture f;
  f.peer.reset();
  REQUIRE(f.run_until_closed());
  CHECK(*f.recorder.closed == asio::error::connection_reset);
}

TEST_CASE("what on_bytes puts into the output is flushed by itself") {
  Fixture f;
  f.recorder.bytes_hook = [&] { append(f.recorder.pending, "pong"); };
  f.peer.send("ping");
  REQUIRE(run_until(f.loop, [&] { return f.peer.receive(), f.peer.received() == "pong"; }));
  CHECK(f.recorder.written == 4);
}

TEST_CASE("however often a pump is woken in a turn, it writes once") {
  Fixture f;
  REQUIRE(run_until(f.loop, [&] { return f.recorder.fills > 0; }));
  const std::size_t fills = f.recorder.fills;
  bool filled = false;
  f.recorder.fill_hook = [&] {
    if (!std::exchange(filled, true)) append(f.recorder.pending, "once");
  };
  for (int i = 0; i < 5; ++i) f.pump->wake();
  REQUIRE(run_until(f.loop, [&] { return f.peer.receive(), f.peer.received() == "once"; }));
  CHECK(f.recorder.fills == fills + 2);  // The second one added nothing.
}

TEST_CASE("fill_output is called again when all that was written, until it adds nothing") {
  Fixture f;
  int left = 3;
  f.recorder.fill_hook = [&] {
    if (left > 0) append(f.recorder.pending, std::to_string(left--));
  };
  f.pump->wake();
  REQUIRE(run_until(f.loop, [&] { return f.peer.receive(), f.peer.received() == "321"; }));
}

TEST_CASE("an output larger than the kernel takes arrives whole and in order") {
  Fixture f(true);
  std::string expected;
  while (expected.size() < 3'000'000) expected += std::to_string(expected.size()) + ",";
  append(f.recorder.pending, expected);
  f.pump->wake();
  REQUIRE(run_until(f.loop,
                    [&] { return f.peer.receive(), f.peer.received().size() >= expected.size(); }));
  CHECK(f.peer.received() == expected);
  CHECK(f.recorder.written == expected.size());
}

TEST_CASE("many shared blocks are gathered in order, more than fit into one call") {
  Fixture f;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    const std::string block(600, static_cast<char>('a' + i % 26));
    append(f.recorder.pending, "<");
    f.recorder.pending.append(Bytes::copy(block));
    expected += "<" + block;
  }
  f.pump->wake();
  REQUIRE(run_until(f.loop,
                    [&] { return f.peer.receive(), f.peer.received().size() >= expected.size(); }));
  CHECK(f.peer.received() == expected);
}

TEST_CASE("while the peer reads nothing, nothing more is filled in") {
  Fixture f(true);
  f.recorder.fill_hook = [&] { append(f.recorder.pending, std::string(10'000, 'x')); };
  f.pump->wake();
  while (poll(f.loop) > 0) continue;
  REQUIRE(f.recorder.fills > 0);
  const std::size_t fills = f.recorder.fills;
  for (int i = 0; i < 10; ++i) {
    f.pump->wake();
    poll(f.loop);
  }
  CHECK(f.recorder.fills == fills);
  f.recorder.fill_hook = nullptr;
  REQUIRE(run_until(f.loop, [&] { return f.peer.receive(), f.recorder.pending.empty(); }));
}

TEST_CASE("one flush writes a bounded amount, then others get their turn") {
  Fixture f;
  std::size_t most_in_a_turn = 0;
  std::size_t at_turn_start = 0;
  std::size_t total = 0;
  f.recorder.fill_hook = [&] {
    if (total >= 8'000'000) return;
    total += 50'000;
    append(f.recorder.pending, std::string(50'000, 'x'));
  };
  f.pump->wake();
  REQUIRE(run_until(f.loop, [&] {
    most_in_a_turn = std::max(most_in_a_turn, f.recorder.written - at_turn_start);
    at_turn_start = f.recorder.written;
    return f.peer.receive(), f.peer.received().size() >= 8'000'000;
  }));
  CHECK(most_in_a_turn < 2'200'000);
}

TEST_CASE("a paused pump leaves the bytes in the kernel and reads them once resumed") {
  Fixture f;
  f.pump->pause_reading();
  f.peer.send("late");
  poll(f.loop);
  poll(f.loop);
  CHECK(f.recorder.received.empty());
  f.pump->resume_reading();
  REQUIRE(run_until(f.loop, [&] { return f.recorder.received == "late"; }));
}

TEST_CASE("a connection that dies while reading is paused still gives its last bytes") {
  Fixture f;
  f.pump->pause_reading();
  poll(f.loop);
  f.peer.send("last words");
  f.peer.close();
  for (int i = 0; i < 10; ++i) poll(f.loop);
  CHECK_FALSE(f.recorder.closed.has_value());
  f.pump->resume_reading();
  REQUIRE(f.run_until_closed());
  CHECK(f.recorder.received == "last words");
  CHECK(*f.recorder.closed == asio::error::eof);
}

TEST_CASE("pausing from inside on_bytes holds") {
  Fixture f;
  f.recorder.bytes_hook = [&] { f.pump->pause_reading(); };
  f.peer.send("one");
  REQUIRE(run_until(f.loop, [&] { return f.recorder.reads == 1; }));
  f.peer.send("two");
  poll(f.loop);
  CHECK(f.recorder.received == "one");
  f.pump->resume_reading();
  REQUIRE(run_until(f.loop, [&] { return f.recorder.reads == 2; }));
}

TEST_CASE("what the peer said before it closed is handed over although our write fails") {
  Fixture f;
  f.pump->pause_reading();
  poll(f.loop);
  f.peer.send("reason");
  // Unread bytes on the peer's side turn its close into a reset.
  append(f.recorder.pending, "unread");
  f.pump->wake();
  poll(f.loop);
  REQUIRE(f.recorder.pending.empty());
  f.peer.close();
  append(f.recorder.pending, "too late");
  f.pump->wake();
  f.pump->resume_reading();
  REQUIRE(f.run_until_closed());
  CHECK(f.recorder.received == "reason");
}

TEST_CASE(
    "close_after_flush writes everything, half-closes, discards what comes, and closes in peace") {
  Fixture f(true);
  const std::string farewell(500'000, 'f');
  append(f.recorder.pending, farewell);
  f.pump->close_after_flush(Seconds(1000));
  f.peer.send("discarded");
  bool ended = false;
  REQUIRE(run_until(f.loop, [&] {
    if (!ended && (ended = f.peer.receive())) f.peer.close();
    return f.recorder.closed.has_value();
  }));
  CHECK(f.peer.received() == farewell);
  CHECK(f.peer.error() == 0);
  CHECK(f.recorder.received.empty());
  CHECK(f.recorder.fills == 0);
  CHECK(*f.recorder.closed == std::error_code{});
}

TEST_CASE("close_after_flush goes on writing to a peer that has half-closed") {
  Fixture f(true);
  const std::string farewell(500'000, 'f');
  append(f.recorder.pending, farewell);
  f.peer.half_close();
  f.pump->close_after_flush(Seconds(1000));
  REQUIRE(run_until(f.loop, [&] { return f.peer.receive(); }));
  CHECK(f.peer.received() == farewell);
  REQUIRE(f.run_until_closed());
  CHECK(*f.recorder.closed == std::error_code{});
}

TEST_CASE("close_after_flush gives up on a peer that never reads") {
  Fixture f(true);
  append(f.recorder.pending, std::string(5'000'000, 'x'));
  f.pump->close_after_flush(std::chrono::milliseconds(20));
  REQUIRE(f.run_until_closed());
  CHECK(*f.recorder.closed == asio::error::timed_out);
}

TEST_CASE("close_after_flush does not wait longer than the linger for a peer that never closes") {
  Fixture f;
  append(f.recorder.pending, "bye");
  f.pump->close_after_flush(std::chrono::milliseconds(20));
  REQUIRE(f.run_until_closed());
  CHECK(*f.recorder.closed == std::error_code{});
  CHECK(f.peer.receive());
  CHECK(f.peer.received() == "bye");
}

TEST_CASE("close_after_flush reads on although reading was paused") {
  Fixture f;
  f.pump->pause_reading();
  f.peer.send(std::string(100'000, 'x'));
  f.pump->close_after_flush(Seconds(1000));
  REQUIRE(run_until(f.loop, [&] { return f.peer.receive(); }));
  CHECK(f.peer.error() == 0);
  f.peer.close();
  REQUIRE(f.run_until_closed());
  CHECK(*f.recorder.closed == std::error_code{});
}

TEST_CASE("on_closed never comes from inside close") {
  Fixture f;
  f.recorder.bytes_hook = [&] {
    f.pump->close(asio::error::timed_out);
    CHECK_FALSE(f.recorder.closed.has_value());
  };
  f.peer.send("x");
  REQUIRE(f.run_until_closed());
  CHECK(*f.recorder.closed == asio::error::timed_out);
  f.pump->close(asio::error::eof);
  f.pump->wake();
  f.pump->pause_reading();
  f.pump->resume_reading();
  poll(f.loop);
}

TEST_CASE("a pump may be destroyed inside on_closed") {
  Fixture f;
  f.recorder.closed_hook = [&] { f.pump.reset(); };
  f.peer.close();
  REQUIRE(f.run_until_closed());
  CHECK(f.pump == nullptr);
}

TEST_CASE("a pump may be destroyed inside any call of its handler") {
  Fixture f;
  const auto destroy = [&] { f.pump.reset(); };
  SUBCASE("on_bytes") { f.recorder.bytes_hook = destroy; }
  SUBCASE("fill_output") { f.recorder.fill_hook = destroy; }
  SUBCASE("on_written") {
    append(f.recorder.pending, "out");
    f.recorder.written_hook = destroy;
  }
  f.peer.send("in");
  f.pump->wake();
  REQUIRE(run_until(f.loop, [&] { return f.pump == nullptr; }));
  CHECK(run_until(f.loop, [&] { return f.peer.receive(); }));
  CHECK_FALSE(f.recorder.closed.has_value());
}

TEST_CASE("a pump may be destroyed while it is marked, lingers or waits for room") {
  Fixture f(true);
  append(f.recorder.pending, std::string(2'000'000, 'x'));
  f.pump->wake();
  SUBCASE("marked") {}
  SUBCASE("waiting for room") { poll(f.loop); }
  SUBCASE("lingering") {
    f.pump->close_after_flush(Seconds(1000));
    poll(f.loop);
  }
  SUBCASE("on_closed posted") { f.pump->close(asio::error::eof); }
  f.pump.reset();
  f.loop.context().restart();
  f.loop.run();  // Returns at once: nothing is left.
  CHECK_FALSE(f.recorder.closed.has_value());
}

TEST_CASE("an idle connection's output holds no memory") {
  Fixture f;
  f.recorder.bytes_hook = [&] { append(f.recorder.pending, std::string(300, 'r')); };
  f.peer.send("x");
  REQUIRE(run_until(f.loop, [&] { return f.peer.receive(), f.peer.received().size() == 300; }));
  std::vector<std::byte> buffer;
  f.recorder.pending.swap_buffer(buffer);
  CHECK(buffer.capacity() == 0);
}
