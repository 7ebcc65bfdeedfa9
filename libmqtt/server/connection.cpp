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

}  // namespace

Connection::Connection(Shard& shard, std::uint64_t id, std::unique_ptr<net::Stream> stream,
                       std::shared_ptr<const ListenerSettings> listener)
    : shard_(shard),
      id_(id),
      listener_(std::move(listener)),
      session_(shard.broker().limits_of(&listener_->rules), shard.broker().traffic(), shard.now()),
      pump_(shard.loop(), std::move(stream), *this) {}

void Connection::start() {
  if (shard_.log().has(LogKind::debug))
    trace_ = std::make_unique<PacketTrace>(
        shard_.broker().limits_of(&listener_->rules).maximum_packet_size);
  schedule();
  pump_.start();
}

void Connection::end(ReasonCode reason_code) {
  tell(LogKind::connection, "disconnected by the server: {}", name(reason_code));
  session_.disconnect(reason_code);
  shard_.unbind(*this);
  close();
}

void Connection::wake_after_commit() {
  is_awaiting_commit_ = false;
  pump_.wake();
}

void Connection::await_commit() {
  if (!session_.is_holding_back() || std::exchange(is_awaiting_commit_, true)) return;
  shard_.add_awaiting_commit(*this);
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
  if (trace_) trace(trace_->received(bytes));
  session_.receive(bytes, now);
  process(now);
}

void Connection::on_written(std::size_t count) {
  if (trace_) trace(trace_->sent(session_.output(), count));
  session_.written(count);
}

void Connection::trace(const std::vector<std::string>& packets) {
  for (const std::string& packet : packets) tell(LogKind::debug, "{}", packet);
}

bool Connection::may_process() const {
  return !is_held_back_ && session_.output().size() < kUnreadAnswers;
}

bool Connection::may_read() const { return may_process() && !session_.is_awaiting_answer(); }

void Connection::process(TimePoint now) {
  while (may_process()) {
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
  await_commit();
  pump_.wake();
}

void Connection::fill_output() {
  const TimePoint now = shard_.now();
  if (!is_reading_ && may_read()) process(now);  // what it would not read, it has read
  if (!session_.is_bound()) return;
  session_.fill_output(now);
  await_commit();
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
  forget_login();
  shard_.remove(*this);
}

void Connection::on_event(server_event::Published& event, TimePoint now) {
  const std::uint16_t packet_id = event.publish.packet_id;
  const Qos qos = event.publish.qos;
  const Durability& durability = shard_.durability();
  if (durability.is_failing() && qos != Qos::at_most_once)
    return refuse_to_keep(packet_id, qos, now);
  const auto answer = shard_.broker().publish(key_, std::move(event.publish), now);
  // Whatever became of the message, expiry included [MQTT-4.3.3-13].
  session_.acknowledge(packet_id, qos, answer.reason_code);
  if (!answer.is_congested && !durability.is_behind()) return;
  is_held_back_ = true;
  shard_.add_held_back(*this);
}

/// The store fails. 5.0 has a code for it; before, the connection ends, and the client may come
/// again with its message: in 3.1.1 [MQTT-4.8.0-2].
void Connection::refuse_to_keep(std::uint16_t packet_id, Qos qos, TimePoint now) {
  if (session_.version() == Version::v5_0)
    return session_.acknowledge(packet_id, qos, ReasonCode::quota_exceeded);
  session_.decline(packet_id, qos);
  drop(ReasonCode::quota_exceeded, now);
}

void Connection::on_event(server_event::SubscribeRequested& event, TimePoint now) {
  const Suback suback = shard_.broker().subscribe(key_, event.subscribe, now);
  session_.answer(suback);  // [MQTT-3.8.4-1]
  if (!log().has(LogKind::subscription)) return;
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
  if (!log().has(LogKind::unsubscription)) return;
  for (const Bytes& filter : event.unsubscribe.filters)
    tell(LogKind::unsubscription, "unsubscribed {}", quoted(filter.view()));
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

void Connection::close() {
  forget_login();
  pump_.close_after_flush(kLinger);
}

const Log& Connection::log() const { return shard_.log(); }

LogSubject Connection::subject() const {
  const SessionState* state = shard_.broker().find(key_);
  return {.client = state != nullptr ? state->client_id.view() : std::string_view(),
          .peer = pump_.peer()};
}

}  // namespace mqtt::server
