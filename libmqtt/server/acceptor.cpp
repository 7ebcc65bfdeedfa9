#include "libmqtt/server/acceptor.hpp"

#include <utility>

#include "libmqtt/net/tls_stream.hpp"
#include "libmqtt/net/ws_stream.hpp"

namespace mqtt::server {
namespace {

using Protocol = ListenerSettings::Protocol;

net::TlsContext::Inside inside(const ListenerSettings& settings) {
  return settings.protocol == Protocol::websockets ? net::TlsContext::Inside::websockets
                                                   : net::TlsContext::Inside::mqtt;
}

}  // namespace

std::expected<Acceptor::Tls, std::string> Acceptor::load_tls(const ListenerSettings& settings) {
  if (!settings.tls) return std::nullopt;
  auto context = net::TlsContext::server(*settings.tls, inside(settings));
  if (!context)
    return std::unexpected("listen " + net::to_string(settings.socket) + ": " + context.error());
  return std::move(*context);
}

std::expected<void, std::string> Acceptor::open(net::Loop& loop, std::uint16_t port) {
  net::ListenOptions options = settings_->socket;
  if (options.port == 0) options.port = port;
  auto listener = net::Listener::open(loop, options, *this);
  if (!listener) return std::unexpected(std::move(listener.error()));
  listener_ = std::move(*listener);
  return {};
}

/// The layers from the socket upwards, each over the one before.
void Acceptor::on_stream(std::unique_ptr<net::Stream> stream) {
  if (tls_) stream = std::make_unique<net::TlsStream>(std::move(stream), *tls_);
  if (settings_->protocol == Protocol::websockets)
    stream = net::WsStream::server(std::move(stream),
                                   {settings_->websockets_path, settings_->websockets_origins});
  handler_.on_connection(std::move(stream), settings_);
}

}  // namespace mqtt::server
