#include "libmqtt/net/ws_handshake.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace mqtt::net;

namespace {

/// A request with which nothing is wrong; `change` replaces what a test wants to be different.
std::string request(std::string_view what = {}, std::string_view by = {}) {
  std::string text =
      "GET /mqtt HTTP/1.1\r\nHost: broker\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Protocol: mqtt\r\n\r\n";
  if (what.empty()) return text;
  REQUIRE(text.find(what) != std::string::npos);
  return text.replace(text.find(what), what.size(), by);
}

/// The first line of the answer to the whole request; empty while there is none.
std::string answer_to(std::string_view text, WsServerOptions options = {}) {
  WsServerHandshake handshake(std::move(options));
  handshake.receive(text);
  if (!handshake.answer()) return {};
  const std::string line = handshake.answer()->substr(0, handshake.answer()->find("\r\n"));
  CHECK(handshake.is_accepted() == (line == "HTTP/1.1 101 Switching Protocols"));
  return line;
}

constexpr std::string_view kAccepted = "HTTP/1.1 101 Switching Protocols";
constexpr std::string_view kBad = "HTTP/1.1 400 Bad Request";
constexpr std::string_view kUpgrade = "HTTP/1.1 426 Upgrade Required";

const std::string kNonce = "the sample nonce";

/// What a client makes of an answer.
std::string outcome(std::string_view answer) {
  WsClientOpening opening("broker", {}, kNonce);
  opening.receive(answer);
  if (!opening.result()) return "waits";
  return *opening.result() ? "accepted" : opening.result()->error();
}

/// The answer to kNonce with which nothing is wrong, but for what a test changes.
std::string answer(std::string_view what = {}, std::string_view by = {}) {
  std::string text =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
      "Sec-WebSocket-Protocol: mqtt\r\n\r\n";
  if (!what.empty()) text.replace(text.find(what), what.size(), by);
  return text;
}

}  // namespace

TEST_CASE("the example of RFC 6455 §1.3 is accepted, and what follows it is left alone") {
  WsServerHandshake handshake({.path = "/mqtt"});
  const std::string text = request();
  CHECK(handshake.receive(text + "frames") == text.size());
  REQUIRE(handshake.is_accepted());
  CHECK(handshake.answer()->ends_with("\r\n\r\n"));
  CHECK(handshake.answer()->find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") !=
        std::string::npos);
}

TEST_CASE("a request may come byte by byte") {
  WsServerHandshake handshake({});
  for (const char c : request()) {
    CHECK_FALSE(handshake.answer().has_value());
    handshake.receive({&c, 1});
  }
  CHECK(handshake.is_accepted());
}

TEST_CASE("the subprotocol is mqtt if it is offered, else mqttv3.1, else none [MQTT-6.0.0-4]") {
  const auto chosen = [](std::string_view offer) {
    WsServerHandshake handshake({});
    handshake.receive(request("Sec-WebSocket-Protocol: mqtt", offer));
    const std::string& text = handshake.answer().value();
    const std::size_t at = text.find("Sec-WebSocket-Protocol: ");
    return at == std::string::npos ? "" : text.substr(at + 24, text.find("\r\n", at) - at - 24);
  };
  CHECK(chosen("Sec-WebSocket-Protocol: mqttv3.1, mqtt") == "mqtt");
  CHECK(chosen("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: mqtt") == "mqtt");
  CHECK(chosen("Sec-WebSocket-Protocol: x,mqttv3.1") == "mqttv3.1");
  CHECK(answer_to(request("Sec-WebSocket-Protocol: mqtt", "X: y")) == kBad);
  CHECK(answer_to(request("Sec-WebSocket-Protocol: mqtt", "Sec-WebSocket-Protocol: MQTT")) == kBad);
}

TEST_CASE("each fault has its HTTP status") {
  CHECK(answer_to(request("/mqtt", "/other"), {.path = "/mqtt"}) == "HTTP/1.1 404 Not Found");
  CHECK(answer_to(request("/mqtt", "/mqtt?token=1"), {.path = "/mqtt"}) == kAccepted);
  CHECK(answer_to(request("/mqtt", "/anything")) == kAccepted);
  CHECK(answer_to(request("GET", "POST")) == "HTTP/1.1 405 Method Not Allowed");
  CHECK(answer_to(request("HTTP/1.1", "HTTP/1.0")) == kBad);
  CHECK(answer_to(request("GET /mqtt HTTP/1.1", "GET /mqtt")) == kBad);
  CHECK(answer_to(request("/mqtt", "mqtt")) == kBad);
  CHECK(answer_to(request("Upgrade: websocket\r\n", "")) == kUpgrade);
  CHECK(answer_to(request("Connection: Upgrade", "Connection: close")) == kUpgrade);
  CHECK(answer_to(request("Connection: Upgrade", "Connection: keep-alive, UPGRADE")) == kAccepted);
  CHECK(answer_to(request("Version: 13", "Version: 8")) == kUpgrade);
  CHECK(answer_to(request("Host: broker\r\n", "")) == kBad);
  CHECK(answer_to(request("Host: broker", "Host: a\r\nHost: b")) == kBad);
  CHECK(answer_to(request("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ==")) == kBad);
  CHECK(answer_to(request("Host: broker", "no field")) == kBad);
}

TEST_CASE("an origin that is not listed is forbidden; a client without one is no browser") {
  const WsServerOptions options{.path = "", .origins = {"https://a.example", "http://b:8080"}};
  const auto from = [&](std::string_view origin) {
    return answer_to(request("Host: broker", "Host: broker\r\nOrigin: " + std::string(origin)),
                     options);
  };
  CHECK(from("https://a.example") == kAccepted);
  CHECK(from("HTTP://B:8080") == kAccepted);
  CHECK(from("https://evil.example") == "HTTP/1.1 403 Forbidden");
  CHECK(from("https://a.example.evil") == "HTTP/1.1 403 Forbidden");
  CHECK(from("null") == "HTTP/1.1 403 Forbidden");
  CHECK(from("") == "HTTP/1.1 403 Forbidden");
  CHECK(answer_to(request(), options) == kAccepted);
}

TEST_CASE("MQTT and TLS at the wrong door are answered at their first byte") {
  CHECK(answer_to("\x10") == kBad);
  CHECK(answer_to("\x16\x03") == kBad);
  CHECK(answer_to("GET").empty());
}

TEST_CASE("a head that does not end is refused at 8 KiB") {
  WsServerHandshake handshake({});
  handshake.receive("GET /mqtt HTTP/1.1\r\n");
  for (int i = 0; i < 100 && !handshake.answer(); ++i) handshake.receive(std::string(100, 'x'));
  REQUIRE(handshake.answer().has_value());
  CHECK(handshake.answer()->starts_with(kBad));
}

TEST_CASE("a refusal says how long it is and why, for a person with curl") {
  WsServerHandshake handshake({});
  handshake.receive(request("GET", "PUT"));
  const std::string& text = handshake.answer().value();
  CHECK(text.find("Allow: GET\r\n") != std::string::npos);
  CHECK(text.find("Connection: close\r\n") != std::string::npos);
  CHECK(text.find("Content-Length: 28\r\n") != std::string::npos);
  CHECK(text.ends_with("\r\n\r\na WebSocket begins with GET\n"));
}

TEST_CASE("the client asks for mqtt with its path and its headers [MQTT-6.0.0-3]") {
  WsClientOpening opening("host:81", {"/a?b", {"Origin: http://x", "Cookie: y"}}, kNonce);
  CHECK(opening.take_output() ==
        "GET /a?b HTTP/1.1\r\nHost: host:81\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: mqtt\r\nOrigin: http://x\r\nCookie: y\r\n\r\n");
}

TEST_CASE("the two sides understand each other") {
  WsClientOpening client("broker", {}, std::string(16, '\xFF'));
  WsServerHandshake server({.path = "/mqtt"});
  server.receive(client.take_output());
  CHECK(client.take_output().empty());
  REQUIRE(server.is_accepted());
  CHECK(client.receive(*server.answer() + "early") == server.answer()->size());
  REQUIRE(client.result().has_value());
  CHECK(client.result()->has_value());
}

TEST_CASE("what a client takes for a WebSocket and what it does not") {
  CHECK(outcome(answer()) == "accepted");
  CHECK(outcome(answer("websocket", "WebSocket")) == "accepted");
  CHECK(outcome("HTTP/1.1 101 Swi") == "waits");
  CHECK(outcome("HTTP/1.1 403 Forbidden\r\n\r\n") == "HTTP 403 Forbidden");
  CHECK(outcome("HTTP/1.1 200 OK\r\n\r\n<html>") == "HTTP 200 OK");
  CHECK(outcome("\x20\x02") == "the answer is not HTTP");
  CHECK(outcome("HTTP/2 101\r\n\r\n") == "the answer is not HTTP");
  CHECK(outcome("HTTP/1.1 101 X\r\nbroken\r\n\r\n") == "the answer is malformed");
  CHECK(outcome("HTTP/1.1 101 " + std::string(9000, 'x')) == "the answer's head is too large");
  CHECK(outcome(answer("s3pP", "S3pP")) == "the answer does not belong to a WebSocket");
  CHECK(outcome(answer("Upgrade: websocket", "A: b")) ==
        "the answer does not belong to a WebSocket");
  CHECK(outcome(answer("Protocol: mqtt", "Protocol: chat")) ==
        "the server did not choose the subprotocol mqtt");
  CHECK(outcome(answer("Protocol: mqtt", "Protocol: mqtt\r\nSec-WebSocket-Extensions: x")) ==
        "the server uses an extension that was not offered");
}

TEST_CASE("headers and paths that would break the request are refused") {
  CHECK(check_ws_header("X-Api-Key: a b") == "");
  CHECK(check_ws_header("X:") == "");
  CHECK(check_ws_header("nonsense") == "'nonsense' is not a header (NAME: VALUE)");
  CHECK(check_ws_header(": x") == "': x' is not a header (NAME: VALUE)");
  CHECK(check_ws_header("A: b\r\nC: d").ends_with("has a character that cannot be in a header"));
  CHECK(check_ws_header("A: b\r").ends_with("has a character that cannot be in a header"));
  CHECK(check_ws_header("A b: c").ends_with("has a character that cannot be in a header"));
  CHECK(check_ws_header("host: x") == "'host' is a header of the handshake itself");
  CHECK(check_ws_path("/") == "");
  CHECK(check_ws_path("/a/b?c=%20") == "");
  CHECK(check_ws_path("mqtt") == "'mqtt' does not begin with '/'");
  CHECK(check_ws_path("/a b").ends_with("must be percent-encoded"));
  CHECK(check_ws_path("/a\r\n").ends_with("must be percent-encoded"));
}
