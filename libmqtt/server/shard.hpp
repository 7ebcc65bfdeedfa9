#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "libmqtt/broker/broker.hpp"
#include "libmqtt/net/loop.hpp"
#include "libmqtt/server/connection.hpp"
#include "libmqtt/server/connection_limits.hpp"
#include "libmqtt/server/door.hpp"
#include "libmqtt/server/durability.hpp"
#include "libmqtt/server/log.hpp"
#include "libmqtt/server/password_check.hpp"
#include "libmqtt/server/timing_wheel.hpp"

namespace mqtt::server {

/// One loop's share of a server: a Broker, the connections it serves, and their time. All calls
/// happen on the loop's thread.
class Shard {
 public:
  Shard(net::Loop& loop, const ServerSettings& settings, const Log& log);

  /// One that limits() has welcomed.
  void accept(std::unique_ptr<net::Stream> stream,
              std::shared_ptr<const ListenerSettings> listener);
  /// For those who come by the server's `number`th listener from now on; its access rules hold for
  /// everybody in their scope at once.
  void replace_door(std::uint16_t number, Door door);
  /// Gets the state back from a store, where it lasts from now on. The error is one line.
  std::expected<void, std::string> restore(std::unique_ptr<store::Store> store);
  /// Ends every connection with this reason; `done` is called once the last has closed and
  /// everything is committed.
  void end_all(ReasonCode reason_code, std::function<void()> done);

  // What its connections need.
  net::Loop& loop() { return loop_; }
  broker::Broker& broker() { return broker_; }
  const broker::Broker& broker() const { return broker_; }
  const Log& log() const { return log_; }
  TimePoint now() { return loop_.now(); }
  ConnectionLimits& limits() { return limits_; }
  const ConnectionLimits& limits() const { return limits_; }
  /// Since when no client has been connected; nothing while one is.
  std::optional<TimePoint> idle_since() const;
  const Door& door(const ListenerSettings& listener) const { return doors_[listener.number]; }
  PasswordCheck& password_check() { return password_check_; }
  /// Random, the same for the life of the process. Made when somebody first wants it: OpenSSL's
  /// generator takes a millisecond to start.
  std::string_view secret();
  void carry_out_effects();
  /// The connection speaks for its session from now on.
  void bind(Connection& connection);
  /// False when the connection did not speak for its session (any more).
  bool unbind(const Connection& connection);
  void schedule(const Connection& connection);
  /// The connection waits for resume().
  void add_held_back(const Connection& connection) { held_back_.push_back(connection.id()); }
  /// The connection has answers that wait for a commit: wake() then.
  void add_awaiting_commit(const Connection& connection) {
    awaiting_commit_.push_back(connection.id());
  }
  const Durability& durability() const { return durability_; }
  /// Destroys the connection.
  void remove(const Connection& connection);

 private:
  Connection* find(SessionKey key);
  void carry_out(const broker::effect::Wake& effect);
  void carry_out(const broker::effect::Disconnect& effect);
  void carry_out(const broker::effect::FetchBacklog& effect);
  void carry_out(const broker::effect::ResumePublishers& effect);
  void resume_publishers();
  void wake_after_commit();
  void finish();
  void tell_overflows();
  void arm();
  void on_timer();

  net::Loop& loop_;
  broker::Broker broker_;
  const Log& log_;
  Durability durability_;
  ConnectionLimits limits_;
  std::vector<Door> doors_;  ///< By ListenerSettings::number.
  std::string secret_;
  TimingWheel wheel_;
  asio::steady_timer timer_;
  TimePoint armed_for_ = kNever;
  std::uint64_t last_id_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> by_session_;         ///< By SessionKey::index.
  std::size_t bound_ = 0;                       ///< Connections that speak for a session.
  TimePoint idle_since_;                        ///< While there are none.
  std::vector<std::uint64_t> held_back_;        ///< Publishers, by id.
  std::vector<std::uint64_t> awaiting_commit_;  ///< By id.
  std::function<void()> on_empty_;
  bool is_resuming_ = false;
  PasswordCheck password_check_;
};

}  // namespace mqtt::server
