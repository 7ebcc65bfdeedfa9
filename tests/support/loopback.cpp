#include "tests/support/loopback.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>

namespace support {
namespace {

Descriptor open_socket() { return Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

void require(bool condition, const char* what) {
  if (condition) return;
  std::perror(what);
  std::abort();
}

}  // namespace

Descriptor listen_loopback() {
  Descriptor socket = open_socket();
  const auto address = loopback(0);
  require(::bind(socket.number(), generic(address), sizeof address) == 0, "bind");
  require(::listen(socket.number(), 64) == 0, "listen");
  return socket;
}

std::uint16_t local_port(const Descriptor& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  require(::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size) == 0,
          "getsockname");
  return ntohs(address.sin_port);
}

Descriptor accept_loopback(const Descriptor& listener) {
  constexpr int kMilliseconds = 60'000;  // Against hanging for ever.
  pollfd entry{listener.number(), POLLIN, 0};
  require(::poll(&entry, 1, kMilliseconds) == 1, "poll");
  Descriptor socket(::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
  require(socket.is_open(), "accept");
  const int yes = 1;
  ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return socket;
}

Descriptor connect_loopback(std::uint16_t port) {
  Descriptor socket = open_socket();
  const auto address = loopback(port);
  if (::connect(socket.number(), generic(address), sizeof address) != 0) socket.close();
  const int yes = 1;
  if (socket.is_open()) {
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  }
  return socket;
}

std::uint16_t free_port() { return local_port(listen_loopback()); }

void reset(Descriptor& socket) {
  const linger none{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket.number(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
  socket.close();
}

}  // namespace support
