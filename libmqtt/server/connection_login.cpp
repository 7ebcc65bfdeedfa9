#include <utility>
#include <variant>

#include "libmqtt/base/escape.hpp"
#include "libmqtt/server/connection.hpp"
#include "libmqtt/server/shard.hpp"

// How a client gets in: the part of Connection between CONNECT and CONNACK, and AUTH.

namespace mqtt::server {
namespace {

std::string_view text_of(Version version) {
  switch (version) {
    case Version::v3_1:
      return "3.1";
    case Version::v3_1_1:
      return "3.1.1";
    case Version::v5_0:
      return "5.0";
  }
  return "?";
}

Connack refusal(ReasonCode reason_code) { return {false, reason_code, {}}; }

ReasonCode reason_of(Verdict verdict) {
  // The same for a wrong password and for a user whom nobody knows.
  return verdict == Verdict::wrong ? ReasonCode::bad_user_name_or_password
                                   : ReasonCode::server_unavailable;
}

}  // namespace

void Connection::on_event(server_event::ConnectRequested& event, TimePoint now) {
  const Door& door = shard_.door(*listener_);
  const auto judgement =
      judge_credentials(event.connect, door, *listener_, pump_.peer_certificate());
  if (const auto* accepted = std::get_if<login::Accepted>(&judgement))
    return admit(event.connect, *accepted, now);
  if (const auto* refused = std::get_if<login::Refused>(&judgement))
    return refuse(refusal(refused->reason_code));
  login_ = std::make_unique<Login>();
  login_->connect = std::move(event.connect);
  if (!login_->connect.properties.find(property::authentication_method)) return check_password();
  login_->exchange.emplace(door.users, shard_.secret());
  take_step(login_->exchange->receive(login_->connect.properties), now);
}

void Connection::check_password() {
  const Connect& connect = login_->connect;
  const bool is_taken =
      shard_.password_check().start({.id = id_,
                                     .users = shard_.door(*listener_).users,
                                     .username = *connect.username,
                                     .password = connect.password.value_or(Bytes())});
  if (!is_taken) refuse(refusal(ReasonCode::server_busy));
}

void Connection::on_verdict(Verdict verdict) {
  if (!login_ || !session_.is_awaiting_answer()) return;  // Its time was over before.
  const TimePoint now = shard_.now();
  const Connect connect = std::move(std::exchange(login_, nullptr)->connect);
  const std::string username(connect.username->view());
  if (verdict == Verdict::right)
    admit(connect, {username}, now);
  else
    refuse(refusal(reason_of(verdict)), username);
  if (session_.is_bound()) session_.receive({}, now);  // the silence meanwhile was ours
  shard_.carry_out_effects();
  process(now);
}

void Connection::on_event(server_event::AuthReceived& event, TimePoint now) {
  if (session_.is_awaiting_answer())
    take_step(login_->exchange->receive(event.auth.properties), now);
  else
    authenticate_again(event.auth, now);
}

void Connection::take_step(const EnhancedLogin::Step& step, TimePoint now) {
  if (const auto* accepted = std::get_if<login::Accepted>(&step)) {
    const Connect connect = std::exchange(login_->connect, {});
    login_->username = accepted->username;
    login_->exchange.reset();
    admit(connect, *accepted, now);
  } else if (const auto* refused = std::get_if<login::Refused>(&step)) {
    refuse(refusal(refused->reason_code), login_->exchange->username());  // [MQTT-4.12.0-4]
  } else {
    session_.answer(Auth{ReasonCode::continue_authentication,  // [MQTT-4.12.0-2]
                         std::get<login::Continued>(step).properties});
  }
}

/// Messages go on meanwhile: this client is who it was until it fails.
void Connection::authenticate_again(const Auth& auth, TimePoint now) {
  // No method was agreed on in CONNECT [MQTT-4.12.0-6].
  if (!login_) return drop(ReasonCode::protocol_error, now);
  const Door& door = shard_.door(*listener_);
  if (auth.reason_code == ReasonCode::re_authenticate) {
    if (!door.users) return drop(ReasonCode::not_authorized, now);
    login_->exchange.emplace(door.users, shard_.secret());
  } else if (auth.reason_code != ReasonCode::continue_authentication || !login_->exchange) {
    return drop(ReasonCode::protocol_error, now);
  }
  const EnhancedLogin::Step step = login_->exchange->receive(auth.properties);
  if (const auto* continued = std::get_if<login::Continued>(&step))
    return session_.answer(Auth{ReasonCode::continue_authentication,  // [MQTT-4.12.0-2]
                                continued->properties});
  if (const auto* refused = std::get_if<login::Refused>(&step))
    return drop(refused->reason_code, now);
  const auto& accepted = std::get<login::Accepted>(step);
  if (accepted.username != login_->username) return drop(ReasonCode::not_authorized, now);
  login_->exchange.reset();
  session_.answer(Auth{ReasonCode::success, accepted.properties});
  tell(LogKind::connection, "authenticated again");
}

void Connection::admit(const Connect& connect, const login::Accepted& accepted, TimePoint now) {
  const broker::ClientContext context{.username = accepted.username,
                                      .access = shard_.door(*listener_).access,
                                      .listener = &listener_->rules,
                                      .authentication = accepted.properties};
  const broker::ConnectAnswer answer = shard_.broker().connect(connect, context, now);
  // The client's old connection, if there is one, lets go of the session before this one takes it.
  shard_.carry_out_effects();
  if (answer.session == nullptr) return refuse(answer.connack, accepted.username);
  key_ = answer.session->key;
  shard_.bind(*this);
  session_.accept(answer.connack, *answer.session);
  schedule();
  tell(LogKind::connection, "connected from {} (MQTT {}, keep alive {} s{}{}{})", pump_.peer(),
       text_of(connect.version), connect.keep_alive,
       answer.connack.session_present ? ", session resumed" : "",
       accepted.username.empty() ? "" : ", user ",
       accepted.username.empty() ? "" : quoted(accepted.username));
}

void Connection::refuse(const Connack& connack, std::string_view username) {
  shard_.limits().count_refusal(connack.reason_code);
  tell(LogKind::notice, "refused: {}{}{}", name(connack.reason_code),
       username.empty() ? "" : ": user ", username.empty() ? "" : quoted(username));
  session_.refuse(connack);
  close();  // [MQTT-3.1.4-2, 4.12.0-4, 4.13.2-1]
}

void Connection::drop(ReasonCode reason_code, TimePoint now) {
  tell(LogKind::notice, "dropped: {}", name(reason_code));
  session_.disconnect(reason_code);
  leave(std::nullopt, now);
  close();  // [MQTT-4.12.1-2]
}

void Connection::forget_login() {
  if (login_ && !login_->exchange) shard_.password_check().cancel(id_);
  login_.reset();
}

}  // namespace mqtt::server
