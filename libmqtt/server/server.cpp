#include "libmqtt/server/server.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "libmqtt/store/sqlite_store.hpp"

namespace mqtt::server {
namespace {

ServerSettings with_journal(ServerSettings settings) {
  settings.broker.has_store = settings.store.has_value();
  return settings;
}

}  // namespace

Server::Server(net::Loop& loop, ServerSettings settings, const Log& log)
    : loop_(loop),
      settings_(with_journal(std::move(settings))),
      log_(log),
      shard_(loop, settings_, log) {}

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
  DoorLoader doors(settings_);
  for (ListenerSettings each : settings_.listeners) {
    each.number = static_cast<std::uint16_t>(acceptors_.size());
    auto tls = Acceptor::load_tls(each);
    if (!tls) return std::unexpected(std::move(tls.error()));
    auto door = doors.load(each, each.number);
    if (!door) return std::unexpected(std::move(door.error()));
    shard_.replace_door(each.number, std::move(*door));
    acceptors_.push_back(std::make_unique<Acceptor>(std::make_shared<const ListenerSettings>(each),
                                                    std::move(*tls), handler));
  }
  return {};
}

std::expected<void, std::string> Server::open_store() {
  if (!settings_.store) return {};
  auto store = store::SqliteStore::open(settings_.store->path, settings_.store->sync);
  if (!store) return std::unexpected(std::move(store.error()));
  return shard_.restore(std::move(*store));
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
  std::vector<Door> doors;
  DoorLoader loader(settings);
  for (const auto& acceptor : acceptors_) {
    const auto same_door = [&](const ListenerSettings& each) {
      return each.socket == acceptor->settings().socket &&
             each.protocol == acceptor->settings().protocol &&
             each.tls.has_value() == acceptor->settings().tls.has_value();
    };
    const auto found = std::ranges::find_if(settings.listeners, same_door);
    // Listeners open and close at a restart only; who may use them is told at once.
    const bool is_there = found != settings.listeners.end();
    auto door = loader.load(is_there ? *found : acceptor->settings(), acceptor->settings().number);
    if (!door) return std::unexpected(std::move(door.error()));
    doors.push_back(std::move(*door));
    if (!is_there) continue;
    auto tls = Acceptor::load_tls(*found);
    if (!tls) return std::unexpected(std::move(tls.error()));
    contexts.emplace_back(acceptor.get(), std::move(*tls));
  }
  // ... and nothing fails any more.
  for (auto& [acceptor, tls] : contexts) acceptor->replace_tls(std::move(tls));
  for (std::size_t i = 0; i < doors.size(); ++i)
    shard_.replace_door(static_cast<std::uint16_t>(i), std::move(doors[i]));
  return {};
}

std::vector<std::string> Server::endpoints() const {
  std::vector<std::string> endpoints;
  for (const auto& acceptor : acceptors_)
    for (const auto& listener : acceptor->listeners())
      endpoints.push_back(listener->local_endpoint());
  return endpoints;
}

std::vector<std::uint16_t> Server::ports() const {
  std::vector<std::uint16_t> ports;
  for (const auto& acceptor : acceptors_)
    for (const auto& listener : acceptor->listeners())
      if (const std::uint16_t port = listener->port(); port != 0) ports.push_back(port);
  return ports;
}

Statistics Server::statistics() const {
  Statistics statistics;
  statistics.connections = shard_.limits().statistics();
  statistics.broker = shard_.broker().statistics();
  return statistics;
}

void Server::publish(const std::vector<SysMessage>& messages) {
  const TimePoint now = loop_.now();
  for (const SysMessage& message : messages)
    shard_.broker().publish_from_server(message.topic, message.payload, true, now);
  shard_.carry_out_effects();
}

void Server::stop(std::function<void()> done) {
  acceptors_.clear();
  shard_.end_all(ReasonCode::server_shutting_down, std::move(done));
}

bool Server::may_come_in(const net::Stream& stream, const ListenerSettings& settings) {
  const auto answer = shard_.limits().arrived(settings);
  if (answer == ConnectionLimits::Answer::welcome) return true;
  const bool is_global = answer == ConnectionLimits::Answer::over_global_limit;
  log_.write(LogKind::warning, {.peer = stream.peer()}, "refused: {} {} reached",
             is_global ? "global_max_connections" : "max_connections",
             is_global ? *settings_.max_connections : *settings.max_connections);
  return false;
}

void Server::on_connection(std::unique_ptr<net::Stream> stream,
                           std::shared_ptr<const ListenerSettings> settings) {
  shard_.accept(std::move(stream), std::move(settings));
}

void Server::on_accept_error(std::error_code error) {
  ++shard_.limits().statistics().accept_errors;
  // It rests again and again until something gives a descriptor back.
  constexpr Duration kSilence = Seconds(10);
  const TimePoint now = loop_.now();
  if (rest_told_ != TimePoint::min() && now - rest_told_ < kSilence) return;
  rest_told_ = now;
  log_.warning("accepting rests: {}", error.message());
}

}  // namespace mqtt::server
