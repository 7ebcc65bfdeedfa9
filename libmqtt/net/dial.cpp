#include "libmqtt/net/dial.hpp"

#include <fcntl.h>

#include <utility>
#include <vector>

#include "libmqtt/net/error_text.hpp"
#include "libmqtt/net/lookup.hpp"
#include "libmqtt/net/tcp_stream.hpp"

namespace mqtt::net {
namespace {
using asio::ip::tcp;
using Step = DialError::Step;

/// One dial under way. The timer and a cancellation end whatever it waits for by closing that.
class Dialing : public std::enable_shared_from_this<Dialing> {
 public:
  Dialing(Loop& loop, Address address, DialOptions options)
      : address_(std::move(address)),
        options_(std::move(options)),
        lookup_(loop.context()),
        socket_(loop.context()),
        timer_(loop.context()),
        deadline_(Timer::clock_type::now() + options_.timeout) {}

  Awaitable<std::expected<std::unique_ptr<Stream>, DialError>> run();
  void interrupt();

 private:
  using Timer = asio::steady_timer;

  Awaitable<std::error_code> connect(tcp::endpoint endpoint);
  std::error_code open(const tcp::endpoint& endpoint);
  void limit(Timer::time_point until);
  std::unique_ptr<Stream> stream(const tcp::endpoint& peer);
  std::unexpected<DialError> failed(Step step, std::error_code error) const;

  Address address_;
  DialOptions options_;
  Lookup lookup_;
  tcp::socket socket_;
  Timer timer_;
  Timer::time_point deadline_;
  unsigned limits_ = 0;   ///< Counts limit() calls: an old timer must not end a new wait.
  bool expired_ = false;  ///< The present wait ended by its limit.
  bool bind_failed_ = false;
};

Awaitable<std::expected<std::unique_ptr<Stream>, DialError>> Dialing::run() {
  if (address_.scheme != Address::Scheme::mqtt)
    co_return failed(Step::connect, asio::error::operation_not_supported);
  if (options_.cancel.stop_requested()) co_return failed(Step::connect, {});
  std::vector<asio::ip::address> addresses;
  limit(deadline_);
  if (const auto error = co_await lookup_.run(address_.host, addresses))
    co_return failed(Step::resolve, error);

  std::error_code error = asio::error::address_family_not_supported;
  for (std::size_t i = 0; i < addresses.size() && !options_.cancel.stop_requested(); ++i) {
    const auto now = Timer::clock_type::now();
    limit(now + (deadline_ - now) / static_cast<long>(addresses.size() - i));
    const tcp::endpoint endpoint(addresses[i], address_.port);
    error = co_await connect(endpoint);
    if (!error) co_return stream(endpoint);
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
  if (!error) socket_.bind({source, 0}, error);
  bind_failed_ = static_cast<bool>(error);
  return error;
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
}

std::unique_ptr<Stream> Dialing::stream(const tcp::endpoint& peer) {
  timer_.cancel();
  std::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  return std::make_unique<TcpStream>(socket_.release(ignored), peer);
}

std::unexpected<DialError> Dialing::failed(Step step, std::error_code error) const {
  const std::string what = step == Step::resolve ? "lookup " + address_.host
                           : bind_failed_        ? "bind " + options_.bind_address
                                                 : "connect " + to_string(address_);
  if (expired_) {
    step = Step::timeout;
    error = asio::error::timed_out;
  }
  if (options_.cancel.stop_requested()) error = asio::error::operation_aborted;
  return std::unexpected(DialError{step, error, what + ": " + error_text(error)});
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
