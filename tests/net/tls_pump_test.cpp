#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/pump.hpp"
#include "libmqtt/net/tls_stream.hpp"
#include "tests/net/loopback.hpp"
#include "tests/support/authority.hpp"

using namespace mqtt;
using namespace mqtt::net;
using mqtt::net::test::poll;
using mqtt::net::test::run_until;

namespace {

struct Contexts {
  Contexts() {
    const auto keys = authority.issue("server");
    auto made = TlsContext::server({.certfile = keys.certfile, .keyfile = keys.keyfile});
    REQUIRE(made);
    server = *made;
    made = TlsContext::client({.cafile = authority.cafile()});
    REQUIRE(made);
    client = *made;
  }
  support::Authority authority;
  std::optional<TlsContext> server;
  std::optional<TlsContext> client;
};
Contexts& contexts() {
  static Contexts both;
  return both;
}

/// Keeps what comes, and gives what is to be sent.
class End : public Pump::Handler {
 public:
  void on_bytes(std::span<const std::byte> bytes) override {
    received += as_text(bytes);
    if (bytes_hook) bytes_hook();
  }
  void fill_output() override {}
  Output& output() override { return pending; }
  void on_written(std::size_t count) override { pending.consume(count); }
  void on_closed(std::error_code reason) override { closed = reason; }

  void start(Loop& loop, std::unique_ptr<Stream> stream) {
    pump = std::make_unique<Pump>(loop, std::move(stream), *this);
    pump->start();
  }
  void send(std::string_view text) {
    pending.append(as_bytes(text));
    pump->wake();
  }

  std::string received;
  Output pending;
  std::optional<std::error_code> closed;
  std::function<void()> bytes_hook;
  std::unique_ptr<Pump> pump;
};

/// Two pumps that talk TLS over a real connection.
struct Conversation {
  explicit Conversation(test::StreamPair pair = test::make_stream_pair()) {
    server.start(loop, std::make_unique<TlsStream>(std::move(pair.accepted), *contexts().server));
    auto stream =
        std::make_unique<TlsStream>(std::move(pair.connected), *contexts().client, "localhost");
    TlsStream& handshaking = *stream;
    REQUIRE(run_until(loop, [&] {
      asio::post(loop.context(), [] {});
      return !handshaking.handshake();
    }));
    client.start(loop, std::move(stream));
  }

  Loop loop;
  End server;
  End client;
};

std::string numbers(std::size_t size) {
  std::string text;
  while (text.size() < size) text += std::to_string(text.size()) + ",";
  return text;
}

}  // namespace

TEST_CASE("both directions at once, more than the kernel takes, arrive whole") {
  Conversation talk;
  const std::string up = numbers(2'000'000);
  const std::string down = "x" + up;
  talk.client.send(up);
  talk.server.send(down);
  REQUIRE(run_until(talk.loop, [&] {
    return talk.server.received.size() >= up.size() && talk.client.received.size() >= down.size();
  }));
  CHECK(talk.server.received == up);
  CHECK(talk.client.received == down);
}

TEST_CASE("what TLS holds already is handed over, at once or when reading goes on") {
  Conversation talk(test::make_unix_pair());
  talk.server.pump->pause_reading();
  // Many records, a little more than one read takes: OpenSSL has the rest then, the kernel nothing.
  const std::string text = numbers(67'000);
  for (std::size_t at = 0; at < text.size(); at += 1000) {
    talk.client.send(std::string_view(text).substr(at, 1000));
    REQUIRE(run_until(talk.loop, [&] { return talk.client.pending.empty(); }));
  }
  bool is_paused = true;
  SUBCASE("at once") {}
  SUBCASE("when reading goes on") {
    talk.server.bytes_hook = [&] {
      talk.server.pump->pause_reading();
      is_paused = true;
    };
  }
  REQUIRE(run_until(talk.loop, [&] {
    if (std::exchange(is_paused, false)) {
      while (poll(talk.loop) > 0) continue;
      talk.server.pump->resume_reading();
    }
    return talk.server.received.size() >= text.size();
  }));
  CHECK(talk.server.received == text);
}

TEST_CASE("close_after_flush writes everything and says good-bye in TLS too") {
  Conversation talk;
  const std::string farewell = numbers(500'000);
  talk.server.pending.append(as_bytes(farewell));
  talk.server.pump->close_after_flush(Seconds(1000));
  REQUIRE(run_until(talk.loop, [&] { return talk.client.closed && talk.server.closed; }));
  CHECK(talk.client.received == farewell);
  CHECK(*talk.client.closed == asio::error::eof);
  CHECK(*talk.server.closed == std::error_code{});
}

TEST_CASE("a peer that talks no TLS is told as such an error") {
  Loop loop;
  End server;
  test::Pair pair = test::make_pair();
  server.start(loop, std::make_unique<TlsStream>(std::move(pair.stream), *contexts().server));
  pair.peer.send("GET / HTTP/1.1\r\n\r\n");
  REQUIRE(run_until(loop, [&] { return server.closed.has_value(); }));
  CHECK(server.closed->message() == "TLS: the peer does not speak TLS");
}

TEST_CASE("an idle pump over TLS does nothing at all") {
  Conversation talk;
  talk.client.send("x");
  REQUIRE(run_until(talk.loop, [&] { return talk.server.received == "x"; }));
  while (poll(talk.loop) > 0) continue;
  CHECK(poll(talk.loop) == 0);
}
