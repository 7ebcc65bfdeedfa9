#include "libmqtt/net/dial.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/rand.h>

#include <array>
#include <utility>
#include <vector>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/error_text.hpp"
#include "libmqtt/net/lookup.hpp"
#include "libmqtt/net/proxy.hpp"
#include "libmqtt/net/ready.hpp"
#include "libmqtt/net/tcp_stream.hpp"
#include "libmqtt/net/tls_stream.hpp"
#include "libmqtt/net/unix_socket.hpp"
#include "libmqtt/net/ws_stream.hpp"

namespace mqtt::net {
namespace {
using asio::ip::tcp;
using Scheme = Address::Scheme;
using Step = DialError::Step;
using Done = std::expected<void, DialError>;

/// One dial under way. The timer and a cancellation end whatever it waits for by closing that.
class Dialing : public std::enable_shared_from_this<Dialing> {
 public:
  Dialing(Loop& loop, Address address, DialOptions options)
      : address_(std::move(address)),
        options_(std::move(options)),
        lookup_(loop.context()),
        socket_(loop.context()),
        ready_(loop.context()),
        timer_(loop.context()),
        deadline_(Timer::clock_type::now() + options_.timeout) {}

  Awaitable<std::expected<std::unique_ptr<Stream>, DialError>> run();
  void interrupt();

 private:
  using Timer = asio::steady_timer;

  Awaitable<Done> connect_tcp(std::string host, std::uint16_t port);
  Awaitable<std::error_code> connect(tcp::endpoint endpoint);
  std::error_code open(const tcp::endpoint& endpoint);
  Done connect_path();
  Awaitable<Done> climb();
  Awaitable<Done> pass_proxy();
  Awaitable<Done> start_tls();
  Awaitable<Done> start_websocket();
  Awaitable<Done> converse(Opening& opening, Step step, std::string& early);
  Awaitable<std::error_code> wait();
  void limit(Timer::time_point until);
  bool is_interrupted() const { return expired_ || options_.cancel.stop_requested(); }
  std::string what(Step step) const;
  std::unexpected<DialError> failed(Step step, std::error_code error) const;
  std::unexpected<DialError> refused(Step step, const std::string& why) const;

  Address address_;
  DialOptions options_;
  Lookup lookup_;
  tcp::socket socket_;
  Ready ready_;
  Timer timer_;
  Timer::time_point deadline_;
  std::unique_ptr<Stream> stream_;  ///< What is connected so far; each layer puts itself around it.
  unsigned limits_ = 0;             ///< Counts limit() calls: an old timer must not end a new wait.
  bool expired_ = false;            ///< The present wait ended by its limit.
  bool bind_failed_ = false;
};

Awaitable<std::expected<std::unique_ptr<Stream>, DialError>> Dialing::run() {
  const Done done = co_await climb();
  timer_.cancel();
  if (!done) co_return std::unexpected(done.error());
  co_return std::move(stream_);
}

/// From the socket up, layer by layer.
Awaitable<Done> Dialing::climb() {
  if (options_.cancel.stop_requested()) co_return failed(Step::connect, {});
  const auto& proxy = options_.proxy;
  const bool is_unix = address_.scheme == Scheme::unix_socket;
  Done done;
  if (is_unix) {
    done = connect_path();
  } else {
    done = co_await connect_tcp(proxy ? proxy->host : address_.host,
                                proxy ? proxy->port : address_.port);
  }
  limit(deadline_);  // What is left of the time is for all the rest.
  if (done && options_.on_connected) options_.on_connected();
  if (done && proxy && !is_unix) done = co_await pass_proxy();
  if (done && (address_.scheme == Scheme::mqtts || address_.scheme == Scheme::wss))
    done = co_await start_tls();
  if (done && (address_.scheme == Scheme::ws || address_.scheme == Scheme::wss))
    done = co_await start_websocket();
  co_return done;
}

Awaitable<Done> Dialing::connect_tcp(std::string host, std::uint16_t port) {
  std::vector<asio::ip::address> addresses;
  limit(deadline_);
  if (const auto error = co_await lookup_.run(std::move(host), addresses))
    co_return failed(Step::resolve, error);

  std::error_code error = asio::error::address_family_not_supported;
  for (std::size_t i = 0; i < addresses.size() && !options_.cancel.stop_requested(); ++i) {
    const auto now = Timer::clock_type::now();
    limit(now + (deadline_ - now) / static_cast<long>(addresses.size() - i));
    const tcp::endpoint endpoint(addresses[i], port);
    error = co_await connect(endpoint);
    if (error) continue;
    std::error_code ignored;
    socket_.native_non_blocking(true, ignored);
    stream_ = std::make_unique<TcpStream>(socket_.release(ignored), endpoint);
    co_return Done();
  }
  co_return failed(Step::connect, error);
}

Awaitable<std::error_code> Dialing::connect(tcp::endpoint endpoint) {
  if (const auto error = open(endpoint)) co_return error;
  const auto [error] = co_await socket_.async_connect(endpoint, kAwait);
  // The limit may have struck after the connection was made.
  co_return socket_.is_open() ? error : asio::error::operation_aborted;
}

std::error_code Dialing::open(const tcp::endpoint& endpoint) {
  std::error_code error;
  socket_.close(error);
  socket_.open(endpoint.protocol(), error);  // TCP [MQTT-4.2.0-1], in 3.1.1 [MQTT-7.1.2-1]
  if (error) return error;
  ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
  socket_.set_option(tcp::no_delay(options_.nodelay), error);
  if (options_.bind_address.empty()) return error;
  const auto source = asio::ip::make_address(options_.bind_address, error);
  // The port is chosen by connect(), which knows the target: else each port would serve only one
  // connection, whatever it leads to. A kernel without this option still binds.
  const int late = 1;
  ::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, sizeof late);
  if (!error) socket_.bind({source, 0}, error);
  bind_failed_ = static_cast<bool>(error);
  return error;
}

Done Dialing::connect_path() {
  const auto socket = connect_unix(address_.host);
  if (!socket) return failed(Step::connect, socket.error());
  stream_ = std::make_unique<TcpStream>(*socket, address_.host);
  return {};
}

Awaitable<Done> Dialing::pass_proxy() {
  const auto opening = proxy_opening(*options_.proxy, address_.host, address_.port);
  std::string early;
  Done done = co_await converse(*opening, Step::proxy, early);
  // In none of our protocols does the server speak first.
  if (done && !early.empty()) done = refused(Step::proxy, "the proxy says more than its answer");
  co_return done;
}

Awaitable<Done> Dialing::start_tls() {
  if (!options_.tls) {
    auto context = TlsContext::client({});
    if (!context) co_return refused(Step::tls, context.error());
    options_.tls = std::move(*context);
  }
  auto tls = std::make_unique<TlsStream>(std::move(stream_), *options_.tls, address_.host);
  TlsStream& shaking_hands = *tls;
  stream_ = std::move(tls);
  for (;;) {
    const std::error_code error = shaking_hands.handshake();
    if (!error) co_return Done();
    if (error != asio::error::would_block) co_return failed(Step::tls, error);
    if (const auto broken = co_await wait()) co_return failed(Step::tls, broken);
  }
}

Awaitable<Done> Dialing::start_websocket() {
  std::array<char, 16> nonce{};
  RAND_bytes(reinterpret_cast<unsigned char*>(nonce.data()), static_cast<int>(nonce.size()));
  WsClientOpening opening(to_string(address_), options_.websocket, {nonce.data(), nonce.size()});
  std::string early;
  Done done = co_await converse(opening, Step::websocket, early);
  if (done) stream_ = WsStream::client(std::move(stream_), std::move(early));
  co_return done;
}

/// Says and hears what the opening wants; what comes behind it is added to `early`.
Awaitable<Done> Dialing::converse(Opening& opening, Step step, std::string& early) {
  std::array<std::byte, 1024> buffer{};
  std::string output = opening.take_output();
  while (!opening.result()) {
    if (!output.empty()) {
      const std::array<std::span<const std::byte>, 1> pieces{as_bytes(output)};
      const auto [sent, error] = stream_->try_write(pieces);
      // A new connection has room for all that an opening says.
      if (error || sent < output.size()) co_return failed(step, error);
      output.clear();
    }
    const auto [count, error] = stream_->try_read(buffer);
    if (error == asio::error::would_block) {
      if (const auto broken = co_await wait()) co_return failed(step, broken);
    } else if (error) {
      co_return failed(step, error);
    }
    const std::string_view bytes = as_text(std::span(buffer).first(count));
    early += bytes.substr(opening.receive(bytes));
    output = opening.take_output();
  }
  const Opening::Result& result = *opening.result();
  if (!result) co_return refused(step, result.error());
  co_return Done();
}

/// Until stream_ can go on.
Awaitable<std::error_code> Dialing::wait() {
  if (is_interrupted()) co_return asio::error::operation_aborted;
  const std::error_code error = co_await ready_.wait(*stream_);
  if (is_interrupted()) co_return asio::error::operation_aborted;
  if (error || !stream_->wants_write()) co_return error;
  const std::error_code written = stream_->try_write({}).error;
  co_return written == asio::error::would_block ? std::error_code() : written;
}

/// From now until then the dial may wait, not longer.
void Dialing::limit(Timer::time_point until) {
  expired_ = false;
  const unsigned limit = ++limits_;
  timer_.expires_at(until);
  timer_.async_wait([weak = weak_from_this(), limit](std::error_code aborted) {
    const auto self = weak.lock();
    if (aborted || !self || self->limits_ != limit) return;
    self->expired_ = true;
    self->interrupt();
  });
}

void Dialing::interrupt() {
  std::error_code ignored;
  socket_.close(ignored);
  lookup_.cancel();
  ready_.cancel();
}

/// What was tried, as an error begins.
std::string Dialing::what(Step step) const {
  const std::string target = to_string(address_);
  const auto& proxy = options_.proxy;
  const std::string by =
      proxy ? "proxy " + to_string(Address{Scheme::mqtt, proxy->host, proxy->port}) : "";
  switch (step) {
    case Step::resolve:
      return "lookup " + (proxy ? proxy->host : address_.host) + ": ";
    case Step::proxy:
      return "connect " + target + " by " + by + ": ";
    case Step::tls:
      return "connect " + target + ": TLS: ";
    case Step::websocket:
      return "connect " + target + ": WebSocket: ";
    default:
      if (bind_failed_) return "bind " + options_.bind_address + ": ";
      return "connect " + (proxy ? by : target) + ": ";
  }
}

std::unexpected<DialError> Dialing::failed(Step step, std::error_code error) const {
  std::string text = what(step);
  if (expired_) {
    step = Step::timeout;
    error = asio::error::timed_out;
  }
  if (options_.cancel.stop_requested()) error = asio::error::operation_aborted;
  constexpr std::string_view kTls = "TLS: ";
  std::string why = error_text(error);
  if (text.ends_with(kTls) && why.starts_with(kTls)) why.erase(0, kTls.size());
  return std::unexpected(DialError{step, error, text + why});
}

std::unexpected<DialError> Dialing::refused(Step step, const std::string& why) const {
  return std::unexpected(
      DialError{step, make_error_code(std::errc::permission_denied), what(step) + why});
}
}  // namespace

Awaitable<std::expected<std::unique_ptr<Stream>, DialError>> dial(Loop& loop, Address address,
                                                                  DialOptions options) {
  const std::stop_token cancel = options.cancel;
  const auto dialing = std::make_shared<Dialing>(loop, std::move(address), std::move(options));
  const std::stop_callback on_cancel(cancel, [&dialing] { dialing->interrupt(); });
  co_return co_await dialing->run();
}

}  // namespace mqtt::net
