#include "libmqtt/net/listen.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "libmqtt/net/address.hpp"
#include "libmqtt/net/error_text.hpp"
#include "libmqtt/net/tcp_stream.hpp"
#include "libmqtt/net/unix_socket.hpp"

namespace mqtt::net {
namespace {
constexpr auto kRest = std::chrono::milliseconds(100);
constexpr int kBacklog = 4096;     ///< The kernel lowers it to net.core.somaxconn.
constexpr int kAcceptsATurn = 64;  ///< A flood of connections must not starve the open ones.

using asio::ip::tcp;

/// What ends with the one connection that it befell: the next accept may succeed.
bool concerns_one_connection(int error) {
  constexpr std::array kinds{EINTR,       ECONNABORTED, EPROTO,       ENOPROTOOPT,
                             EHOSTDOWN,   ENONET,       EHOSTUNREACH, EOPNOTSUPP,
                             ENETUNREACH, ENETDOWN,     ETIMEDOUT,    EPERM};
  for (const int kind : kinds)
    if (error == kind) return true;
  return false;
}
std::unexpected<std::string> failed(int error) {
  return std::unexpected(error_text({error, asio::error::get_system_category()}));
}

/// 0, or how it failed.
int make_socket(asio::posix::stream_descriptor& socket, int family) {
  const int handle = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (handle < 0) return errno;
  std::error_code error;
  socket.assign(handle, error);
  return error.value();
}

bool has_ipv6() {
  const int handle = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (handle >= 0) ::close(handle);
  return handle >= 0;
}

std::vector<asio::ip::address> all_addresses(ListenOptions::Family family) {
  using Family = ListenOptions::Family;
  std::vector<asio::ip::address> result;
  if (family != Family::ipv6) result.emplace_back(asio::ip::address_v4::any());
  if (family == Family::ipv6 || (family == Family::any && has_ipv6()))
    result.emplace_back(asio::ip::address_v6::any());
  return result;
}

/// The addresses of a name or a literal, each once; getaddrinfo's status.
int look_up(const ListenOptions& options, std::vector<asio::ip::address>& addresses) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  if (options.family == ListenOptions::Family::ipv4) hints.ai_family = AF_INET;
  if (options.family == ListenOptions::Family::ipv6) hints.ai_family = AF_INET6;
  addrinfo* results = nullptr;
  const int status = ::getaddrinfo(options.address.c_str(), nullptr, &hints, &results);
  for (const addrinfo* one = results; one != nullptr; one = one->ai_next) {
    tcp::endpoint endpoint;
    if (one->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), one->ai_addr, one->ai_addrlen);
    endpoint.resize(one->ai_addrlen);
    const auto address = endpoint.address();
    if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
  }
  if (results != nullptr) ::freeaddrinfo(results);
  return status;
}
}  // namespace

struct Listener::State : std::enable_shared_from_this<State> {
  State(Loop& loop, const ListenOptions& its_options, Handler& its_handler)
      : socket(loop.context()),
        resting(loop.context()),
        handler(&its_handler),
        options(its_options) {}

  std::expected<void, std::string> open();
  std::expected<void, std::string> bind_to_path();
  std::expected<void, std::string> bind_to_address();
  void close();
  void wait();
  void accept_ready();
  void rest(int error);
  std::unique_ptr<Stream> stream_of(int accepted, const tcp::endpoint& peer) const;
  tcp::endpoint local();

  asio::posix::stream_descriptor socket;
  asio::steady_timer resting;
  Handler* handler;  ///< Null once the Listener is gone.
  ListenOptions options;
  UnixSocketFile file;
};

std::expected<void, std::string> Listener::State::open() {
  const auto bound = options.unix_path.empty() ? bind_to_address() : bind_to_path();
  if (!bound) return bound;
  if (::listen(socket.native_handle(), kBacklog) != 0) return failed(errno);
  wait();
  return {};
}

std::expected<void, std::string> Listener::State::bind_to_path() {
  if (const auto error = make_socket(socket, AF_UNIX)) return failed(error);
  auto bound = UnixSocketFile::bind(socket.native_handle(), options.unix_path);
  if (!bound) return std::unexpected(std::move(bound.error()));
  file = std::move(*bound);
  return {};
}

std::expected<void, std::string> Listener::State::bind_to_address() {
  std::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return std::unexpected("not an IPv4 or IPv6 address");
  const tcp::endpoint endpoint(address, options.port);
  // TCP [MQTT-4.2.0-1], in 3.1.1 [MQTT-7.1.1-1]
  if (const int number = make_socket(socket, endpoint.protocol().family())) return failed(number);
  const int handle = socket.native_handle();
  const int on = 1;
  ::setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.is_v6()) ::setsockopt(handle, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const std::string& interface = options.interface;
  if (!interface.empty() && ::setsockopt(handle, SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                                         static_cast<socklen_t>(interface.size() + 1)) != 0)
    return std::unexpected("interface " + interface + ": " + failed(errno).error());
  if (::bind(handle, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0)
    return failed(errno);
  return {};
}

void Listener::State::close() {
  handler = nullptr;
  std::error_code ignored;
  file.remove();
  socket.close(ignored);
  resting.cancel();
}

void Listener::State::wait() {
  socket.async_wait(asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](std::error_code error) {
                      if (!error && self->handler != nullptr) self->accept_ready();
                    });
}

void Listener::State::accept_ready() {
  for (int i = 0; i < kAcceptsATurn; ++i) {
    tcp::endpoint peer;
    socklen_t size = static_cast<socklen_t>(peer.capacity());
    const int accepted =
        ::accept4(socket.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0 && concerns_one_connection(errno)) continue;
    if (accepted < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (accepted < 0) return rest(errno);
    if (options.unix_path.empty()) peer.resize(size);
    handler->on_stream(stream_of(accepted, peer));
    if (handler == nullptr) return;
  }
  wait();
}

void Listener::State::rest(int error) {
  resting.expires_after(kRest);
  resting.async_wait([self = shared_from_this()](std::error_code aborted) {
    if (!aborted && self->handler != nullptr) self->wait();
  });
  handler->on_accept_error({error, asio::error::get_system_category()});
}

std::unique_ptr<Stream> Listener::State::stream_of(int accepted, const tcp::endpoint& peer) const {
  if (!options.unix_path.empty())
    return std::make_unique<TcpStream>(accepted, unix_peer(accepted, options.unix_path));
  const int on = 1;
  if (options.nodelay) ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return std::make_unique<TcpStream>(accepted, peer);
}

tcp::endpoint Listener::State::local() {
  tcp::endpoint endpoint;
  socklen_t size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(socket.native_handle(), endpoint.data(), &size) == 0) endpoint.resize(size);
  return endpoint;
}

std::expected<std::unique_ptr<Listener>, std::string> Listener::open(Loop& loop,
                                                                     const ListenOptions& options,
                                                                     Handler& handler) {
  auto state = std::make_shared<State>(loop, options, handler);
  if (const auto opened = state->open(); !opened)
    return std::unexpected("listen " + to_string(options) + ": " + opened.error());
  return std::unique_ptr<Listener>(new Listener(std::move(state)));
}

Listener::~Listener() { state_->close(); }

std::string Listener::local_endpoint() const {
  const std::string& path = state_->options.unix_path;
  return path.empty() ? to_string(state_->local()) : path;
}

std::uint16_t Listener::port() const {
  return state_->options.unix_path.empty() ? state_->local().port() : std::uint16_t{0};
}

std::string to_string(const ListenOptions& options) {
  if (!options.unix_path.empty()) return options.unix_path;
  if (options.address.empty()) return "all addresses, port " + std::to_string(options.port);
  return to_string(Address{Address::Scheme::mqtt, options.address, options.port});
}

std::expected<std::vector<ListenOptions>, std::string> each_address(const ListenOptions& options) {
  if (!options.unix_path.empty()) return std::vector{options};
  std::vector<asio::ip::address> addresses;
  if (options.address.empty()) {
    addresses = all_addresses(options.family);
  } else if (const int status = look_up(options, addresses)) {
    return std::unexpected("listen " + to_string(options) + ": " + ::gai_strerror(status));
  }
  std::vector<ListenOptions> result;
  for (const auto& address : addresses) {
    result.push_back(options);
    result.back().address = address.to_string();
  }
  return result;
}

}  // namespace mqtt::net
