#include "tests/support/tunnel_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>

#include "libmqtt/base/base64.hpp"
#include "tests/support/loopback.hpp"

namespace support {
namespace {

void say(const Descriptor& socket, const std::string& text) {
  [[maybe_unused]] const auto sent =
      ::send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL);
}

/// Exactly so many bytes; fewer at the end.
std::string hear(const Descriptor& socket, std::size_t size) {
  std::string text(size, '\0');
  const auto count = ::recv(socket.number(), text.data(), size, MSG_WAITALL);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

std::size_t hear_length(const Descriptor& socket) {
  const std::string byte = hear(socket, 1);
  return byte.empty() ? 0 : static_cast<unsigned char>(byte[0]);
}

std::uint16_t hear_port(const Descriptor& socket) {
  const std::size_t high = hear_length(socket);
  return static_cast<std::uint16_t>(high * 256 + hear_length(socket));
}

/// What came is passed on whole; false at the end.
bool copy(const Descriptor& from, const Descriptor& to) {
  std::array<char, 65536> buffer;
  const auto count = ::recv(from.number(), buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  return ::send(to.number(), buffer.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
}

}  // namespace

TunnelProxy::TunnelProxy(Kind kind, Login login)
    : kind_(kind),
      login_(std::move(login)),
      listener_(listen_loopback()),
      port_(local_port(listener_)),
      thread_([this] { accept_all(); }) {}

TunnelProxy::~TunnelProxy() {
  {
    const std::scoped_lock lock(mutex_);
    stops_ = true;
    ::shutdown(listener_.number(), SHUT_RDWR);
    for (Link& link : links_) {
      ::shutdown(link.client.number(), SHUT_RDWR);
      ::shutdown(link.server.number(), SHUT_RDWR);
    }
  }
  thread_.join();
  for (Link& link : links_) link.thread.join();
}

std::string TunnelProxy::url() const {
  const std::string login =
      login_.username.empty() ? "" : login_.username + ":" + login_.password + "@";
  return (kind_ == Kind::socks5 ? "socks5h://" : "http://") + login +
         "127.0.0.1:" + std::to_string(port_);
}

std::vector<std::string> TunnelProxy::targets() const {
  const std::scoped_lock lock(mutex_);
  return targets_;
}

void TunnelProxy::note(const std::string& target) {
  const std::scoped_lock lock(mutex_);
  targets_.push_back(target);
}

void TunnelProxy::accept_all() {
  for (;;) {
    Descriptor client(::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC));
    const std::scoped_lock lock(mutex_);
    if (stops_) return;
    if (!client.is_open()) continue;
    Link& link = links_.emplace_back();
    link.client = std::move(client);
    link.thread = std::thread([this, &link] { serve(link); });
  }
}

void TunnelProxy::serve(Link& link) {
  const std::uint16_t port = kind_ == Kind::socks5 ? open_socks(link) : open_http(link);
  if (port != 0) {
    Descriptor server = connect_loopback(port);
    {
      const std::scoped_lock lock(mutex_);
      link.server = std::move(server);
      if (stops_) return;
    }
    answer(link, link.server.is_open());
    if (link.server.is_open()) relay(link);
  }
  ::shutdown(link.client.number(), SHUT_RDWR);
  ::shutdown(link.server.number(), SHUT_RDWR);
}

std::uint16_t TunnelProxy::open_socks(const Link& link) {
  const std::string head = hear(link.client, 2);
  if (head.size() < 2) return 0;
  const std::string methods = hear(link.client, static_cast<unsigned char>(head[1]));
  const char wanted = login_.username.empty() ? '\0' : '\2';
  if (methods.find(wanted) == std::string::npos) {
    say(link.client, "\x05\xFF");
    return 0;
  }
  say(link.client, std::string("\x05") + wanted);
  if (wanted != '\0' && !check_socks_login(link)) return 0;
  const std::string request = hear(link.client, 4);
  if (request.size() < 4) return 0;
  std::string host = "an address";
  if (request[3] == '\3') {
    host = hear(link.client, hear_length(link.client));
  } else {
    hear(link.client, request[3] == '\1' ? 4 : 16);
  }
  const std::uint16_t port = hear_port(link.client);
  note(host + ":" + std::to_string(port));
  return port;
}

bool TunnelProxy::check_socks_login(const Link& link) const {
  hear(link.client, 1);
  const std::string username = hear(link.client, hear_length(link.client));
  const std::string password = hear(link.client, hear_length(link.client));
  const bool is_right = username == login_.username && password == login_.password;
  say(link.client, std::string("\x01") + (is_right ? '\0' : '\1'));
  return is_right;
}

std::uint16_t TunnelProxy::open_http(const Link& link) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const std::string byte = hear(link.client, 1);
    if (byte.empty()) return 0;
    head += byte;
  }
  const std::string authorization =
      "Proxy-Authorization: Basic " + mqtt::to_base64(login_.username + ":" + login_.password);
  if (!login_.username.empty() && head.find(authorization + "\r\n") == std::string::npos) {
    say(link.client, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    return 0;
  }
  const std::string target = head.substr(8, head.find(" HTTP/1.1") - 8);  // After "CONNECT ".
  note(target);
  return static_cast<std::uint16_t>(std::stoi(target.substr(target.rfind(':') + 1)));
}

void TunnelProxy::answer(const Link& link, bool is_connected) const {
  if (kind_ == Kind::http) {
    return say(link.client, is_connected ? "HTTP/1.1 200 Connection established\r\n\r\n"
                                         : "HTTP/1.1 502 Bad Gateway\r\n\r\n");
  }
  const std::string address("\0\1\0\0\0\0\0\0", 8);
  say(link.client, std::string("\x05") + (is_connected ? '\0' : '\5') + address);
}

void TunnelProxy::relay(const Link& link) {
  std::array<pollfd, 2> ends{
      {{link.client.number(), POLLIN, 0}, {link.server.number(), POLLIN, 0}}};
  for (;;) {
    ::poll(ends.data(), ends.size(), -1);
    if (ends[0].revents != 0 && !copy(link.client, link.server)) return;
    if (ends[1].revents != 0 && !copy(link.server, link.client)) return;
  }
}

}  // namespace support
