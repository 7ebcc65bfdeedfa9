#include "libmqtt/server/connection.hpp"

#include <utility>
#include <variant>

#include "libmqtt/base/escape.hpp"
#include "libmqtt/server/shard.hpp"

namespace mqtt::server {
namespace {

/// How long a client may take to read our last words and to close.
constexpr Duration kLinger = Seconds(2);

/// A client that asks and does not read the answers is not read from any further beyond this.
constexpr std::size_t kUnreadAnswers = 1024 * 1024;

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

}  // namespace

template <class... Args>
void Connection::tell(LogKind kind, fmt::format_string<Args...> format, Args&&... args) const {
  if (!shard_.log().has(kind)) return;
  shard_.log().write(kind, subject(), format, std::forward<Args>(args)...);
}

Connection::Connection(Shard& shard, std::uint64_t id, std::unique_ptr<net::Stream> stream,
                       std::shared_ptr<const ListenerSettings> listener)
    : shard_(shard),
      id_(id),
      listener_(std::move(listener)),
      session_(shard.broker().limits_of(&listener_->rules), shard.broker().traffic(), shard.now()),
      pump_(shard.loop(), std::move(stream), *this) {}

void Connection::start() {
  schedule();
  pump_.start();
}

void Connection::end(ReasonCode reason_code) {
  tell(LogKind::connection, "disconnected by the server: {}", name(reason_code));
  session_.disconnect(reason_code);
  shard_.unbind(*this);
  close();
}

void Connection::resume() {
  if (!std::exchange(is_held_back_, false)) return;
  const TimePoint now = shard_.now();
  session_.receive({}, now);  // nobody read meanwhile: that silence was ours
  process(now);
}

void Connection::tick(TimePoint now) {
  if (!is_held_back_) {
    session_.tick(now);
    process(now);
  }
  schedule();
}

void Connection::schedule() {
  scheduled_ = session_.deadline();
  shard_.schedule(*this);
}

void Connection::on_bytes(std::span<const std::byte> bytes) {
  const TimePoint now = shard_.now();
  session_.receive(bytes, now);
  process(now);
}

bool Connection::may_read() const {
  return !is_held_back_ && session_.output().size() < kUnreadAnswers;
}

void Connection::process(TimePoint now) {
  while (may_read()) {
    auto event = session_.poll_event();
    if (!event) break;
    std::visit([&](auto& happened) { on_event(happened, now); }, *event);
    shard_.carry_out_effects();
  }
  if (may_read() != is_reading_) {
    is_reading_ = may_read();
    is_reading_ ? pump_.resume_reading() : pump_.pause_reading();
  }
  if (!is_reading_) session_.pause();
  pump_.wake();
}

void Connection::fill_output() {
  const TimePoint now = shard_.now();
  if (!is_reading_ && may_read()) process(now);  // what it would not read, it has read
  if (!session_.is_bound()) return;
  session_.fill_output(now);
  shard_.broker().drained(key_, now);
  shard_.carry_out_effects();
}

void Connection::on_closed(std::error_code reason) {
  if (session_.is_bound()) {
    tell(LogKind::connection, "lost: {}", reason.message());
    leave(std::nullopt, shard_.now());
    shard_.carry_out_effects();
  } else if (reason && reason != asio::error::eof && reason != asio::error::timed_out) {
    tell(LogKind::notice, "lost before CONNECT: {}", reason.message());
  }
  shard_.remove(*this);
}

void Connection::on_event(server_event::ConnectRequested& event, TimePoint now) {
  const Connect& connect = event.connect;
  const broker::ClientContext context{.listener = &listener_->rules};
  const broker::ConnectAnswer answer = shard_.broker().connect(connect, context, now);
  // The client's old connection, if there is one, lets go of the session before this one takes it.
  shard_.carry_out_effects();
  if (answer.session == nullptr) {
    shard_.limits().count_refusal(answer.connack.reason_code);
    tell(LogKind::notice, "refused: {}", name(answer.connack.reason_code));
    session_.refuse(answer.connack);
    return close();  // [MQTT-3.1.4-2, 4.12.0-4, 4.13.2-1]
  }
  key_ = answer.session->key;
  shard_.bind(*this);
  session_.accept(answer.connack, *answer.session);
  schedule();
  tell(LogKind::connection, "connected from {} (MQTT {}, keep alive {} s{})", pump_.peer(),
       text_of(connect.version), connect.keep_alive,
       answer.connack.session_present ? ", session resumed" : "");
}

void Connection::on_event(server_event::Published& event, TimePoint now) {
  const std::uint16_t packet_id = event.publish.packet_id;
  const Qos qos = event.publish.qos;
  const auto answer = shard_.broker().publish(key_, std::move(event.publish), now);
  // Whatever became of the message, expiry included [MQTT-4.3.3-13].
  session_.acknowledge(packet_id, qos, answer.reason_code);
  if (!answer.is_congested) return;
  is_held_back_ = true;
  shard_.add_held_back(*this);
}

void Connection::on_event(server_event::SubscribeRequested& event, TimePoint now) {
  const Suback suback = shard_.broker().subscribe(key_, event.subscribe, now);
  session_.answer(suback);  // [MQTT-3.8.4-1]
  if (!shard_.log().has(LogKind::subscription)) return;
  for (std::size_t i = 0; i < suback.reason_codes.size(); ++i) {
    const ReasonCode code = suback.reason_codes[i];
    tell(
        LogKind::subscription, "subscribed {}: {}",
        quoted(event.subscribe.requests[i].filter.view()),
        is_failure(code) ? std::string(name(code)) : fmt::format("QoS {}", static_cast<int>(code)));
  }
}

void Connection::on_event(server_event::UnsubscribeRequested& event, TimePoint) {
  session_.answer(shard_.broker().unsubscribe(key_, event.unsubscribe));
  if (!shard_.log().has(LogKind::unsubscription)) return;
  for (const Bytes& filter : event.unsubscribe.filters)
    tell(LogKind::unsubscription, "unsubscribed {}", quoted(filter.view()));
}

void Connection::on_event(server_event::AuthReceived&, TimePoint now) {
  // No authentication method was agreed on: connect() refuses them all [MQTT-4.12.0-6].
  session_.disconnect(ReasonCode::protocol_error);
  leave(std::nullopt, now);
  close();  // [MQTT-4.12.1-2]
}

void Connection::on_event(server_event::Disconnected& event, TimePoint now) {
  tell(LogKind::connection, "disconnected");
  leave(event.disconnect, now);
  close();
}

void Connection::on_event(server_event::Failed& event, TimePoint now) {
  tell(LogKind::notice, "dropped: {} (0x{:02x} {})", event.error.what,
       static_cast<unsigned>(event.error.code), name(event.error.code));
  leave(std::nullopt, now);
  close();  // [MQTT-4.13.2-1], in 3.1.1 [MQTT-4.8.0-1]
}

void Connection::leave(const std::optional<Disconnect>& by_client, TimePoint now) {
  session_.detach();
  if (shard_.unbind(*this)) shard_.broker().disconnected(key_, by_client, now);
}

void Connection::close() { pump_.close_after_flush(kLinger); }

LogSubject Connection::subject() const {
  const SessionState* state = shard_.broker().find(key_);
  return {.client = state != nullptr ? state->client_id.view() : std::string_view(),
          .peer = pump_.peer()};
}

}  // namespace mqtt::server
