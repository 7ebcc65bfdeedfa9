#include "libmqtt/net/tcp_stream.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace mqtt::net {
namespace {
std::error_code last_error() {
  if (errno == EAGAIN || errno == EWOULDBLOCK) return asio::error::would_block;
  return {errno, asio::error::get_system_category()};
}

/// Repeats a system call that a signal interrupted.
template <class Call>
ssize_t uninterrupted(Call call) {
  for (;;) {
    const ssize_t result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}
}  // namespace

TcpStream::TcpStream(int socket, const asio::ip::tcp::endpoint& peer)
    : socket_(socket), peer_(to_string(peer)) {}

Stream::Transfer TcpStream::try_read(std::span<std::byte> buffer) {
  const ssize_t count =
      uninterrupted([&] { return ::recv(socket_, buffer.data(), buffer.size(), 0); });
  if (count < 0) return {0, last_error()};
  if (count == 0) return {0, asio::error::eof};
  return {static_cast<std::size_t>(count), {}};
}

Stream::Transfer TcpStream::try_write(std::span<const std::span<const std::byte>> pieces) {
  std::array<iovec, kMaximumPieces> vectors;  // Not cleared: only what is filled in is used.
  const std::size_t count = std::min(pieces.size(), vectors.size());
  for (std::size_t i = 0; i < count; ++i)
    vectors[i] = {const_cast<std::byte*>(pieces[i].data()), pieces[i].size()};
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  const ssize_t sent = uninterrupted([&] { return ::sendmsg(socket_, &message, MSG_NOSIGNAL); });
  if (sent < 0) return {0, last_error()};
  return {static_cast<std::size_t>(sent), {}};
}

void TcpStream::shutdown_send() { ::shutdown(socket_, SHUT_WR); }

void TcpStream::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

std::string to_string(const asio::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace mqtt::net
