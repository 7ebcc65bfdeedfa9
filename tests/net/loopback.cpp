#include "tests/net/loopback.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "libmqtt/net/tcp_stream.hpp"

namespace mqtt::net::test {
namespace {
using asio::ip::tcp;

void set_buffers(int descriptor) {
  const int size = 4096;
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}
}  // namespace

Socket Socket::connect(std::uint16_t port, bool v6) {
  const tcp::endpoint endpoint(
      v6 ? asio::ip::address(asio::ip::address_v6::loopback()) : asio::ip::address_v4::loopback(),
      port);
  Socket socket(::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(socket.descriptor_, endpoint.data(), static_cast<socklen_t>(endpoint.size())) ==
          0);
  return socket;
}

Socket Socket::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  std::ranges::copy(path, address.sun_path);
  Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  REQUIRE(::connect(socket.descriptor_, generic, sizeof address) == 0);
  return socket;
}

void Socket::send(std::string_view text) const {
  REQUIRE(::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(text.size()));
}

bool Socket::receive() {
  std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) {
      received_.append(buffer.data(), static_cast<std::size_t>(count));
      continue;
    }
    if (count == 0) return true;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
    error_ = errno;
    return true;
  }
}

void Socket::half_close() const { ::shutdown(descriptor_, SHUT_WR); }

void Socket::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void Socket::reset() {
  const linger option{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &option, sizeof option);
  close();
}

void Socket::shrink_buffers() const { set_buffers(descriptor_); }

Pair make_pair(bool small_buffers) {
  asio::io_context context;
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  if (small_buffers) set_buffers(acceptor.native_handle());
  Socket peer(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (small_buffers) peer.shrink_buffers();
  const tcp::endpoint local = acceptor.local_endpoint();
  REQUIRE(::connect(peer.descriptor(), local.data(), static_cast<socklen_t>(local.size())) == 0);
  tcp::endpoint remote;
  socklen_t size = static_cast<socklen_t>(remote.capacity());
  const int accepted =
      ::accept4(acceptor.native_handle(), remote.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  REQUIRE(accepted >= 0);
  return {std::make_unique<TcpStream>(accepted, remote), std::move(peer)};
}

StreamPair make_stream_pair() {
  Pair pair = make_pair(true);
  const int socket = pair.peer.release();
  REQUIRE(::fcntl(socket, F_SETFL, O_NONBLOCK) == 0);
  return {std::move(pair.stream), std::make_unique<TcpStream>(socket, "connected")};
}

StreamPair make_unix_pair() {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
  return {std::make_unique<TcpStream>(ends[0], "accepted"),
          std::make_unique<TcpStream>(ends[1], "connected")};
}

}  // namespace mqtt::net::test
