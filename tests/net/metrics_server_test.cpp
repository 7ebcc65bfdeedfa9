#include "libmqtt/net/metrics_server.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

#include "tests/net/loopback.hpp"
#include "tests/support/loopback.hpp"

using namespace mqtt;
using mqtt::net::test::run_until;
using mqtt::net::MetricsServer;

namespace {

/// A server and a raw HTTP client on one loop.
class Fixture {
 public:
  explicit Fixture(Duration time_limit = MetricsServer::kTimeLimit) : server_(open(time_limit)) {}

  support::Descriptor connect() const {
    const std::string endpoint = server_->endpoint();
    const auto port = std::stoul(endpoint.substr(endpoint.rfind(':') + 1));
    return support::connect_loopback(static_cast<std::uint16_t>(port));
  }
  void send(const support::Descriptor& socket, std::string_view text) const {
    REQUIRE(::send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  /// Everything until the server closes.
  std::string read(const support::Descriptor& socket) {
    std::string all;
    CHECK(run_until(loop_, [&] {
      std::array<char, 65536> bytes{};
      const auto count = ::recv(socket.number(), bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (count > 0) all.append(bytes.data(), static_cast<std::size_t>(count));
      return count == 0 || (count < 0 && errno != EAGAIN);
    }));
    return all;
  }
  std::string ask(std::string_view request) {
    const auto socket = connect();
    send(socket, request);
    return read(socket);
  }
  void run() { net::test::poll(loop_); }
  net::Loop& loop() { return loop_; }

  int pages = 0;

 private:
  std::unique_ptr<MetricsServer> open(Duration time_limit) {
    auto opened = MetricsServer::open(
        loop_, {.port = 0},
        [this] {
          ++pages;
          return std::string("mq_broker_x 1\n");
        },
        time_limit);
    REQUIRE(opened);
    return std::move(*opened);
  }

  net::Loop loop_;
  std::unique_ptr<MetricsServer> server_;
};

}  // namespace

TEST_CASE("GET /metrics gives the page, and HEAD its head alone") {
  Fixture f;
  const std::string got = f.ask("GET /metrics?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(got.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n") != got.npos);
  CHECK(got.find("Content-Length: 14\r\n") != got.npos);
  CHECK(got.ends_with("\r\n\r\nmq_broker_x 1\n"));
  const std::string head = f.ask("HEAD /metrics HTTP/1.0\r\n\r\n");
  CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(head.find("Content-Length: 14\r\n") != head.npos);
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(f.pages == 2);
}

TEST_CASE("whatever else is asked gets what HTTP has for it, and no page is made") {
  Fixture f;
  CHECK(f.ask("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
  CHECK(f.ask("GET /metrics/ HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
  const std::string post = f.ask("POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
  CHECK(post.starts_with("HTTP/1.1 405 "));
  CHECK(post.find("Allow: GET, HEAD\r\n") != post.npos);
  for (const char* nonsense :
       {"\x10\x0c\r\n\r\n", "GET\r\n\r\n", "GET /metrics\r\n\r\n", "GET /metrics SMTP/1\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nno field\r\n\r\n"}) {
    CAPTURE(nonsense);
    CHECK(f.ask(nonsense).starts_with("HTTP/1.1 400 "));
  }
  CHECK(
      f.ask("GET /metrics HTTP/1.1\r\nX: " + std::string(9000, 'x')).starts_with("HTTP/1.1 431 "));
  CHECK(f.pages == 0);
}

TEST_CASE("a request may come byte by byte, and one that does not come holds nobody up") {
  Fixture f;
  std::vector<support::Descriptor> idle;
  for (std::size_t i = 1; i < MetricsServer::kMaximumConnections; ++i) idle.push_back(f.connect());
  const auto slow = f.connect();
  for (const char c : std::string_view("GET /metrics HTTP/1.1\r\n\r\n")) {
    f.send(slow, std::string(1, c));
    f.run();
  }
  CHECK(f.read(slow).starts_with("HTTP/1.1 200 "));
}

TEST_CASE("more connections than it serves at a time are closed") {
  Fixture f;
  std::vector<support::Descriptor> idle;
  for (std::size_t i = 0; i < MetricsServer::kMaximumConnections; ++i) idle.push_back(f.connect());
  f.run();
  CHECK(f.read(f.connect()).empty());
  idle.pop_back();
  CHECK(run_until(f.loop(), [&] {
    return f.ask("GET /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200 ");
  }));
}

TEST_CASE("a connection on which nothing is asked ends by itself") {
  Fixture f(std::chrono::milliseconds(20));
  CHECK(f.read(f.connect()).empty());
}
