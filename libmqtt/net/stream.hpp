#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <system_error>

namespace mqtt::net {

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
  /// Writes the pieces in order, as much as the transport takes; at most kMaximumPieces a call.
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
};

}  // namespace mqtt::net
