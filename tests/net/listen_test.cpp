#include "libmqtt/net/listen.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <functional>
#include <vector>

#include "tests/net/loopback.hpp"

using namespace mqtt;
using namespace mqtt::net;
using mqtt::net::test::run_until;
using mqtt::net::test::Socket;

namespace {

class Accepted : public Listener::Handler {
 public:
  void on_stream(std::unique_ptr<Stream> stream) override {
    streams.push_back(std::move(stream));
    if (stream_hook) stream_hook();
  }
  void on_accept_error(std::error_code error) override {
    errors.push_back(error);
    if (error_hook) error_hook();
  }
  std::vector<std::unique_ptr<Stream>> streams;
  std::vector<std::error_code> errors;
  std::function<void()> stream_hook;
  std::function<void()> error_hook;
};

/// No new descriptor for the process until released.
class NoDescriptors {
 public:
  NoDescriptors() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit none{0, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  }
  ~NoDescriptors() { release(); }
  void release() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

std::unique_ptr<Listener> open(Loop& loop, const char* address, Accepted& accepted) {
  auto listener = Listener::open(loop, {.address = address, .port = 0}, accepted);
  REQUIRE_MESSAGE(listener.has_value(), (listener ? "" : listener.error()));
  return std::move(*listener);
}

}  // namespace

TEST_CASE("port 0 takes any free port and says which") {
  Loop loop;
  Accepted accepted;
  const auto listener = open(loop, "127.0.0.1", accepted);
  CHECK(listener->port() != 0);
  CHECK(listener->local_endpoint() == "127.0.0.1:" + std::to_string(listener->port()));
}

TEST_CASE("connections are handed out as streams that name their peer") {
  Loop loop;
  Accepted accepted;
  const auto listener = open(loop, "127.0.0.1", accepted);
  const Socket first = Socket::connect(listener->port());
  const Socket second = Socket::connect(listener->port());
  REQUIRE(run_until(loop, [&] { return accepted.streams.size() == 2; }));
  CHECK(accepted.streams[0]->peer().starts_with("127.0.0.1:"));
  CHECK(accepted.streams[0]->peer() != accepted.streams[1]->peer());
}

TEST_CASE("IPv6 listens beside IPv4 on the same port") {
  Loop loop;
  Accepted accepted;
  const auto v4 = open(loop, "0.0.0.0", accepted);
  const auto v6 = Listener::open(loop, {.address = "::", .port = v4->port()}, accepted);
  REQUIRE(v6);
  CHECK((*v6)->local_endpoint() == "[::]:" + std::to_string(v4->port()));
  const Socket peer = Socket::connect(v4->port(), true);
  REQUIRE(run_until(loop, [&] { return accepted.streams.size() == 1; }));
  CHECK(accepted.streams[0]->peer().starts_with("[::1]:"));
}

TEST_CASE("a port in use is an error that names it") {
  Loop loop;
  Accepted accepted;
  const auto listener = open(loop, "127.0.0.1", accepted);
  const auto second =
      Listener::open(loop, {.address = "127.0.0.1", .port = listener->port()}, accepted);
  REQUIRE_FALSE(second);
  CHECK(second.error() == "listen " + listener->local_endpoint() + ": address already in use");
}

TEST_CASE("what is not an address is an error that names it") {
  Loop loop;
  Accepted accepted;
  const auto listener = Listener::open(loop, {.address = "nonsense", .port = 1}, accepted);
  REQUIRE_FALSE(listener);
  CHECK(listener.error() == "listen nonsense:1: not an IPv4 or IPv6 address");
}

TEST_CASE("a port can be bound again at once after its connections were closed by us") {
  Loop loop;
  Accepted accepted;
  auto listener = open(loop, "127.0.0.1", accepted);
  const std::uint16_t port = listener->port();
  const Socket peer = Socket::connect(port);
  REQUIRE(run_until(loop, [&] { return accepted.streams.size() == 1; }));
  accepted.streams.clear();
  listener.reset();
  CHECK(Listener::open(loop, {.address = "127.0.0.1", .port = port}, accepted).has_value());
}

TEST_CASE("a listener may be destroyed in on_stream and while it waits") {
  Loop loop;
  Accepted accepted;
  auto listener = open(loop, "127.0.0.1", accepted);
  const Socket first = Socket::connect(listener->port());
  const Socket second = Socket::connect(listener->port());
  accepted.stream_hook = [&] { listener.reset(); };
  REQUIRE(run_until(loop, [&] { return listener == nullptr; }));
  loop.run();  // Returns: nothing is left.
  CHECK(accepted.streams.size() == 1);
}

TEST_CASE("out of descriptors, accepting rests and goes on") {
  Loop loop;
  Accepted accepted;
  const auto listener = open(loop, "127.0.0.1", accepted);
  const Socket peer = Socket::connect(listener->port());
  NoDescriptors none;
  std::size_t streams_before = 1;
  accepted.error_hook = [&] {
    streams_before = accepted.streams.size();
    none.release();
  };
  REQUIRE(run_until(loop, [&] { return !accepted.streams.empty(); }));
  CHECK(streams_before == 0);
  CHECK(accepted.errors.size() == 1);
  CHECK(accepted.errors[0] == asio::error::no_descriptors);
}
