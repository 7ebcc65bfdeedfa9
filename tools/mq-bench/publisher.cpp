#include "tools/mq-bench/publisher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tools/mq-bench/payload.hpp"

namespace mq_bench {
namespace {

std::uint64_t microseconds(TimePoint instant) {
  return static_cast<std::uint64_t>(instant.time_since_epoch().count()) / 1'000;
}

}  // namespace

Publisher::Publisher(Context context, mqtt::client::ClientOptions options, const LoadOptions& load,
                     std::uint32_t index, mqtt::Bytes topic)
    : Connection(context, std::move(options)),
      load_(load),
      index_(index),
      topic_(std::move(topic)),
      scratch_(load.size, std::byte{'.'}) {}

mqtt::Publish Publisher::message(std::uint32_t sequence, TimePoint due) {
  encode({load_.run_tag, index_, sequence, microseconds(due)},
         std::span(scratch_).first<PayloadHeader::kSize>());
  mqtt::Publish publish;
  publish.topic = topic_;
  publish.payload = mqtt::Bytes::copy(scratch_);
  publish.qos = load_.qos;
  return publish;
}

void Publisher::send_probe() {
  if (!is_online()) return;
  client().session().publish(message(PayloadHeader::kProbe, now()), now());
  client().wake();
}

void Publisher::offer(TimePoint due, bool is_measured) {
  Counters& counters = ledger().counters(is_measured);
  ++counters.scheduled;
  if (!is_online()) {
    ++counters.skipped_offline;
    return;
  }
  mqtt::ClientSession& session = client().session();
  if (session.waiting() >= load_.maximum_backlog) {
    ++counters.skipped_backlog;
    return;
  }
  // Skipped slots take no number: a gap in the sequence is always a loss.
  const std::uint32_t sequence = flow_.assign(is_measured);
  if (flow_.is_live())
    ledger().series().owe(due, 1);
  else
    flow_.excuse(sequence);
  const std::uint64_t token = session.publish(message(sequence, due), now());
  const std::uint64_t end = session.waiting() == 0 ? session.output().appended() : 0;
  entries_.push({token, due, end, is_measured, false});
  client().wake();
}

void Publisher::note_sent(TimePoint now) {
  note_tried(offered(), now);
  note_written(now);
}

void Publisher::note_tried(std::uint64_t end, TimePoint now) {
  for (; tried_ < end; ++tried_) {
    const Entry& tried = entry(tried_);
    if (tried.is_measured) ledger().metrics().own_lag.histogram.record(now - tried.due);
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
    mark_sent(next, now);
  }
}

void Publisher::mark_sent(const Entry& entry, TimePoint now) {
  ++ledger().counters(entry.is_measured).sent;
  if (entry.is_measured) ledger().metrics().send_lag.histogram.record(now - entry.due);
  if (ledger().in_window(now)) ++ledger().result().sent;
  ledger().series().note_sent(now);
}

// What was encoded but not written is encoded anew for the next connection.
void Publisher::on_offline() {
  for (std::uint64_t number = std::max(sent_, ended_); number < offered(); ++number)
    entry(number).end = 0;
}

void Publisher::on_session_event(mqtt::ClientEvent& event, TimePoint now) {
  const auto* finished = std::get_if<mqtt::client_event::PublishFinished>(&event);
  if (finished == nullptr || ledger().is_closed()) return;
  on_finished(*finished, now);
  if (has_unsent()) loop().mark(*load_.after_flush);
}

// The session numbers its messages one after the other, so the token tells the place. Probes came
// before all entries.
void Publisher::on_finished(const mqtt::client_event::PublishFinished& finished, TimePoint now) {
  if (entries_.empty() || finished.token < entries_.front().token) return;
  const std::uint64_t number = ended_ + finished.token - entries_.front().token;
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
    if (flow_.excuse(sequence)) ledger().series().owe(entry.due, -1);
    ledger().note_error(fmt::format("publish refused: {} (0x{:02X})", mqtt::name(code),
                                    static_cast<unsigned>(code)));
    return;
  }
  if (load_.qos == mqtt::Qos::at_most_once) return;
  ++counters.acked;
  if (code == mqtt::ReasonCode::no_matching_subscribers) ++counters.no_subscribers;
  Metric& ack = ledger().metrics().ack;
  if (entry.is_measured) ack.histogram.record(now - entry.due);
  ledger().note_latency(ack, now, now - entry.due);
}

// What never left the backlog counts as skipped after all: it was no load on the broker.
void Publisher::settle() {
  // What arrived has certainly left, even if the loop had no time to notice.
  const std::uint64_t left = std::min(flow_.tracker().end(), offered());
  for (; sent_ < left; ++sent_) mark_sent(entry(sent_), now());
  for (std::uint64_t number = ended_; number < offered(); ++number) {
    const Entry& open = entry(number);
    if (open.is_done) continue;
    Counters& counters = ledger().counters(open.is_measured);
    if (number < sent_) {
      if (load_.qos != mqtt::Qos::at_most_once) ++counters.unacked;
      continue;
    }
    ++(is_online() ? counters.skipped_backlog : counters.skipped_offline);
    if (!flow_.tracker().is_excused(number)) ledger().series().owe(open.due, -1);
  }
}

}  // namespace mq_bench
