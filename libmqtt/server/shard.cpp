#include "libmqtt/server/shard.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "libmqtt/server/digest.hpp"

namespace mqtt::server {

Shard::Shard(net::Loop& loop, const ServerSettings& settings, const Log& log)
    : loop_(loop),
      broker_(settings.broker),
      log_(log),
      durability_(loop, broker_, log,
                  {.on_committed = [this] { wake_after_commit(); },
                   .on_relieved = [this] { resume_publishers(); }}),
      limits_(settings.max_connections),
      wheel_(loop.now()),
      timer_(loop.context()),
      idle_since_(loop.now()),
      password_check_(loop, [this](std::uint64_t id, Verdict verdict) {
        if (const auto found = connections_.find(id); found != connections_.end())
          found->second->on_verdict(verdict);
      }) {}

std::string_view Shard::secret() {
  constexpr std::size_t kSize = 32;
  if (secret_.empty()) secret_ = random_bytes(kSize);
  return secret_;
}

std::expected<void, std::string> Shard::restore(std::unique_ptr<store::Store> store) {
  auto restored = durability_.restore(std::move(store));
  carry_out_effects();
  return restored;
}

void Shard::replace_door(std::uint16_t number, Door door) {
  const bool is_told = std::ranges::any_of(doors_, [&](const Door& other) {
    return other.access == door.access && other.rules == door.rules;
  });
  if (!is_told) broker_.replace_access(door.access, door.rules);
  if (number >= doors_.size()) doors_.resize(number + std::size_t{1});
  doors_[number] = std::move(door);
  carry_out_effects();
}

void Shard::accept(std::unique_ptr<net::Stream> stream,
                   std::shared_ptr<const ListenerSettings> listener) {
  if (on_empty_) {  // on the way out
    limits_.left(*listener);
    return stream->close();
  }
  const std::uint64_t id = ++last_id_;
  auto& connection = connections_[id] =
      std::make_unique<Connection>(*this, id, std::move(stream), std::move(listener));
  connection->start();
}

void Shard::end_all(ReasonCode reason_code, std::function<void()> done) {
  on_empty_ = std::move(done);
  broker_.shut_down(loop_.now());
  if (connections_.empty()) return finish();
  for (auto& [id, connection] : connections_) connection->end(reason_code);
}

void Shard::finish() {
  if (const auto finished = durability_.finish(); !finished)
    log_.error("{}: what was not acknowledged is lost", finished.error());
  on_empty_();
}

void Shard::remove(const Connection& connection) {
  limits_.left(connection.listener());
  connections_.erase(connection.id());
  if (connections_.empty() && on_empty_) finish();
}

// Sessions and their connections.

void Shard::bind(Connection& connection) {
  const std::size_t index = connection.key().index;
  if (index >= by_session_.size()) by_session_.resize(index + 1);
  if (std::exchange(by_session_[index], &connection) == nullptr) ++bound_;
}

bool Shard::unbind(const Connection& connection) {
  const std::size_t index = connection.key().index;
  if (index >= by_session_.size() || by_session_[index] != &connection) return false;
  by_session_[index] = nullptr;
  if (--bound_ == 0) idle_since_ = loop_.now();
  return true;
}

std::optional<TimePoint> Shard::idle_since() const {
  if (bound_ > 0) return std::nullopt;
  return idle_since_;
}

Connection* Shard::find(SessionKey key) {
  Connection* connection = key.index < by_session_.size() ? by_session_[key.index] : nullptr;
  return connection != nullptr && connection->key() == key ? connection : nullptr;
}

// Effects.

void Shard::carry_out_effects() {
  while (auto effect = broker_.poll_effect())
    std::visit([this](const auto& e) { carry_out(e); }, *effect);
  durability_.changed();
  if (broker_.deadline().value_or(kNever) < armed_for_) arm();
}

void Shard::carry_out(const broker::effect::Wake& effect) {
  if (Connection* connection = find(effect.session)) connection->wake();
}

void Shard::carry_out(const broker::effect::Disconnect& effect) {
  if (Connection* connection = find(effect.session)) connection->end(effect.reason_code);
}

void Shard::carry_out(const broker::effect::FetchBacklog& effect) {
  durability_.fetch(effect.request, [this, key = effect.session](BacklogPage&& page) {
    broker_.backlog_came(key, std::move(page), now());
    carry_out_effects();
  });
}

void Shard::carry_out(const broker::effect::ResumePublishers&) { resume_publishers(); }

void Shard::resume_publishers() {
  // From the loop, not from inside the call that relieved the receiver; once for all effects of a
  // turn.
  if (std::exchange(is_resuming_, true)) return;
  asio::post(loop_.context(), [this] {
    is_resuming_ = false;
    for (const std::uint64_t id : std::exchange(held_back_, {}))
      if (const auto found = connections_.find(id); found != connections_.end())
        found->second->resume();
  });
}

void Shard::wake_after_commit() {
  for (const std::uint64_t id : std::exchange(awaiting_commit_, {}))
    if (const auto found = connections_.find(id); found != connections_.end())
      found->second->wake_after_commit();
}

void Shard::tell_overflows() {
  for (const SessionKey key : broker_.take_overflowed())
    if (const SessionState* state = broker_.find(key))
      log_.write(LogKind::warning, {.client = state->client_id.view()},
                 "has a full queue: newer messages are dropped");
}

// Time.

void Shard::schedule(const Connection& connection) {
  if (connection.scheduled() == kNever) return;
  wheel_.add(connection.id(), connection.scheduled());
  if (armed_for_ == kNever) arm();
}

/// The next half second while there are connections to watch, or earlier when the broker wants it.
void Shard::arm() {
  const TimePoint next_tick = connections_.empty() ? kNever : loop_.now() + TimingWheel::kTick;
  armed_for_ = std::min(next_tick, broker_.deadline().value_or(kNever));
  if (armed_for_ == kNever) return;
  timer_.expires_at(asio::steady_timer::time_point(armed_for_.time_since_epoch()));
  timer_.async_wait([this](std::error_code error) {
    if (!error) on_timer();
  });
}

void Shard::on_timer() {
  const TimePoint now = loop_.now();
  broker_.tick(now);
  wheel_.advance(now, [&](std::uint64_t id, TimePoint when) {
    const auto found = connections_.find(id);
    if (found != connections_.end() && found->second->scheduled() == when) found->second->tick(now);
  });
  armed_for_ = kNever;
  carry_out_effects();
  tell_overflows();
  log_.tell_suppressed();
  arm();
}

}  // namespace mqtt::server
