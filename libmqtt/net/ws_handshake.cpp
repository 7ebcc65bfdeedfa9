#include "libmqtt/net/ws_handshake.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <utility>

#include "libmqtt/base/base64.hpp"
#include "libmqtt/base/escape.hpp"

namespace mqtt::net {
namespace {
constexpr std::string_view kVersion = "13";
constexpr std::size_t kNonceSize = 16;
/// The subprotocols that name MQTT, most wanted first.
constexpr std::array<std::string_view, 2> kSubprotocols{"mqtt", "mqttv3.1"};

/// Sec-WebSocket-Accept (RFC 6455 §4.2.2, 5.4).
std::string accept_key(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

/// A refusal: `status` as the first line has it, `fields` whole lines, `why` for a person.
std::string refusal(std::string_view status, std::string_view why, std::string_view fields = {}) {
  const std::string body = std::string(why) + "\n";
  return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(fields) +
         "Connection: close\r\nContent-Type: text/plain\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct RequestLine {
  std::string_view method;
  std::string_view path;
};

/// "GET /mqtt?x=1 HTTP/1.1"; the query is left out.
std::optional<RequestLine> parse_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == 0 || first == std::string_view::npos || last == first) return std::nullopt;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (line.substr(last + 1) != "HTTP/1.1" || !target.starts_with('/') ||
      target.find(' ') != std::string_view::npos)
    return std::nullopt;
  return RequestLine{line.substr(0, first), target.substr(0, target.find('?'))};
}

/// The first of our subprotocols that the client offers; their case matters (RFC 6455 §11.5).
std::optional<std::string_view> choose_subprotocol(const HttpHead& head) {
  const std::string offered = head.field("Sec-WebSocket-Protocol").value_or("");
  for (const std::string_view wanted : kSubprotocols) {
    std::string_view list = offered;
    while (!list.empty())
      if (next_element(list) == wanted) return wanted;
  }
  return std::nullopt;
}

bool is_allowed_origin(const HttpHead& head, const std::vector<std::string>& allowed) {
  const auto origin = head.field("Origin");
  if (allowed.empty() || !origin) return true;
  return std::ranges::any_of(
      allowed, [&](const std::string& each) { return equal_ignoring_case(each, *origin); });
}

bool is_upgrade(const HttpHead& head) {
  return head.has_element("Upgrade", "websocket") && head.has_element("Connection", "upgrade");
}

/// No method begins otherwise: MQTT or TLS that has come to the wrong port is answered at once.
bool can_begin_request(char c) { return c >= 'A' && c <= 'Z'; }
}  // namespace

std::size_t WsServerHandshake::receive(std::string_view bytes) {
  if (answer_ || bytes.empty()) return 0;
  if (collector_.text().empty() && !can_begin_request(bytes[0])) {
    answer_ = refusal("400 Bad Request", "this is not an HTTP request");
    return 0;
  }
  const std::size_t taken = collector_.receive(bytes);
  if (collector_.status() == HttpHeadCollector::Status::too_large)
    answer_ = refusal("400 Bad Request", "the request's head is too large");
  if (collector_.status() == HttpHeadCollector::Status::complete)
    answer_ = judge(collector_.text());
  return taken;
}

std::string WsServerHandshake::judge(const std::string& text) {
  const auto head = HttpHead::parse(text);
  const auto line = head ? parse_request_line(head->first_line()) : std::nullopt;
  if (!line) return refusal("400 Bad Request", "the request is malformed");
  if (!options_.path.empty() && line->path != options_.path)
    return refusal("404 Not Found", "there is nothing at this path");
  if (line->method != "GET")
    return refusal("405 Method Not Allowed", "a WebSocket begins with GET", "Allow: GET\r\n");
  if (!is_upgrade(*head))
    return refusal("426 Upgrade Required", "MQTT over WebSocket is spoken here",
                   "Upgrade: websocket\r\n");
  if (head->field("Sec-WebSocket-Version") != kVersion)
    return refusal("426 Upgrade Required", "only version 13 of WebSocket is spoken",
                   "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
  if (head->count("Host") != 1) return refusal("400 Bad Request", "Host is missing");
  const std::string key = head->field("Sec-WebSocket-Key").value_or("");
  if (const auto nonce = from_base64(key); !nonce || nonce->size() != kNonceSize)
    return refusal("400 Bad Request", "Sec-WebSocket-Key is not 16 bytes in base64");
  if (!is_allowed_origin(*head, options_.origins))
    return refusal("403 Forbidden", "this origin is not allowed");
  const auto subprotocol = choose_subprotocol(*head);
  if (!subprotocol)  // [MQTT-6.0.0-3]
    return refusal("400 Bad Request", "Sec-WebSocket-Protocol does not offer mqtt");
  is_accepted_ = true;
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         accept_key(key) +
         "\r\nSec-WebSocket-Protocol: " + std::string(*subprotocol) +  // [MQTT-6.0.0-4]
         "\r\n\r\n";
}

std::string check_ws_header(std::string_view field) {
  const std::size_t colon = field.find(':');
  if (colon == std::string_view::npos || colon == 0)
    return quoted(field) + " is not a header (NAME: VALUE)";
  if (!HttpHead::parse("GET\r\n" + std::string(field)) ||
      field.find_first_of("\r\n") != std::string_view::npos)
    return quoted(field) + " has a character that cannot be in a header";
  constexpr std::array<std::string_view, 7> kOurs{
      "Host",
      "Upgrade",
      "Connection",
      "Sec-WebSocket-Key",
      "Sec-WebSocket-Version",
      "Sec-WebSocket-Protocol",
      "Sec-WebSocket-Extensions",
  };
  const std::string_view name = field.substr(0, colon);
  if (std::ranges::any_of(kOurs, [&](auto each) { return equal_ignoring_case(each, name); }))
    return quoted(name) + " is a header of the handshake itself";
  return {};
}

std::string check_ws_path(std::string_view path) {
  if (!path.starts_with('/')) return quoted(path) + " does not begin with '/'";
  const bool is_clean =
      std::ranges::all_of(path, [](char c) { return c > ' ' && c < '\x7F' && c != '#'; });
  return is_clean ? "" : quoted(path) + " has a character that must be percent-encoded";
}

WsClientOpening::WsClientOpening(std::string_view host, const WsClientOptions& options,
                                 std::string_view nonce)
    : key_(to_base64(nonce)) {
  request_ = "GET " + options.path + " HTTP/1.1\r\nHost: " + std::string(host) +
             "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key_ +
             "\r\nSec-WebSocket-Version: " + std::string(kVersion) +
             "\r\nSec-WebSocket-Protocol: mqtt\r\n";  // [MQTT-6.0.0-3]
  for (const std::string& field : options.headers) request_ += field + "\r\n";
  request_ += "\r\n";
}

std::size_t WsClientOpening::receive(std::string_view bytes) {
  if (result() || bytes.empty()) return 0;
  const std::size_t taken = collector_.receive(bytes);
  if (!collector_.may_be_answer()) {
    fail("the answer is not HTTP");
  } else if (collector_.status() == HttpHeadCollector::Status::too_large) {
    fail("the answer's head is too large");
  } else if (collector_.status() == HttpHeadCollector::Status::complete) {
    judge();
  }
  return taken;
}

void WsClientOpening::judge() {
  constexpr unsigned kSwitchingProtocols = 101;
  const auto head = HttpHead::parse(collector_.text());
  if (!head) return fail("the answer is malformed");
  const auto status = http_status(head->first_line());
  if (!status) return fail("the answer is not HTTP");
  if (status->code != kSwitchingProtocols) return fail(status->text);
  if (!is_upgrade(*head) || head->field("Sec-WebSocket-Accept") != accept_key(key_))
    return fail("the answer does not belong to a WebSocket");
  if (head->field("Sec-WebSocket-Protocol") != kSubprotocols[0])  // [MQTT-6.0.0-4]
    return fail("the server did not choose the subprotocol mqtt");
  if (head->field("Sec-WebSocket-Extensions"))
    return fail("the server uses an extension that was not offered");
  succeed();
}

}  // namespace mqtt::net
