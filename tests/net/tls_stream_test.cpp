#include "libmqtt/net/tls_stream.hpp"

#include <doctest/doctest.h>

#include <optional>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/proxy_stream.hpp"
#include "tests/net/line_stream.hpp"
#include "tests/support/authority.hpp"

using namespace mqtt;
using namespace mqtt::net;
using mqtt::net::test::Line;
using mqtt::net::test::LineStream;
using support::Authority;
using support::Credentials;

namespace {

/// The credentials of all tests in this file: making them takes longer than all the tests.
struct Keys {
  Authority authority;
  Credentials server = authority.issue("server");
  Credentials client = authority.issue("client", {.subject = "/C=DE/O=House/CN=lamp", .names = ""});
};
Keys& keys() {
  static Keys all;
  return all;
}

TlsServerOptions server_options() {
  return {.certfile = keys().server.certfile, .keyfile = keys().server.keyfile};
}
TlsClientOptions client_options() { return {.cafile = keys().authority.cafile()}; }

TlsContext server_context(const TlsServerOptions& options = server_options()) {
  auto context = TlsContext::server(options);
  REQUIRE_MESSAGE(context.has_value(), (context ? "" : context.error()));
  return *context;
}
TlsContext client_context(const TlsClientOptions& options = client_options()) {
  auto context = TlsContext::client(options);
  REQUIRE_MESSAGE(context.has_value(), (context ? "" : context.error()));
  return *context;
}

/// A client and a server over two lines; what each has read.
struct Talk {
  explicit Talk(const TlsContext& server_side = server_context(),
                const TlsContext& client_side = client_context(),
                const std::string& host = "localhost")
      : server(std::make_unique<LineStream>(up, down), server_side),
        client(std::make_unique<LineStream>(down, up), client_side, host) {}

  /// Both sides go on until neither gets any further.
  void settle() {
    std::size_t before = 0;
    do {
      before = moved;
      step(client, client_read, client_error);
      step(server, server_read, server_error);
    } while (moved != before || wants_more());
  }

  void step(TlsStream& stream, std::string& read, std::error_code& error) {
    const std::size_t lying = up.bytes.size() + down.bytes.size();
    if (stream.wants_write()) stream.try_write({});
    std::array<std::byte, 4096> buffer;
    do {
      const auto got = stream.try_read(buffer);
      read += as_text(std::span(buffer).first(got.bytes));
      moved += got.bytes;
      if (got.error != asio::error::would_block && got.error) {
        if (!error) ++moved;
        error = got.error;
      }
      if (got.error) break;
    } while (stream.has_input());
    if (up.bytes.size() + down.bytes.size() != lying) ++moved;
  }
  bool wants_more() const { return false; }

  /// Everything, however often the line is full.
  void send(TlsStream& from, std::string_view text) {
    while (!text.empty()) {
      const std::array<std::span<const std::byte>, 1> pieces{as_bytes(text)};
      const auto sent = from.try_write(pieces);
      if (sent.error && sent.error != asio::error::would_block) FAIL(sent.error.message());
      text.remove_prefix(sent.bytes);
      settle();
    }
  }

  Line up;    ///< From the client to the server.
  Line down;  ///< The other way.
  TlsStream server;
  TlsStream client;
  std::string server_read;
  std::string client_read;
  std::error_code server_error;
  std::error_code client_error;
  std::size_t moved = 0;
};

std::string numbers(std::size_t size) {
  std::string text;
  while (text.size() < size) text += std::to_string(text.size()) + ",";
  return text;
}

}  // namespace

TEST_CASE("bytes go both ways, encrypted") {
  Talk talk;
  talk.settle();
  CHECK_FALSE(talk.client.handshake());
  talk.send(talk.client, "hello server");
  talk.send(talk.server, "hello client");
  CHECK(talk.server_read == "hello server");
  CHECK(talk.client_read == "hello client");
  CHECK_FALSE(talk.server.wants_write());
  CHECK_FALSE(talk.server.has_input());
}

TEST_CASE(
    "everything arrives whole over a transport that moves a byte a call, or has little room") {
  Talk talk;
  SUBCASE("a byte a call") { talk.up.chunk = talk.down.chunk = 1; }
  SUBCASE("a byte of room") { talk.up.room = talk.down.room = 1; }
  SUBCASE("a hundred bytes of room") { talk.up.room = talk.down.room = 100; }
  talk.settle();
  const std::string text = numbers(40'000);
  talk.send(talk.client, text);
  talk.send(talk.server, text);
  CHECK(talk.server_read == text);
  CHECK(talk.client_read == text);
}

TEST_CASE("many pieces arrive in order, as few records") {
  Talk talk;
  talk.settle();
  const std::string small = numbers(300);
  const std::string large = numbers(50'000);
  std::vector<std::span<const std::byte>> pieces(10, as_bytes(small));
  pieces.insert(pieces.begin() + 5, as_bytes(large));
  const auto sent = talk.server.try_write(pieces);
  CHECK(sent.bytes == 10 * small.size() + large.size());
  // Each record has 22 bytes of its own in TLS 1.3.
  CHECK(talk.down.bytes.size() <= sent.bytes + 5 * 22);
  talk.settle();
  std::string expected;
  for (const auto& piece : pieces) expected += as_text(piece);
  CHECK(talk.client_read == expected);
}

TEST_CASE("what a small buffer leaves behind is announced as input") {
  Talk talk;
  talk.settle();
  const std::array<std::span<const std::byte>, 1> pieces{as_bytes("ten bytes!")};
  talk.client.try_write(pieces);
  std::array<std::byte, 4> buffer;
  CHECK(talk.server.try_read(buffer).bytes == 4);
  CHECK(talk.server.has_input());
  CHECK(talk.server.try_read(buffer).bytes == 4);
  CHECK(talk.server.try_read(buffer).bytes == 2);
  CHECK_FALSE(talk.server.has_input());
  CHECK(talk.server.try_read(buffer).error == asio::error::would_block);
}

TEST_CASE("an orderly end is eof, and the other direction goes on") {
  Talk talk;
  talk.settle();
  talk.client.shutdown_send();
  CHECK(talk.up.ended);
  talk.settle();
  CHECK(talk.server_error == asio::error::eof);
  talk.send(talk.server, "still here");
  CHECK(talk.client_read == "still here");
}

TEST_CASE("the end waits for what the transport has not taken") {
  Talk talk;
  talk.settle();
  talk.up.room = 0;
  const std::array<std::span<const std::byte>, 1> pieces{as_bytes("last words")};
  CHECK(talk.client.try_write(pieces).bytes == 10);
  CHECK(talk.client.wants_write());
  talk.client.shutdown_send();
  CHECK_FALSE(talk.up.ended);
  talk.up.room = 1000;
  talk.settle();
  CHECK(talk.server_read == "last words");
  CHECK(talk.server_error == asio::error::eof);
}

TEST_CASE("an end without close_notify is eof as well, within the handshake too") {
  Talk talk;
  SUBCASE("after the handshake") {
    talk.settle();
    talk.up.ended = true;
  }
  SUBCASE("within") { talk.up.ended = true; }
  SUBCASE("after a record's beginning") {
    talk.settle();
    talk.up.bytes = "\x17\x03\x03";
    talk.up.ended = true;
  }
  talk.settle();
  CHECK(talk.server_error == asio::error::eof);
}

TEST_CASE("the transport's own errors come through") {
  Talk talk;
  talk.settle();
  talk.up.broken = true;
  talk.settle();
  CHECK(talk.server_error == asio::error::connection_reset);
  const std::array<std::span<const std::byte>, 1> pieces{as_bytes("x")};
  CHECK(talk.server.try_write(pieces).error == asio::error::connection_reset);
}

TEST_CASE("garbage ends the connection with a line for a person") {
  Talk talk;
  SUBCASE("plain MQTT") { talk.up.bytes = std::string("\x10\x0c\0\4MQTT\4\2\0\0\0\0", 14); }
  SUBCASE("HTTP") { talk.up.bytes = "GET / HTTP/1.1\r\n\r\n"; }
  std::array<std::byte, 100> buffer;
  const auto read = talk.server.try_read(buffer);
  CHECK(read.error.message() == "TLS: the peer does not speak TLS");
  CHECK(talk.server.try_read(buffer).error == read.error);
}

TEST_CASE("a record that was changed on its way is refused") {
  Talk talk;
  talk.settle();
  const std::array<std::span<const std::byte>, 1> pieces{as_bytes("hello")};
  talk.client.try_write(pieces);
  talk.up.bytes.back() ^= 1;
  talk.settle();
  CHECK(talk.server_read.empty());
  CHECK(talk.server_error.message() == "TLS: decryption failed or bad record mac");
  CHECK(talk.client_error.message() == "TLS: the peer refused: bad record mac");
}

TEST_CASE("a client tells why it does not trust the server") {
  std::optional<Talk> talk;
  SUBCASE("another name") {
    talk.emplace(server_context(), client_context(), "example.org");
    talk->settle();
    CHECK(talk->client_error.message() == "TLS: certificate refused: hostname mismatch");
  }
  SUBCASE("another address") {
    talk.emplace(server_context(), client_context(), "127.0.0.2");
    talk->settle();
    CHECK(talk->client_error.message() == "TLS: certificate refused: IP address mismatch");
  }
  SUBCASE("an unknown authority") {
    const Authority other("Another authority");
    talk.emplace(server_context(), client_context({.cafile = other.cafile()}));
    talk->settle();
    CHECK(talk->client_error.message() ==
          "TLS: certificate refused: unable to get local issuer certificate");
    CHECK(talk->server_error.message() == "TLS: the peer refused: unknown ca");
  }
}

TEST_CASE("names and addresses of the certificate are accepted, and --insecure accepts anything") {
  for (const char* host : {"localhost", "127.0.0.1", "::1"}) {
    CAPTURE(host);
    Talk talk(server_context(), client_context(), host);
    talk.settle();
    CHECK_FALSE(talk.client.handshake());
  }
  Talk renamed(server_context(),
               client_context({.cafile = keys().authority.cafile(), .server_name = "localhost"}),
               "example.org");
  renamed.settle();
  CHECK_FALSE(renamed.client.handshake());
  Talk insecure(server_context(), client_context({.insecure = true}), "example.org");
  insecure.settle();
  CHECK_FALSE(insecure.client.handshake());
}

TEST_CASE("a client's certificate is asked for, checked and told") {
  TlsServerOptions demanding = server_options();
  demanding.cafile = keys().authority.cafile();
  demanding.require_certificate = true;
  TlsClientOptions client = client_options();
  SUBCASE("shown") {
    client.certfile = keys().client.certfile;
    client.keyfile = keys().client.keyfile;
    Talk talk(server_context(demanding), client_context(client));
    talk.settle();
    const auto shown = talk.server.peer_certificate();
    REQUIRE(shown);
    CHECK(shown->common_name == "lamp");
    CHECK(shown->subject == "CN=lamp,O=House,C=DE");
  }
  SUBCASE("not shown") {
    Talk talk(server_context(demanding), client_context(client));
    talk.settle();
    CHECK(talk.server_error.message() == "TLS: the peer showed no certificate");
    CHECK(talk.client_error.message() == "TLS: the peer refused: certificate required");
    CHECK_FALSE(talk.server.peer_certificate());
  }
  SUBCASE("not asked for") {
    client.certfile = keys().client.certfile;
    client.keyfile = keys().client.keyfile;
    Talk talk(server_context(), client_context(client));
    talk.settle();
    CHECK_FALSE(talk.client.handshake());
    CHECK_FALSE(talk.server.peer_certificate());
  }
}

TEST_CASE("ALPN: a server chooses what it speaks, and serves who offers something else") {
  TlsClientOptions client = client_options();
  client.alpn = {"x-other", "mqtt"};
  Talk talk(server_context(), client_context(client));
  talk.settle();
  CHECK(talk.client.protocol() == "mqtt");
  client.alpn = {"x-other"};
  Talk other(server_context(), client_context(client));
  other.settle();
  CHECK_FALSE(other.client.handshake());
  CHECK(other.client.protocol().empty());
}

TEST_CASE("TLS passes through a PROXY header") {
  Line up;
  Line down;
  up.bytes = "PROXY TCP4 192.0.2.5 10.0.0.1 6275 1883\r\n";
  TlsStream server(
      std::make_unique<ProxyStream>(std::make_unique<LineStream>(up, down), ProxyRules{}),
      server_context());
  TlsStream client(std::make_unique<LineStream>(down, up), client_context(), "localhost");
  std::array<std::byte, 100> buffer;
  while (client.handshake()) REQUIRE(server.try_read(buffer).error == asio::error::would_block);
  const std::array<std::span<const std::byte>, 1> pieces{as_bytes("hello")};
  client.try_write(pieces);
  CHECK(server.try_read(buffer).bytes == 5);
  CHECK(server.peer() == "192.0.2.5:6275");
}
