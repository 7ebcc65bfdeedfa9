#include "libmqtt/net/dial.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>
#include <vector>

#include "libmqtt/net/listen.hpp"
#include "tests/net/dialling.hpp"
#include "tests/net/loopback.hpp"

using namespace mqtt;
using namespace mqtt::net;
using namespace mqtt::net::test;

namespace {

class Accepted : public Listener::Handler {
 public:
  void on_stream(std::unique_ptr<Stream> stream) override { streams.push_back(std::move(stream)); }
  void on_accept_error(std::error_code) override {}
  std::vector<std::unique_ptr<Stream>> streams;
};

/// A port that refuses: bound, but nobody listens.
class RefusingPort {
 public:
  RefusingPort() {
    socket_.open(asio::ip::tcp::v4());
    socket_.bind({asio::ip::address_v4::loopback(), 0});
  }
  std::uint16_t port() const { return socket_.local_endpoint().port(); }

 private:
  asio::io_context context_;
  asio::ip::tcp::socket socket_{context_};
};

/// A port that stays silent: its backlog is full, so that the kernel drops every further SYN.
class SilentPort {
 public:
  explicit SilentPort(const char* address = "127.0.0.1", std::uint16_t port = 0) {
    const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(address), port);
    acceptor_.open(endpoint.protocol());
    acceptor_.bind(endpoint);
    acceptor_.listen(0);
    for (int i = 0; i < 4; ++i) {
      auto& filler = fillers_.emplace_back(context_);
      filler.async_connect(acceptor_.local_endpoint(), [](std::error_code) {});
    }
    context_.poll();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  asio::io_context context_;
  asio::ip::tcp::acceptor acceptor_{context_};
  std::vector<asio::ip::tcp::socket> fillers_;
};

}  // namespace

TEST_CASE("an IPv4 literal is dialled, and the stream names its peer") {
  Loop loop;
  Accepted accepted;
  const auto listener = Listener::open(loop, {.address = "127.0.0.1", .port = 0}, accepted);
  REQUIRE(listener);
  const auto result = dial_once(loop, to("127.0.0.1", (*listener)->port()));
  REQUIRE(result);
  CHECK((*result)->peer() == "127.0.0.1:" + std::to_string((*listener)->port()));
  REQUIRE(run_until(loop, [&] { return accepted.streams.size() == 1; }));
}

TEST_CASE("an IPv6 literal is dialled") {
  Loop loop;
  Accepted accepted;
  const auto listener = Listener::open(loop, {.address = "::1", .port = 0}, accepted);
  REQUIRE(listener);
  const auto result = dial_once(loop, to("::1", (*listener)->port()));
  REQUIRE(result);
  CHECK((*result)->peer() == "[::1]:" + std::to_string((*listener)->port()));
}

TEST_CASE("every address of a name is tried until one answers") {
  Loop loop;
  Accepted accepted;
  // localhost is ::1 and 127.0.0.1 where both exist; whichever listens must be found.
  for (const char* address : {"127.0.0.1", "::1"}) {
    const auto listener = Listener::open(loop, {.address = address, .port = 0}, accepted);
    REQUIRE(listener);
    const auto result = dial_once(loop, to("localhost", (*listener)->port()));
    if (result || std::string_view(address) == "127.0.0.1") CHECK(result);
  }
}

TEST_CASE("a refused connection names host, port and reason") {
  Loop loop;
  const RefusingPort refusing;
  const auto result = dial_once(loop, to("127.0.0.1", refusing.port()));
  REQUIRE_FALSE(result);
  CHECK(result.error().step == DialError::Step::connect);
  CHECK(result.error().error == asio::error::connection_refused);
  CHECK(result.error().text ==
        "connect 127.0.0.1:" + std::to_string(refusing.port()) + ": connection refused");
}

TEST_CASE("a name that does not exist is an error of the look-up") {
  Loop loop;
  const auto result = dial_once(loop, to("nosuch.invalid", 1883));
  REQUIRE_FALSE(result);
  CHECK(result.error().step == DialError::Step::resolve);
  CHECK(result.error().text.starts_with("lookup nosuch.invalid: "));
}

TEST_CASE("a port that stays silent ends with the timeout") {
  Loop loop;
  const SilentPort silent;
  const auto result =
      dial_once(loop, to("127.0.0.1", silent.port()), {.timeout = std::chrono::milliseconds(30)});
  REQUIRE_FALSE(result);
  CHECK(result.error().step == DialError::Step::timeout);
  CHECK(result.error().text ==
        "connect 127.0.0.1:" + std::to_string(silent.port()) + ": timed out");
}

TEST_CASE("an address that stays silent leaves time for the next one") {
  Loop loop;
  Accepted accepted;
  const auto listener = Listener::open(loop, {.address = "127.0.0.1", .port = 0}, accepted);
  REQUIRE(listener);
  // Where localhost is ::1 as well, that is tried first.
  const SilentPort silent("::1", (*listener)->port());
  const auto result =
      dial_once(loop, to("localhost", (*listener)->port()), {.timeout = Seconds(2)});
  CHECK(result);
}

TEST_CASE("a dial is cancelled before it starts, while it looks up, and while it connects") {
  Loop loop;
  const SilentPort silent;
  std::stop_source stop;
  std::optional<DialResult> result;
  SUBCASE("before") {
    stop.request_stop();
    start_dial(loop, to("127.0.0.1", silent.port()), {.cancel = stop.get_token()}, result);
  }
  SUBCASE("looking up") {
    start_dial(loop, to("nosuch.invalid", silent.port()), {.cancel = stop.get_token()}, result);
    poll(loop);
    stop.request_stop();
  }
  SUBCASE("connecting") {
    start_dial(loop, to("127.0.0.1", silent.port()), {.cancel = stop.get_token()}, result);
    poll(loop);
    stop.request_stop();
  }
  loop.context().restart();
  loop.run();  // Nothing is left that could keep it.
  REQUIRE(result.has_value());
  REQUIRE_FALSE(*result);
  CHECK(result->error().error == asio::error::operation_aborted);
}

TEST_CASE("a loop may be destroyed while a dial is under way") {
  const SilentPort silent;
  std::optional<DialResult> result;
  {
    Loop loop;
    start_dial(loop, to("127.0.0.1", silent.port()), {}, result);
    start_dial(loop, to("nosuch.invalid", silent.port()), {}, result);
    poll(loop);
  }
  CHECK(true);
}

TEST_CASE("the local address is bound as asked") {
  Loop loop;
  Accepted accepted;
  const auto listener = Listener::open(loop, {.address = "127.0.0.1", .port = 0}, accepted);
  REQUIRE(listener);
  const auto result =
      dial_once(loop, to("127.0.0.1", (*listener)->port()), {.bind_address = "127.0.0.2"});
  REQUIRE(result);
  REQUIRE(run_until(loop, [&] { return accepted.streams.size() == 1; }));
  CHECK(accepted.streams[0]->peer().starts_with("127.0.0.2:"));
}

TEST_CASE("a local address that is not ours is an error that names it") {
  Loop loop;
  const auto result = dial_once(loop, to("127.0.0.1", 1), {.bind_address = "192.0.2.1"});
  REQUIRE_FALSE(result);
  CHECK(result.error().text == "bind 192.0.2.1: cannot assign requested address");
}
