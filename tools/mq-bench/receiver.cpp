#include "tools/mq-bench/receiver.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mq_bench {

Receiver::Receiver(Ledger& ledger, const LoadOptions& load, std::span<Sender> senders,
                   SenderSet expected)
    : ledger_(ledger),
      load_(load),
      senders_(senders),
      expected_(expected),
      flows_(expected.count) {}

void Receiver::on_message(Subscriber& member, const mqtt::Publish& publish, TimePoint now) {
  const auto [state, header] = read_header(publish);
  if (state == ReadHeader::State::absent ||
      (state == ReadHeader::State::found && header.run_tag != load_.run_tag)) {
    ++ledger_.result().foreign;
    return;
  }
  const bool is_found = state == ReadHeader::State::found;
  if (is_found && header.sequence == PayloadHeader::kProbe) {
    member.note_delivery(header.intended() - load_.clock_offset, now);
    return prove(member);
  }
  const std::uint32_t place = is_found ? expected_.place_of(header.publisher) : SenderSet::kNone;
  if (is_found && place == SenderSet::kNone && header.publisher < senders_.size()) {
    ++ledger_.result().foreign;
    return;
  }
  const bool is_ours = place != SenderSet::kNone &&
                       load_.payloads.can_be(header, publish.payload.size()) &&
                       header.sequence < sender_at(place).assigned();
  if (!is_ours) {
    ++ledger_.result().corrupt;
    return;
  }
  ledger_.note_received(now);
  on_arrival(member, header, place, publish.qos, now);
}

// A publisher that reconnects sends its open messages again, and a broker may for a receiver that
// does: at QoS 1 that is allowed, and the DUP flag of the first does not travel.
void Receiver::on_arrival(Subscriber& member, const PayloadHeader& header, std::uint32_t place,
                          mqtt::Qos qos, TimePoint now) {
  Flow& flow = flows_[place];
  Sender& sender = sender_at(place);
  if (ledger_.is_closed()) {
    if (!flow.tracker().has_arrived(header.sequence)) ++ledger_.result().late;
    return;
  }
  const bool is_measured = sender.is_measured(header.sequence);
  const auto arrival = flow.arrived(header.sequence);
  if (members_.size() > 1) {
    ledger_.note_unordered(arrival, is_measured);
  } else {
    ledger_.note_arrival(arrival, flow.tracker(), is_measured);
  }
  if (arrival == SequenceTracker::Arrival::unique) {
    ledger_.note_delivered(header.intended(), is_measured, now);
    note_service(sender, header.sequence, now);
    if (flow.was_owed(header.sequence)) ledger_.series().owe(header.intended(), -1);
  } else if (qos == mqtt::Qos::at_least_once &&
             (sender.has_reconnected() || member.has_reconnected())) {
    ++ledger_.counters(is_measured).duplicates_allowed;
  }
}

void Receiver::note_service(Sender& sender, std::uint64_t sequence, TimePoint now) {
  const TimePoint sent = knows_send_times_ ? sender.times().take(sequence) : mqtt::kNever;
  if (sent == mqtt::kNever) return;
  ledger_.metrics(sender.is_measured(sequence)).e2e_service.histogram.record(now - sent);
}

// One member of a group is enough: the broker has somebody to give the messages to.
void Receiver::on_live(Subscriber& member, bool is_live) {
  if (ledger_.is_closed()) return;
  if (is_live && flows_.empty()) member.prove();  // Nobody could send a probe.
  if (is_live ? live_members_++ > 0 : --live_members_ > 0) return;
  for (std::size_t place = 0; place < flows_.size(); ++place) {
    Sender& sender = sender_at(place);
    sender.count_receivers(is_live ? 1 : -1);
    const std::uint64_t assigned = sender.assigned();
    if (is_live) {
      flows_[place].resume(assigned);
    } else {
      flows_[place].pause(assigned);
    }
  }
}

// Which member of a group gets a probe is the broker's choice: it speaks for the others.
void Receiver::prove(Subscriber& proven) {
  proven.prove();
  for (Subscriber* member : members_) {
    if (member->is_live()) member->prove();
  }
}

void Receiver::ask_probe(std::uint32_t round) {
  const bool is_proven = std::ranges::all_of(
      members_, [](const Subscriber* member) { return member->is_proven() || !member->is_live(); });
  if (!is_proven && !flows_.empty()) sender_at(round % flows_.size()).wish_probe();
}

bool Receiver::is_complete() {
  for (; complete_ < flows_.size(); ++complete_) {
    const Sender& sender = sender_at(complete_);
    if (!sender.is_finished() || !flows_[complete_].is_complete(sender)) return false;
  }
  return true;
}

void Receiver::note_arrivals() {
  for (std::size_t place = 0; place < flows_.size(); ++place)
    sender_at(place).note_arrived_below(flows_[place].tracker().end());
}

void Receiver::settle(TimePoint now) {
  Result& result = ledger_.result();
  for (std::size_t place = 0; place < flows_.size(); ++place) {
    Flow& flow = flows_[place];
    const Sender& sender = sender_at(place);
    flow.settle(sender, result.warm, result.measure);
    if (!flow.tracker().is_exact()) result.sequences_exact = false;
    const Losses::Loss loss = flow.loss(sender);
    if (loss.count == 0) continue;
    const std::uint32_t publisher = expected_.at(static_cast<std::uint32_t>(place));
    result.losses.add(publisher, loss);
    ledger_.note_event(now, EventKind::first_loss, members_.front()->client_id(),
                       fmt::format("publisher {} seq {}", publisher, loss.first));
  }
}

}  // namespace mq_bench
