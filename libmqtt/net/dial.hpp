#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <system_error>

#include "libmqtt/net/address.hpp"
#include "libmqtt/net/loop.hpp"
#include "libmqtt/net/stream.hpp"
#include "libmqtt/net/tls_context.hpp"
#include "libmqtt/net/ws_handshake.hpp"

namespace mqtt::net {

struct DialError {
  /// What failed, for exit codes and texts.
  enum class Step : std::uint8_t { resolve, connect, proxy, tls, websocket, timeout } step{};
  std::error_code error;  ///< permission_denied where a peer refused in its own words.
  /// One line that names host and port: "connect 127.0.0.1:1883: connection refused",
  /// "lookup nosuchhost: host not found", "connect localhost:8883: TLS: certificate refused: …".
  std::string text;
};

struct DialOptions {
  Duration timeout = Seconds(30);          ///< Bounds all steps together, from the look-up on.
  /// Local source address, a literal; empty = any. Each port of it serves one connection to each
  /// target, not just one in all (IP_BIND_ADDRESS_NO_PORT).
  std::string bind_address = {};
  bool nodelay = true;                     ///< TCP_NODELAY.
  std::optional<TlsContext> tls = {};      ///< A client's; mqtts and wss need it.
  WsClientOptions websocket = {};          ///< For ws and wss.
  std::optional<ProxyAddress> proxy = {};  ///< Not for Unix sockets.
  /// Called when the socket is connected: proxy, TLS and WebSocket come after it.
  std::function<void()> on_connected = {};
  std::stop_token cancel = {};  ///< Ends the dial with operation_aborted; from the loop's thread.
};

/// Connects to an address, by its scheme: a socket, through a proxy where there is one, then TLS,
/// then WebSocket. Every address of the name is tried in order (IPv6 and IPv4) until one answers;
/// one that stays silent uses up no more than its share of the time, so that the next one gets its
/// chance.
Awaitable<std::expected<std::unique_ptr<Stream>, DialError>> dial(Loop& loop, Address address,
                                                                  DialOptions options);

}  // namespace mqtt::net
