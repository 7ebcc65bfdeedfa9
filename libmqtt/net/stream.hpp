#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <system_error>

namespace mqtt::net {

/// What a peer's certificate, checked by TLS, says of it. As the peer's bytes: escape for a log.
struct PeerCertificate {
  std::string common_name;  ///< CN, in UTF-8; empty when it has none or one with a NUL byte in it.
  std::string subject;      ///< All of it, as RFC 2253 writes it.
};

/// A connected, ordered byte stream: TCP today, TLS, WebSocket and Unix sockets behind the same
/// face. Nothing blocks and nothing throws: who gets would_block waits until handle() is ready
/// (Loop::watch). At the end of the peer's bytes try_read gives the error asio::error::eof.
class Stream {
 public:
  struct Transfer {
    std::size_t bytes = 0;
    std::error_code error;  ///< would_block: nothing moved, wait first.
  };

  virtual ~Stream() = default;
  /// The descriptor whose readiness moves the stream on; -1 once closed.
  virtual int handle() const = 0;
  virtual Transfer try_read(std::span<std::byte> buffer) = 0;
  /// Writes the pieces in order, as much as the transport takes; at most kMaximumPieces a call. A
  /// layer may take bytes that the transport has no room for: see wants_write(). What was not taken
  /// comes first in the next call.
  virtual Transfer try_write(std::span<const std::span<const std::byte>> pieces) = 0;
  static constexpr std::size_t kMaximumPieces = 64;
  /// Bytes that try_read would give although handle() is not readable: a layer in between (TLS,
  /// WebSocket) has them already.
  virtual bool has_input() const { return false; }
  /// Bytes of the stream's own (a handshake, a pong, what would not fit) wait for the transport:
  /// call try_write, with nothing, once handle() is writable.
  virtual bool wants_write() const { return false; }
  /// No more bytes from us (TCP FIN); reading goes on.
  virtual void shutdown_send() = 0;
  /// Ends both directions at once. Whoever watches handle() stops that first.
  virtual void close() = 0;
  /// "127.0.0.1:50123", "[::1]:1883"; never empty.
  virtual const std::string& peer() const = 0;
  /// The certificate that the peer has shown, and that was asked for and found good; a layer above
  /// TLS passes the question on.
  virtual std::optional<PeerCertificate> peer_certificate() const { return std::nullopt; }
};

}  // namespace mqtt::net
