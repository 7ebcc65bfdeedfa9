#include "libmqtt/net/listen.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "libmqtt/net/address.hpp"
#include "libmqtt/net/error_text.hpp"
#include "libmqtt/net/tcp_stream.hpp"

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
}  // namespace

std::string to_string(const ListenOptions& options) {
  if (!options.unix_path.empty()) return options.unix_path;
  return to_string(Address{Address::Scheme::mqtt, options.address, options.port});
}

struct Listener::State : std::enable_shared_from_this<State> {
  State(Loop& loop, const ListenOptions& options, Handler& its_handler)
      : acceptor(loop.context()),
        resting(loop.context()),
        handler(&its_handler),
        nodelay(options.nodelay) {}

  std::error_code open(const tcp::endpoint& endpoint);
  void close();
  void wait();
  void accept_ready();
  void rest(int error);
  std::unique_ptr<Stream> stream_of(int socket, const tcp::endpoint& peer) const;

  tcp::acceptor acceptor;
  asio::steady_timer resting;
  Handler* handler;  ///< Null once the Listener is gone.
  bool nodelay;
};

std::error_code Listener::State::open(const tcp::endpoint& endpoint) {
  std::error_code error;
  acceptor.open(endpoint.protocol(), error);  // TCP [MQTT-4.2.0-1], in 3.1.1 [MQTT-7.1.1-1]
  if (!error) ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (!error) acceptor.native_non_blocking(true, error);
  if (!error) wait();
  return error;
}

void Listener::State::close() {
  handler = nullptr;
  std::error_code ignored;
  acceptor.close(ignored);
  resting.cancel();
}

void Listener::State::wait() {
  acceptor.async_wait(tcp::acceptor::wait_read, [self = shared_from_this()](std::error_code error) {
    if (!error && self->handler != nullptr) self->accept_ready();
  });
}

void Listener::State::accept_ready() {
  for (int i = 0; i < kAcceptsATurn; ++i) {
    tcp::endpoint peer;
    socklen_t size = static_cast<socklen_t>(peer.capacity());
    const int socket =
        ::accept4(acceptor.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0 && concerns_one_connection(errno)) continue;
    if (socket < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (socket < 0) return rest(errno);
    peer.resize(size);
    handler->on_stream(stream_of(socket, peer));
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

std::unique_ptr<Stream> Listener::State::stream_of(int socket, const tcp::endpoint& peer) const {
  const int on = 1;
  if (nodelay) ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return std::make_unique<TcpStream>(socket, peer);
}

std::expected<std::unique_ptr<Listener>, std::string> Listener::open(Loop& loop,
                                                                     const ListenOptions& options,
                                                                     Handler& handler) {
  const auto failed = [&](const std::string& why) {
    return std::unexpected("listen " + to_string(options) + ": " + why);
  };
  std::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return failed("not an IPv4 or IPv6 address");
  auto state = std::make_shared<State>(loop, options, handler);
  error = state->open({address, options.port});
  if (error) return failed(error_text(error));
  return std::unique_ptr<Listener>(new Listener(std::move(state)));
}

Listener::~Listener() { state_->close(); }

std::string Listener::local_endpoint() const {
  std::error_code ignored;
  return to_string(state_->acceptor.local_endpoint(ignored));
}

std::uint16_t Listener::port() const {
  std::error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

}  // namespace mqtt::net
