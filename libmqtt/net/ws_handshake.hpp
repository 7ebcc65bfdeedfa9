#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libmqtt/net/http_head.hpp"
#include "libmqtt/net/opening.hpp"

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

/// The client's side (RFC 6455 §4.1). A refusal is told by its status, "HTTP 403 Forbidden".
class WsClientOpening final : public Opening {
 public:
  /// `host`: as the Host field has it. `nonce`: 16 random bytes.
  WsClientOpening(std::string_view host, const WsClientOptions& options, std::string_view nonce);

  std::string take_output() override { return std::exchange(request_, {}); }
  std::size_t receive(std::string_view bytes) override;

 private:
  void judge();

  std::string key_;
  std::string request_;
  HttpHeadCollector collector_;
};

}  // namespace mqtt::net
