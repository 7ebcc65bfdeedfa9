#include "libmqtt/net/ws_stream.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/ws_error.hpp"
#include "tests/net/line_stream.hpp"
#include "tests/net/ws_frames.hpp"

using namespace mqtt;
using namespace mqtt::net;
using namespace mqtt::net::test;

namespace {

/// What is at the transport's other end.
struct Ends {
  Line in;   ///< What the peer has sent.
  Line out;  ///< What has been written to it.
  std::unique_ptr<Stream> stream() { return std::make_unique<LineStream>(in, out); }
};

constexpr std::string_view kRequest =
    "GET /mqtt HTTP/1.1\r\nHost: broker\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: mqtt\r\n\r\n";

/// What one try_read gives: its bytes, or the error's text in brackets.
std::string read(Stream& stream) {
  std::string buffer(65'536, '\0');
  const auto [count, error] = stream.try_read(std::as_writable_bytes(std::span(buffer)));
  if (error == asio::error::would_block) return "[would block]";
  if (error == asio::error::eof) return "[eof]";
  return error ? "[" + error.message() + "]" : buffer.substr(0, count);
}

Stream::Transfer write(Stream& stream, std::string_view text) {
  const std::array<std::span<const std::byte>, 1> pieces{as_bytes(text)};
  return stream.try_write(pieces);
}

/// A server's stream whose handshake is over, and what is at its other end.
struct Server {
  Server() : Server(WsServerOptions{}) {}
  explicit Server(const WsServerOptions& options)
      : stream(WsStream::server(ends.stream(), options)) {
    ends.in.bytes = kRequest;
    CHECK(read(*stream) == "[would block]");
    CHECK(ends.out.bytes.starts_with("HTTP/1.1 101 "));
    ends.out.bytes.clear();
  }
  Ends ends;
  std::unique_ptr<WsStream> stream;
};

struct Client {
  explicit Client(std::string early = {})
      : stream(WsStream::client(ends.stream(), std::move(early))) {}
  Ends ends;
  std::unique_ptr<WsStream> stream;
};

/// What a server reads of the bytes that a client wrote.
std::string unframed(std::string_view bytes) {
  Server reader;
  reader.ends.in.bytes = bytes;
  std::string all;
  for (std::string data = read(*reader.stream); !data.starts_with('['); data = read(*reader.stream))
    all += data;
  return all;
}

}  // namespace

TEST_CASE("the handshake is done while reading, and what came with it is not lost") {
  Ends ends;
  const auto stream = WsStream::server(ends.stream(), {});
  ends.in.bytes = std::string(kRequest) + masked(kBinary, "first") + masked(kBinary, " second");
  CHECK(read(*stream) == "first second");
  CHECK(ends.out.bytes.starts_with("HTTP/1.1 101 "));
  CHECK(stream->peer() == "line");
}

TEST_CASE("a handshake may come in pieces, and its answer go in pieces") {
  Ends ends{{.bytes = std::string(kRequest), .chunk = 20}, {.room = 10}};
  const auto stream = WsStream::server(ends.stream(), {});
  while (!ends.in.bytes.empty()) CHECK(read(*stream) == "[would block]");
  CHECK(ends.out.bytes == "HTTP/1.1 1");
  CHECK(stream->wants_write());
  ends.out.room = 1000;
  CHECK(stream->try_write({}).error == std::error_code());
  CHECK_FALSE(stream->wants_write());
  CHECK(ends.out.bytes.ends_with("\r\n\r\n"));
}

TEST_CASE("a refused handshake is answered, then told") {
  Ends ends;
  const auto stream = WsStream::server(ends.stream(), {.path = "/other"});
  ends.in.bytes = kRequest;
  CHECK(read(*stream) == "[WebSocket handshake refused]");
  CHECK(ends.out.bytes.starts_with("HTTP/1.1 404 Not Found\r\n"));
  CHECK(read(*stream) == "[WebSocket handshake refused]");
  CHECK(write(*stream, "x").error == asio::error::not_connected);
}

TEST_CASE("each write is one binary frame, however many pieces it has [MQTT-6.0.0-1]") {
  Server server;
  const std::string a = "head";
  const std::string b(70'000, 'b');
  const std::array<std::span<const std::byte>, 2> pieces{as_bytes(a), as_bytes(b)};
  CHECK(server.stream->try_write(pieces).bytes == a.size() + b.size());
  CHECK(write(*server.stream, "next").bytes == 4);
  CHECK(server.ends.out.bytes == plain(kBinary, a + b) + plain(kBinary, "next"));
  CHECK_FALSE(server.stream->wants_write());
}

TEST_CASE("a frame goes on where the transport had no room, and then the next begins") {
  const std::string text = "0123456789";
  for (std::size_t room = 0; room < 16; ++room) {
    CAPTURE(room);
    Server server;
    Client client;
    for (auto* end : {&server.ends, &client.ends}) end->out.room = room;
    for (Stream* stream :
         {static_cast<Stream*>(server.stream.get()), static_cast<Stream*>(client.stream.get())}) {
      Ends& ends = stream == server.stream.get() ? server.ends : client.ends;
      const auto [count, error] = write(*stream, text);
      CHECK((count == 0) == (error == asio::error::would_block));
      ends.out.room = 1000;
      // More has been added meanwhile: it belongs to the next frame.
      const std::string rest = text.substr(count) + "more";
      const std::size_t second = write(*stream, rest).bytes;
      if (second < rest.size()) write(*stream, rest.substr(second));
    }
    CHECK(server.ends.out.bytes == plain(kBinary, text) + plain(kBinary, "more"));
    CHECK(unframed(client.ends.out.bytes) == text + "more");
  }
}

TEST_CASE("a client masks, each frame with another key") {
  Client client;
  const std::string large(100'000, 'x');
  const std::string small = "y";
  const std::array<std::span<const std::byte>, 3> pieces{as_bytes(small), as_bytes(large),
                                                         as_bytes(small)};
  CHECK(client.stream->try_write(pieces).bytes == large.size() + 2);
  CHECK(unframed(client.ends.out.bytes) == "y" + large + "y");
  client.ends.out.bytes.clear();
  write(*client.stream, "same");
  write(*client.stream, "same");
  CHECK(client.ends.out.bytes.substr(0, 10) != client.ends.out.bytes.substr(10));
}

TEST_CASE("what the server sent behind its answer is read first") {
  Client client(plain(kBinary, "early") + plain(kBinary, "half").substr(0, 4));
  client.ends.in.bytes = plain(kBinary, "half").substr(4) + plain(kBinary, "late");
  CHECK(client.stream->has_input());
  CHECK(read(*client.stream) == "earlyha");
  CHECK_FALSE(client.stream->has_input());
  CHECK(read(*client.stream) == "lflate");
}

TEST_CASE("a ping is answered at once, between data frames only") {
  Server server;
  server.ends.in.bytes = masked(kPing, "hello");
  CHECK(read(*server.stream) == "[would block]");
  CHECK(server.ends.out.bytes == plain(kPong, "hello"));

  server.ends.out.bytes.clear();
  server.ends.out.room = 5;
  CHECK(write(*server.stream, "abcdef").bytes == 3);
  server.ends.in.bytes = masked(kPing, "now");
  CHECK(read(*server.stream) == "[would block]");
  server.ends.out.room = 100;
  CHECK(write(*server.stream, "def").bytes == 3);
  CHECK(server.stream->wants_write());
  server.stream->try_write({});
  CHECK(server.ends.out.bytes == plain(kBinary, "abcdef") + plain(kPong, "now"));
}

TEST_CASE("a flood of pings that nobody reads the answers of costs one pong") {
  Server server;
  server.ends.out.room = 3;
  for (int i = 0; i < 1000; ++i) {
    server.ends.in.bytes = masked(kPing, "number " + std::to_string(i));
    CHECK(read(*server.stream) == "[would block]");
  }
  server.ends.out.room = 1'000'000;
  server.stream->try_write({});
  CHECK(server.ends.out.bytes == plain(kPong, "number 0") + plain(kPong, "number 999"));
  CHECK_FALSE(server.stream->wants_write());
}

TEST_CASE("a Close of the peer is answered with its code and is the end of its bytes") {
  Server server;
  server.ends.in.bytes = masked(kBinary, "last") + masked(kClose, "\x03\xE9");
  CHECK(read(*server.stream) == "last");
  CHECK(server.stream->has_input());
  CHECK(server.ends.out.bytes == plain(kClose, "\x03\xE9"));
  CHECK(read(*server.stream) == "[eof]");
  CHECK_FALSE(server.stream->has_input());
  CHECK(write(*server.stream, "x").error == asio::error::eof);
}

TEST_CASE("our own Close goes before the transport's end, and the peer's answer is the end") {
  Server server;
  server.ends.out.room = 0;
  server.stream->shutdown_send();
  CHECK_FALSE(server.ends.out.ended);
  CHECK(server.stream->wants_write());
  server.ends.out.room = 100;
  server.stream->try_write({});
  CHECK(server.ends.out.bytes == plain(kClose, "\x03\xE8"));
  CHECK(server.ends.out.ended);
  CHECK(write(*server.stream, "x").error == asio::error::not_connected);
  server.ends.in.bytes =
      masked(kPing, "too late") + masked(kBinary, "read") + masked(kClose, "\x03\xE8");
  CHECK(read(*server.stream) == "read");
  CHECK(read(*server.stream) == "[eof]");
  CHECK(server.ends.out.bytes == plain(kClose, "\x03\xE8"));
}

TEST_CASE("a fault is answered with its close code and told") {
  Server server;
  server.ends.in.bytes = masked(kBinary, "good") + masked(kText, "bad");
  CHECK(read(*server.stream) == "good");
  CHECK(read(*server.stream) == "[WebSocket data frame that is not binary]");
  CHECK(server.ends.out.bytes == plain(kClose, "\x03\xEB"));

  Client client;
  client.ends.in.bytes = masked(kBinary, "a server does not mask");
  CHECK(read(*client.stream) == "[WebSocket protocol error]");
  CHECK(unframed(client.ends.out.bytes).empty());
}

TEST_CASE("the end of the transport is the end of the stream, in the handshake too") {
  Server server;
  server.ends.in.ended = true;
  CHECK(read(*server.stream) == "[eof]");
  Ends ends{{.bytes = "GET /", .ended = true}, {}};
  const auto stream = WsStream::server(ends.stream(), {});
  CHECK(read(*stream) == "[would block]");
  CHECK(read(*stream) == "[eof]");
}

TEST_CASE("a frame may announce more than any memory: what comes of it is passed on") {
  Server server;
  server.ends.in.bytes = std::string("\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10) +
                         std::string(4, '\0') + "beginning";
  CHECK(read(*server.stream) == "beginning");
  server.ends.in.bytes = "and more";
  CHECK(read(*server.stream) == "and more");
}

TEST_CASE("whoever does not finish the handshake gets no frame") {
  Ends ends{{.bytes = "GET /"}, {}};
  const auto stream = WsStream::server(ends.stream(), {});
  CHECK(read(*stream) == "[would block]");
  stream->shutdown_send();
  CHECK(ends.out.bytes.empty());
  CHECK(ends.out.ended);
}
