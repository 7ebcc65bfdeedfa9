#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/net/http_head.hpp"

namespace mqtt::net {

/// What a WebSocket server lets in.
struct WsServerOptions {
  std::string path = {};  ///< "/mqtt"; empty: any.
  /// Empty: any. A client that names no Origin is no browser, and may come in.
  std::vector<std::string> origins = {};
};

/// The server's side of the opening handshake (RFC 6455 §4.2): bytes in, an HTTP answer out. No
/// socket, no clock; the head is bounded by HttpHeadCollector::kMaximumSize.
class WsServerHandshake {
 public:
  explicit WsServerHandshake(WsServerOptions options) : options_(std::move(options)) {}

  /// Takes the bytes of the request, not further; returns how many that were.
  std::size_t receive(std::string_view bytes);
  /// The answer to be sent, once there is one; after it the connection is a WebSocket if
  /// is_accepted(), and is to be closed if not.
  const std::optional<std::string>& answer() const { return answer_; }
  bool is_accepted() const { return is_accepted_; }

 private:
  std::string judge(const std::string& text);

  WsServerOptions options_;
  HttpHeadCollector collector_;
  std::optional<std::string> answer_;
  bool is_accepted_ = false;
};

/// What a WebSocket client asks for.
struct WsClientOptions {
  std::string path = "/mqtt";
  /// Whole fields, "Name: value", added to the request; see check_ws_header().
  std::vector<std::string> headers;
};

/// Why a text cannot be a field of the request; empty when it can.
std::string check_ws_header(std::string_view field);
/// Why a text cannot be the path; empty when it can.
std::string check_ws_path(std::string_view path);

/// The client's side (RFC 6455 §4.1).
class WsClientHandshake {
 public:
  /// `host`: as the Host field has it. `nonce`: 16 random bytes.
  WsClientHandshake(std::string_view host, const WsClientOptions& options, std::string_view nonce);

  const std::string& request() const { return request_; }
  /// Takes the bytes of the answer, not further; returns how many that were.
  std::size_t receive(std::string_view bytes);
  /// Nothing before the answer is complete; then success, or why this is no WebSocket for MQTT, in
  /// words that may be shown: "HTTP 403 Forbidden".
  const std::optional<std::expected<void, std::string>>& result() const { return result_; }

 private:
  std::expected<void, std::string> judge(const HttpHead& head) const;

  std::string key_;
  std::string request_;
  HttpHeadCollector collector_;
  std::optional<std::expected<void, std::string>> result_;
};

}  // namespace mqtt::net
