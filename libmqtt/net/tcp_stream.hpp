#pragma once

#include <string>
#include <utility>

#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/stream.hpp"

namespace mqtt::net {

/// A TCP connection: bytes in order and without loss [MQTT-4.2.0-1]. A connected Unix socket is
/// none but behaves the same. Owns the socket.
class TcpStream final : public Stream {
 public:
  /// `socket`: connected and non-blocking.
  TcpStream(int socket, const asio::ip::tcp::endpoint& peer);
  TcpStream(int socket, std::string peer) : socket_(socket), peer_(std::move(peer)) {}
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;
  ~TcpStream() override { TcpStream::close(); }

  int handle() const override { return socket_; }
  Transfer try_read(std::span<std::byte> buffer) override;
  Transfer try_write(std::span<const std::span<const std::byte>> pieces) override;
  void shutdown_send() override;
  void close() override;
  const std::string& peer() const override { return peer_; }

 private:
  int socket_;
  std::string peer_;
};

/// "127.0.0.1:1883", "[::1]:1883".
std::string to_string(const asio::ip::tcp::endpoint& endpoint);

}  // namespace mqtt::net
