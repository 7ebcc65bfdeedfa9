#include "libmqtt/server/server.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>

#include "tests/net/loopback.hpp"
#include "tests/support/authority.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/raw_connection.hpp"

using namespace mqtt;
using namespace mqtt::server;
using mqtt::net::test::run_until;
using support::from_hex;

namespace {

ServerSettings on_loopback(const ListenerSettings& listener = {}) {
  ServerSettings settings;
  settings.listeners.push_back(listener);
  settings.listeners.front().socket = {.address = "127.0.0.1", .port = 0};
  settings.access.allow_anonymous = true;
  return settings;
}

/// A server and raw sockets on one loop.
class Fixture {
 public:
  explicit Fixture(ServerSettings settings)
      : log_(Log::Level::error), server_(loop_, std::move(settings), log_) {
    const auto opened = server_.listen();
    REQUIRE_MESSAGE(opened, opened.error());
  }

  Server& server() { return server_; }
  support::Descriptor connect() { return support::connect_loopback(server_.ports().at(0)); }
  void send(const support::Descriptor& socket, std::string_view bytes) const {
    REQUIRE(::send(socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }
  template <class Done>
  bool until(Done done) {
    return run_until(loop_, done);
  }
  /// Whether the server ends the connection; what it says before does not matter.
  bool is_closed(const support::Descriptor& socket) {
    return until([&] {
      std::array<char, 4096> dropped{};
      const auto count = ::recv(socket.number(), dropped.data(), dropped.size(), MSG_DONTWAIT);
      return count == 0 || (count < 0 && errno != EAGAIN);
    });
  }

 private:
  net::Loop loop_;
  Log log_;
  Server server_;
};

const std::string kConnect = from_hex("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 61");

ServerSettings impatient(const ListenerSettings& listener) {
  ServerSettings settings = on_loopback(listener);
  settings.broker.limits.connect_timeout = std::chrono::milliseconds(10);
  return settings;
}

/// Without a byte, and with bytes that never become a CONNECT.
void check_that_nobody_lingers(const ListenerSettings& listener, std::string_view beginning) {
  Fixture f(impatient(listener));
  const auto silent = f.connect();
  const auto slow = f.connect();
  f.send(slow, beginning);
  CHECK(f.is_closed(silent));
  CHECK(f.is_closed(slow));
  CHECK(f.until([&] { return f.server().statistics().connections.open == 0; }));
  CHECK(f.server().statistics().connections.accepted == 2);
}

}  // namespace

TEST_CASE("CONNECT must come in time over plain TCP, WebSocket and TLS, handshakes included") {
  check_that_nobody_lingers({}, from_hex("10 0D 00"));
  ListenerSettings websockets;
  websockets.protocol = ListenerSettings::Protocol::websockets;
  check_that_nobody_lingers(websockets, "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: ");
  support::Authority authority;
  const auto credentials = authority.issue("server");
  ListenerSettings tls;
  tls.tls.emplace();
  tls.tls->certfile = credentials.certfile;
  tls.tls->keyfile = credentials.keyfile;
  check_that_nobody_lingers(tls, from_hex("16 03 01 02 00 01"));
  tls.protocol = ListenerSettings::Protocol::websockets;
  check_that_nobody_lingers(tls, from_hex("16 03 01 02 00 01"));
}

TEST_CASE("a server is idle while no client is connected, whoever else knocks") {
  Fixture f(on_loopback());
  const auto start = f.server().idle_since();
  REQUIRE(start);
  const auto client = f.connect();
  CHECK(f.until([&] { return f.server().statistics().connections.open == 1; }));
  CHECK(f.server().idle_since() == start);
  f.send(client, kConnect);
  CHECK(f.until([&] { return !f.server().idle_since(); }));
  const auto again = f.connect();
  f.send(again, kConnect);  // takes the session over
  CHECK(f.is_closed(client));
  CHECK_FALSE(f.server().idle_since());
  f.send(again, from_hex("E0 00"));
  CHECK(f.until([&] { return f.server().idle_since().has_value(); }));
  CHECK(*f.server().idle_since() > *start);
}

TEST_CASE("who comes over the limit is closed before anything is read") {
  ServerSettings settings = on_loopback();
  settings.max_connections = 1;
  Fixture f(std::move(settings));
  const auto first = f.connect();
  CHECK(f.until([&] { return f.server().statistics().connections.open == 1; }));
  const auto second = f.connect();
  CHECK(f.is_closed(second));
  CHECK(f.server().statistics().connections.over_global_limit == 1);
  f.send(first, kConnect);
  CHECK(f.until([&] { return f.server().statistics().broker.clients_connected == 1; }));
}
