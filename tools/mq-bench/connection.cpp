#include "tools/mq-bench/connection.hpp"

#include <fmt/format.h>

#include <utility>

namespace mq_bench {

Connection::Connection(Context context, mqtt::client::ClientOptions options)
    : context_(context),
      scheme_(options.address.scheme),
      client_(context.loop, std::move(options), *this) {}

void Connection::start(TimePoint scheduled) {
  scheduled_ = scheduled;
  client_.start();
}

bool Connection::leave() {
  if (!begin_leaving()) return false;
  client_.stop();
  return true;
}

bool Connection::cut() {
  if (!begin_leaving()) return false;
  client_.abort();
  return true;
}

bool Connection::begin_leaving() {
  if (!is_online_ || std::exchange(is_leaving_, true)) return false;
  ++ledger().result().departures;
  return true;
}

void Connection::stop() {
  is_leaving_ = false;
  if (!std::exchange(is_away_, false)) return client_.stop();
  is_over_ = true;
  ++ledger().over;
}

bool Connection::restart(TimePoint scheduled) {
  if (!std::exchange(is_away_, false)) return false;
  is_timed_ = true;
  is_returning_ = true;
  start(scheduled);
  return true;
}

// Each step is timed when it is taken: one that was made counts, whatever becomes of the next.
void Connection::on_socket_connected() {
  connected_ = now();
  if (is_timed_ && scheme_ != mqtt::net::Address::Scheme::unix_socket)
    ledger().metrics().tcp.histogram.record(connected_ - scheduled_);
}

void Connection::on_dialled() {
  using Scheme = mqtt::net::Address::Scheme;
  dialled_ = now();
  if (is_timed_ && (scheme_ == Scheme::mqtts || scheme_ == Scheme::wss))
    ledger().metrics().tls.histogram.record(dialled_ - connected_);
}

void Connection::on_online(bool, TimePoint) {}
void Connection::on_session_event(mqtt::ClientEvent&, TimePoint) {}

void Connection::on_event(mqtt::ClientEvent& event) {
  const auto* connected = std::get_if<mqtt::client_event::Connected>(&event);
  if (connected == nullptr) return on_session_event(event, now());
  if (!mqtt::is_failure(connected->connack.reason_code)) {
    if (ledger().result().connected == 0) note_properties(connected->connack.properties);
    went_online(connected->connack.session_present);
  }
}

void Connection::went_online(bool session_present) {
  const TimePoint instant = now();
  is_online_ = true;
  ledger().count_online(1);
  if (++connects_ == 1) {
    ++ledger().result().connected;
  } else {
    ++ledger().result().reconnects;
    if (std::exchange(is_returning_, false)) note_return(session_present, instant);
  }
  if (std::exchange(is_timed_, false)) record_latencies(instant);
  ledger().note_event(instant, connects_ == 1 ? EventKind::connect : EventKind::reconnect,
                      client_id());
  settle();
  on_online(session_present, instant);
}

void Connection::note_return(bool session_present, TimePoint now) {
  Result& result = ledger().result();
  ++result.returns;
  if (session_present) ++result.resumed;
  result.metrics.reconnect.histogram.record(now - scheduled_);
}

// Those that are numbers: texts are about this client, or of any length.
void Connection::note_properties(const mqtt::Properties& properties) {
  properties.for_each([this](const mqtt::PropertyView& view) {
    const mqtt::PropertyRule* const rule = mqtt::find_rule(static_cast<std::uint32_t>(view.id));
    if (rule->type == mqtt::PropertyType::utf8 || rule->type == mqtt::PropertyType::binary ||
        view.id == mqtt::PropertyId::user_property)
      return;
    ledger().result().connack_properties.emplace(rule->name, std::to_string(view.value));
  });
}

void Connection::record_latencies(TimePoint now) {
  Metrics& metrics = ledger().metrics();
  metrics.connack.histogram.record(now - dialled_);
  metrics.connect_total.histogram.record(now - scheduled_);
  ledger().note_latency(metrics.connect_total, now, now - scheduled_);
}

// Called for every end of an attempt; only one that ends an established connection changes
// anything.
void Connection::went_offline() {
  if (!std::exchange(is_online_, false)) return;
  ledger().count_online(-1);
  on_offline();
}

// A client counts as settled once, when its first attempt has ended either way: the connect stage
// waits for all of them.
void Connection::settle() {
  if (!std::exchange(is_settled_, true)) ++ledger().settled;
}

void Connection::note_failure(const mqtt::client::Failure& failure) {
  ledger().note_error(failure.text);
  ledger().note_event(now(), is_online_ ? EventKind::disconnect : EventKind::no_connect,
                      client_id(), failure.text);
}

void Connection::note_refusal(mqtt::ReasonCode code) {
  const std::string reason =
      fmt::format("publish refused: {} (0x{:02X})", mqtt::name(code), static_cast<unsigned>(code));
  ledger().note_error(reason);
  ledger().note_event(now(), EventKind::nack, client_id(), reason);
}

void Connection::on_retry(const mqtt::client::Failure& failure, Duration) {
  note_failure(failure);
  if (is_returning_) ++ledger().result().return_retries;
  is_timed_ = false;
  went_offline();
}

void Connection::on_stopped(const std::optional<mqtt::client::Failure>& failure) {
  if (failure) note_failure(*failure);
  if (!failure && is_leaving_ && is_online_)
    ledger().note_event(now(), EventKind::disconnect, client_id(), "by schedule");
  went_offline();
  settle();
  is_away_ = std::exchange(is_leaving_, false) && !failure;
  if (is_away_) return mark_after_flush();  // It may be due back by now.
  is_over_ = true;
  ++ledger().over;
}

}  // namespace mq_bench
