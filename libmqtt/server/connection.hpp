#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "libmqtt/net/pump.hpp"
#include "libmqtt/server/enhanced_login.hpp"
#include "libmqtt/server/log.hpp"
#include "libmqtt/server/packet_trace.hpp"
#include "libmqtt/server/settings.hpp"
#include "libmqtt/session/server_session.hpp"

namespace mqtt::server {

class Shard;

/// One client's connection: carries bytes between its Stream and a ServerSession, and events and
/// answers between that and the shard's Broker. Owned by the Shard, which it asks to be removed
/// from once its stream has closed.
class Connection final : private net::Pump::Handler {
 public:
  /// `listener`: the door that it came in by.
  Connection(Shard& shard, std::uint64_t id, std::unique_ptr<net::Stream> stream,
             std::shared_ptr<const ListenerSettings> listener);

  void start();
  /// The session has something to send.
  void wake() { pump_.wake(); }
  /// Answers that waited for a commit may be able to leave.
  void wake_after_commit();
  /// The server ends the connection: DISCONNECT where the version has it, flush, close. The broker
  /// is not told.
  void end(ReasonCode reason_code);
  /// Reads on after having been held back for a congested receiver.
  void resume();
  /// The answer of the PasswordCheck that was asked for.
  void on_verdict(Verdict verdict);
  /// Looks for a deadline that has passed.
  void tick(TimePoint now);
  /// When tick() is to be called; entries of the timing wheel with another time are out of date.
  TimePoint scheduled() const { return scheduled_; }

  std::uint64_t id() const { return id_; }
  const ListenerSettings& listener() const { return *listener_; }
  SessionKey key() const { return key_; }

 private:
  void on_bytes(std::span<const std::byte> bytes) override;
  void fill_output() override;
  Output& output() override { return session_.output(); }
  void on_written(std::size_t count) override;
  void on_closed(std::error_code reason) override;

  bool may_process() const;
  bool may_read() const;
  void process(TimePoint now);
  void on_event(server_event::ConnectRequested& event, TimePoint now);
  void on_event(server_event::Published& event, TimePoint now);
  void on_event(server_event::SubscribeRequested& event, TimePoint now);
  void on_event(server_event::UnsubscribeRequested& event, TimePoint now);
  void on_event(server_event::AuthReceived& event, TimePoint now);
  void on_event(server_event::Disconnected& event, TimePoint now);
  void on_event(server_event::Failed& event, TimePoint now);

  // The way in and the way of proving oneself again: connection_login.cpp.
  void check_password();
  void take_step(const EnhancedLogin::Step& step, TimePoint now);
  void authenticate_again(const Auth& auth, TimePoint now);
  void admit(const Connect& connect, const login::Accepted& accepted, TimePoint now);
  void refuse(const Connack& connack, std::string_view username = {});
  /// DISCONNECT with this reason; the broker is told.
  void drop(ReasonCode reason_code, TimePoint now);
  void forget_login();

  void schedule();
  void await_commit();
  void refuse_to_keep(std::uint16_t packet_id, Qos qos, TimePoint now);
  /// The connection is over for the broker.
  void leave(const std::optional<Disconnect>& by_client, TimePoint now);
  void close();
  /// Whom the log's lines about this connection are about.
  LogSubject subject() const;
  const Log& log() const;
  template <class... Args>
  void tell(LogKind kind, fmt::format_string<Args...> format, Args&&... args) const {
    if (log().has(kind)) log().write(kind, subject(), format, std::forward<Args>(args)...);
  }

  /// There between CONNECT and its answer when that has to wait; and for as long as a client is
  /// connected that came by an enhanced authentication, which may begin another one.
  struct Login {
    Connect connect;  ///< Until it is answered.
    std::optional<EnhancedLogin> exchange;
    std::string username;  ///< Proven by an exchange.
  };

  void trace(const std::vector<std::string>& packets);

  Shard& shard_;
  std::uint64_t id_;
  std::shared_ptr<const ListenerSettings> listener_;
  ServerSession session_;
  SessionKey key_;
  std::unique_ptr<Login> login_;
  TimePoint scheduled_ = kNever;
  bool is_held_back_ = false;        ///< For a congested receiver of its messages.
  bool is_awaiting_commit_ = false;  ///< The shard knows.
  bool is_reading_ = true;
  std::unique_ptr<PacketTrace> trace_;  ///< While the log wants packets.
  net::Pump pump_;
};

}  // namespace mqtt::server
