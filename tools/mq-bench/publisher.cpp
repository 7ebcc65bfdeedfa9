#include "tools/mq-bench/publisher.hpp"

#include <algorithm>
#include <utility>

namespace mq_bench {

Publisher::Publisher(Context context, mqtt::client::ClientOptions options, const LoadOptions& load,
                     Identity identity)
    : Connection(context, std::move(options)), load_(load), identity_(std::move(identity)) {}

mqtt::Publish Publisher::message(std::uint32_t sequence, TimePoint due) {
  mqtt::Publish publish;
  publish.topic = identity_.topics[sequence % identity_.topics.size()];
  publish.retain = load_.retain;
  publish.qos = load_.qos;
  PayloadHeader header{load_.run_tag, index(), sequence};
  header.set_intended(due + load_.clock_offset);
  identity_.payloads.fill(publish, header);
  return publish;
}

void Publisher::send_probe() {
  if (!is_online()) return;
  const bool has_mark = load_.clock_mark != TimePoint();
  const TimePoint time = has_mark ? load_.clock_mark - load_.clock_offset : now();
  client().session().publish(message(PayloadHeader::kProbe, time), now());
  client().wake();
}

// An empty payload removes what is retained [MQTT-3.3.1-6].
void Publisher::remove_retained() {
  if (!is_online()) return;
  for (const mqtt::Bytes& topic : identity_.topics) {
    mqtt::Publish publish;
    publish.topic = topic;
    publish.retain = true;
    client().session().publish(std::move(publish), now());
  }
  client().wake();
}

void Publisher::offer(TimePoint due, bool is_measured) {
  Counters& counters = ledger().counters(is_measured);
  ++counters.scheduled;
  if (!is_online() && !load_.queues_offline) {
    ++counters.skipped_offline;
    return;
  }
  mqtt::ClientSession& session = client().session();
  if (session.waiting() >= load_.maximum_backlog) {
    ++counters.skipped_backlog;
    return;
  }
  // Skipped slots take no number: a gap in the sequence is always a loss.
  const std::uint32_t sequence = sender().assign(is_measured);
  const std::uint64_t token = session.publish(message(sequence, due), now());
  const bool is_encoded = is_online() && session.waiting() == 0;
  const std::uint64_t end = is_encoded ? session.output().appended() : 0;
  const std::uint32_t owed = sender().receivers();
  if (owed > 0) ledger().series().owe(due, owed);
  entries_.push({token, due, end, mqtt::kNever, owed, is_measured, false});
  client().wake();
}

void Publisher::after_flush(TimePoint now) {
  if (ledger().is_closed()) return;
  note_tried(offered(), now);
  note_written(now);
  watch_pressure(now);
}

void Publisher::watch_pressure(TimePoint now) {
  mqtt::ClientSession& session = client().session();
  const bool is_waiting = is_online() && session.waiting() > 0;
  const bool is_window_full = is_waiting && session.is_window_full();
  Result& result = ledger().result();
  window_full_.set(is_window_full, now, result.window_full_ns);
  send_blocked_.set(is_online() && !session.output().empty(), now, result.send_blocked_ns);
}

void Publisher::note_tried(std::uint64_t end, TimePoint now) {
  for (; tried_ < end; ++tried_) {
    const Entry& tried = entry(tried_);
    ledger().note_tried(tried.due, tried.is_measured, now);
  }
}

// The last waiting() messages are not encoded yet. Of one encoded since the last look only an upper
// bound of its end is known: all that the output has taken in so far.
void Publisher::note_written(TimePoint now) {
  if (!is_online()) return;
  mqtt::ClientSession& session = client().session();
  const std::uint64_t encoded =
      offered() - std::min<std::uint64_t>(session.waiting(), entries_.size());
  for (; sent_ < encoded; ++sent_) {
    Entry& next = entry(sent_);
    if (next.end == 0) next.end = session.output().appended();
    if (session.output().consumed() < next.end) break;
    next.sent_at = now;
    mark_sent(next, now);
  }
}

void Publisher::mark_sent(Entry& entry, TimePoint now) {
  sender().note_left(now);
  ledger().note_sent(entry.due, entry.is_measured, now);
}

// What was encoded but not written is encoded anew for the next connection.
void Publisher::on_offline() {
  for (std::uint64_t number = std::max(sent_, ended_); number < offered(); ++number)
    entry(number).end = 0;
  watch_pressure(now());
}

void Publisher::on_online(bool, TimePoint now) {
  online_since_ = now;
  if (has_reconnected()) sender().note_reconnect();
}

void Publisher::on_session_event(mqtt::ClientEvent& event, TimePoint now) {
  if (ledger().is_closed()) return;
  if (const auto* received = std::get_if<mqtt::client_event::PublishReceived>(&event))
    return on_received(received->token, now);
  const auto* finished = std::get_if<mqtt::client_event::PublishFinished>(&event);
  if (finished == nullptr) return;
  on_finished(*finished, now);
  if (has_unsent() || load_.is_closed_loop) mark_after_flush();
}

// The session numbers its messages one after the other, so the token tells the place. Probes came
// before all entries.
std::uint64_t Publisher::number_of(std::uint64_t token) const {
  if (entries_.empty() || token < entries_.front().token) return Sender::kNone;
  return ended_ + token - entries_.front().token;
}

void Publisher::on_received(std::uint64_t token, TimePoint now) {
  const std::uint64_t number = number_of(token);
  if (number >= offered()) return;
  const Entry& received = entry(number);
  ledger().metrics(received.is_measured).rec.histogram.record(now - received.due);
}

void Publisher::on_finished(const mqtt::client_event::PublishFinished& finished, TimePoint now) {
  const std::uint64_t number = number_of(finished.token);
  // A refused probe says why a subscription stays unproven.
  if (number == Sender::kNone && mqtt::is_failure(finished.reason_code))
    note_refusal(finished.reason_code);
  if (number >= offered()) return;
  note_tried(number + 1, now);
  note_written(now);
  for (; sent_ <= number; ++sent_) mark_sent(entry(sent_), now);
  Entry& done = entry(number);
  done.is_done = true;
  count_answer(done, number, finished.reason_code, now);
  for (; !entries_.empty() && entries_.front().is_done; ++ended_) entries_.pop();
}

// A refused message is owed to nobody. An answer of "no matching subscribers" is an
// acknowledgement: if somebody was subscribed, the message will be missed as lost.
void Publisher::count_answer(const Entry& entry, std::uint64_t sequence, mqtt::ReasonCode code,
                             TimePoint now) {
  Counters& counters = ledger().counters(entry.is_measured);
  if (mqtt::is_failure(code)) {
    ++counters.nacked;
    sender().refuse(sequence);
    ledger().series().owe(entry.due, -std::int64_t{entry.owed});
    note_refusal(code);
    return;
  }
  if (load_.qos == mqtt::Qos::at_most_once) return;
  if (code == mqtt::ReasonCode::no_matching_subscribers) ++counters.no_subscribers;
  ledger().note_acked(entry.due, entry.is_measured, now);
  if (entry.sent_at != mqtt::kNever && !load_.is_closed_loop)
    ledger().metrics(entry.is_measured).ack_service.histogram.record(now - entry.sent_at);
}

// Acknowledgements come in any order, but the oldest open message has waited for longest.
void Publisher::check_acknowledgements(TimePoint now) {
  if (load_.ack_timeout == Duration() || load_.qos == mqtt::Qos::at_most_once) return;
  if (!is_online() || sent_ == ended_) return;
  const TimePoint sent = entries_.front().sent_at;
  const TimePoint since = sent == mqtt::kNever ? online_since_ : std::max(sent, online_since_);
  if (now - since < load_.ack_timeout) return;
  ++ledger().result().ack_timeouts;
  client().drop("an acknowledgement is missing");
}

void Publisher::freeze(TimePoint now) {
  frozen_ = now;
  was_online_ = is_online();
  window_full_.set(false, now, ledger().result().window_full_ns);
  send_blocked_.set(false, now, ledger().result().send_blocked_ns);
}

// What never left the backlog counts as skipped after all: it was no load on the broker.
void Publisher::settle() {
  // What arrived has certainly left, even if the loop had no time to notice.
  const std::uint64_t left = std::min(sender().arrived_below(), offered());
  for (; sent_ < left; ++sent_) mark_sent(entry(sent_), frozen_);
  for (std::uint64_t number = ended_; number < offered(); ++number) {
    const Entry& open = entry(number);
    if (open.is_done) continue;
    Counters& counters = ledger().counters(open.is_measured);
    if (number < sent_) {
      if (load_.qos != mqtt::Qos::at_most_once) ++counters.unacked;
      continue;
    }
    ++(was_online_ ? counters.skipped_backlog : counters.skipped_offline);
    ledger().series().owe(open.due, -std::int64_t{open.owed});
  }
  finish();
}

}  // namespace mq_bench
