#include "libmqtt/server/acceptor.hpp"

#include <utility>

#include "libmqtt/net/proxy_stream.hpp"
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

std::expected<void, std::string> Acceptor::open(net::Loop& loop, std::uint16_t& shared_port) {
  const auto addresses = net::each_address(settings_->socket);
  if (!addresses) return std::unexpected(addresses.error());
  for (net::ListenOptions each : *addresses) {
    const bool any_port = each.unix_path.empty() && each.port == 0;
    if (any_port) each.port = shared_port;
    auto listener = net::Listener::open(loop, each, *this);
    if (!listener) return std::unexpected(std::move(listener.error()));
    if (any_port) shared_port = (*listener)->port();
    listeners_.push_back(std::move(*listener));
  }
  return {};
}

/// The layers from the socket upwards, each over the one before.
void Acceptor::on_stream(std::unique_ptr<net::Stream> stream) {
  if (!handler_.may_come_in(*stream, *settings_)) return stream->close();
  if (settings_->proxy_protocol)
    stream = std::make_unique<net::ProxyStream>(
        std::move(stream), net::ProxyRules{settings_->proxy_protocol_v2_requires_tls,
                                           settings_->proxy_protocol_v2_requires_certificate});
  if (tls_) stream = std::make_unique<net::TlsStream>(std::move(stream), *tls_);
  if (settings_->protocol == Protocol::websockets)
    stream = net::WsStream::server(std::move(stream),
                                   {settings_->websockets_path, settings_->websockets_origins});
  handler_.on_connection(std::move(stream), settings_);
}

}  // namespace mqtt::server
