#include "libmqtt/server/server.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace mqtt::server {

Server::Server(net::Loop& loop, ServerSettings settings, const Log& log)
    : loop_(loop), settings_(std::move(settings)), log_(log), shard_(loop, settings_.broker, log) {}

std::expected<void, std::string> Server::listen() {
  if (auto loaded = load(); !loaded) return loaded;
  // A port that is free on one address may be taken on the next: try a few.
  constexpr int kTries = 16;
  const bool any_port = std::ranges::any_of(settings_.listeners,
                                            [](const auto& each) { return each.socket.port == 0; });
  std::expected<void, std::string> opened;
  for (int tries = 0; tries < kTries; ++tries) {
    opened = open_all();
    if (opened) return opened;
    for (const auto& acceptor : acceptors_) acceptor->close();
    if (!any_port) break;
  }
  return opened;
}

std::expected<void, std::string> Server::load() {
  acceptors_.clear();
  Acceptor::Handler& handler = *this;
  for (const ListenerSettings& each : settings_.listeners) {
    auto tls = Acceptor::load_tls(each);
    if (!tls) return std::unexpected(std::move(tls.error()));
    acceptors_.push_back(std::make_unique<Acceptor>(std::make_shared<const ListenerSettings>(each),
                                                    std::move(*tls), handler));
  }
  return {};
}

std::expected<void, std::string> Server::open_all() {
  std::map<std::uint32_t, std::uint16_t> shared_ports;  // By block; 0: none was chosen yet.
  for (const auto& acceptor : acceptors_) {
    std::uint16_t& shared_port = shared_ports[acceptor->settings().block];
    if (auto opened = acceptor->open(loop_, shared_port); !opened) return opened;
  }
  return {};
}

std::expected<void, std::string> Server::reload(const ServerSettings& settings) {
  // Everything that can fail comes first ...
  std::vector<std::pair<Acceptor*, Acceptor::Tls>> contexts;
  for (const auto& acceptor : acceptors_) {
    const auto same_door = [&](const ListenerSettings& each) {
      return each.socket == acceptor->settings().socket &&
             each.protocol == acceptor->settings().protocol &&
             each.tls.has_value() == acceptor->settings().tls.has_value();
    };
    const auto found = std::ranges::find_if(settings.listeners, same_door);
    if (found == settings.listeners.end()) continue;  // Doors open and close at a restart only.
    auto tls = Acceptor::load_tls(*found);
    if (!tls) return std::unexpected(std::move(tls.error()));
    contexts.emplace_back(acceptor.get(), std::move(*tls));
  }
  // ... and nothing fails any more.
  for (auto& [acceptor, tls] : contexts) acceptor->replace_tls(std::move(tls));
  return {};
}

std::vector<std::string> Server::endpoints() const {
  std::vector<std::string> endpoints;
  for (const auto& acceptor : acceptors_)
    for (const auto& listener : acceptor->listeners())
      endpoints.push_back(listener->local_endpoint());
  return endpoints;
}

void Server::stop(std::function<void()> done) {
  acceptors_.clear();
  shard_.end_all(ReasonCode::server_shutting_down, std::move(done));
}

void Server::on_connection(std::unique_ptr<net::Stream> stream,
                           std::shared_ptr<const ListenerSettings> settings) {
  shard_.accept(std::move(stream), std::move(settings));
}

void Server::on_accept_error(std::error_code error) {
  log_.warning("accepting rests: {}", error.message());
}

}  // namespace mqtt::server
