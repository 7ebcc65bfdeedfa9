#include "libmqtt/server/server.hpp"

#include <algorithm>
#include <utility>

namespace mqtt::server {

Server::Server(net::Loop& loop, ServerOptions options, const Log& log)
    : loop_(loop), options_(std::move(options)), log_(log), shard_(loop, options_.broker, log) {}

std::expected<void, std::string> Server::listen() {
  // A port that is free on one address may be taken on the next: try a few.
  constexpr int kTries = 16;
  std::expected<void, std::string> opened;
  for (int tries = 0; tries < kTries; ++tries) {
    opened = open_all(0);
    if (opened) return opened;
    listeners_.clear();
    const bool any_port =
        std::ranges::any_of(options_.listeners, [](const auto& each) { return each.port == 0; });
    if (!any_port) break;
  }
  return opened;
}

std::expected<void, std::string> Server::open_all(std::uint16_t shared_port) {
  for (net::ListenOptions each : options_.listeners) {
    const bool any_port = each.port == 0;
    if (any_port) each.port = shared_port;
    auto listener = net::Listener::open(loop_, each, *this);
    if (!listener) return std::unexpected(std::move(listener.error()));
    if (any_port) shared_port = (*listener)->port();
    listeners_.push_back(std::move(*listener));
  }
  return {};
}

std::vector<std::string> Server::endpoints() const {
  std::vector<std::string> endpoints;
  for (const auto& listener : listeners_) endpoints.push_back(listener->local_endpoint());
  return endpoints;
}

void Server::stop(std::function<void()> done) {
  listeners_.clear();
  shard_.end_all(ReasonCode::server_shutting_down, std::move(done));
}

void Server::on_stream(std::unique_ptr<net::Stream> stream) { shard_.accept(std::move(stream)); }

void Server::on_accept_error(std::error_code error) {
  log_.warning("accepting rests: {}", error.message());
}

}  // namespace mqtt::server
