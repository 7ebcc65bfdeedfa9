#include "tools/mq-bench/inbox.hpp"

#include <algorithm>

namespace mq_bench {
namespace {

/// Streams that may be watched at a time; what publishers beyond that send is not classified.
constexpr std::size_t kMostStreams = 1'000'000;

TimePoint intended(const PayloadHeader& header) {
  return TimePoint(std::chrono::microseconds(static_cast<std::int64_t>(header.intended_us)));
}

/// Books a message that came: once more, out of order, or just as it should.
void count_arrival(SequenceTracker::Arrival arrival, const SequenceTracker& tracker, Ledger& ledger,
                   Counters& counters) {
  switch (arrival) {
    case SequenceTracker::Arrival::unique:
      ++counters.unique;
      if (tracker.was_out_of_order()) ++counters.out_of_order;
      break;
    case SequenceTracker::Arrival::duplicate:
      ++counters.duplicates;
      break;
    case SequenceTracker::Arrival::unclassified:
      ++ledger.result().unclassified;
      break;
  }
  Result& result = ledger.result();
  result.displacement_max = std::max(result.displacement_max, tracker.maximum_displacement());
}

}  // namespace

void PairInbox::on_message(Subscriber& receiver, const mqtt::Publish& publish, TimePoint now) {
  const auto header = decode_header(publish.payload.span());
  if (!header || header->run_tag != load_.run_tag) {
    ++ledger_.result().foreign;
    return;
  }
  if (header->sequence == PayloadHeader::kProbe) return receiver.prove();
  const bool is_ours = header->publisher == receiver.index() &&
                       publish.payload.size() == load_.size &&
                       header->sequence < publishers_[receiver.index()]->flow().assigned();
  if (!is_ours) {
    ++ledger_.result().corrupt;
    return;
  }
  if (ledger_.in_window(now)) ++ledger_.result().received;
  ledger_.series().note_received(now);
  on_arrival(receiver, *header, publish.qos, now);
}

// A publisher that reconnects sends its open messages again, and a broker may for a receiver that
// does: at QoS 1 that is allowed, and the DUP flag of the first does not travel.
void PairInbox::on_arrival(Subscriber& receiver, const PayloadHeader& header, mqtt::Qos qos,
                           TimePoint now) {
  Publisher& publisher = *publishers_[header.publisher];
  if (ledger_.is_closed()) {
    if (!publisher.flow().tracker().has_arrived(header.sequence)) ++ledger_.result().late;
    return;
  }
  const bool is_measured = publisher.flow().is_measured(header.sequence);
  Counters& counters = ledger_.counters(is_measured);
  const auto arrival = publisher.flow().arrived(header.sequence);
  count_arrival(arrival, publisher.flow().tracker(), ledger_, counters);
  if (arrival == SequenceTracker::Arrival::unique) {
    const TimePoint due = intended(header);
    Metric& e2e = ledger_.metrics().e2e;
    if (is_measured) e2e.histogram.record(now - due);
    ledger_.note_latency(e2e, now, now - due);
    if (!publisher.flow().tracker().was_excused()) ledger_.series().owe(due, -1);
  } else if (qos == mqtt::Qos::at_least_once &&
             (publisher.has_reconnected() || receiver.has_reconnected())) {
    ++counters.duplicates_allowed;
  }
}

void PairInbox::on_live(Subscriber& receiver, bool is_live) {
  publishers_[receiver.index()]->flow().set_live(is_live);
}

void ForeignInbox::on_live(Subscriber& receiver, bool is_live) {
  if (is_live) receiver.prove();
}

void ForeignInbox::on_message(Subscriber& receiver, const mqtt::Publish& publish, TimePoint now) {
  const auto header = decode_header(publish.payload.span());
  const bool shares_clock = options_.shares_clock && header && header->run_tag == options_.run_tag;
  if (!header || (options_.shares_clock && !shares_clock)) {
    ++ledger_.result().foreign;
    return;
  }
  if (header->sequence == PayloadHeader::kProbe || ledger_.is_closed()) return;
  if (ledger_.in_window(now)) ++ledger_.result().received;
  ledger_.series().note_received(now);
  ledger_.series().note_received(now);
  if (!ledger_.in_window(shares_clock ? intended(*header) : now)) return;
  const std::uint32_t group = options_.is_shared ? 0 : receiver.index();
  Stream* stream = find_stream({group, header->run_tag, header->publisher}, header->sequence);
  if (stream == nullptr) {
    ++ledger_.result().unclassified;
    return;
  }
  stream->lowest = std::min<std::uint64_t>(stream->lowest, header->sequence);
  Counters& counters = ledger_.counters(true);
  const auto arrival = stream->tracker.arrived(header->sequence);
  count_arrival(arrival, stream->tracker, ledger_, counters);
  if (arrival == SequenceTracker::Arrival::unique) {
    if (shares_clock) {
      Metric& e2e = ledger_.metrics().e2e;
      e2e.histogram.record(now - intended(*header));
      ledger_.note_latency(e2e, now, now - intended(*header));
    }
  } else if (publish.qos == mqtt::Qos::at_least_once &&
             (publish.dup || receiver.has_reconnected())) {
    ++counters.duplicates_allowed;
  }
}

// The stream may begin in the middle and out of order: half a window below its first number is
// watched as well.
ForeignInbox::Stream* ForeignInbox::find_stream(const Source& source, std::uint32_t sequence) {
  const auto found = streams_.find(source);
  if (found != streams_.end()) return &found->second;
  if (streams_.size() >= kMostStreams) return nullptr;
  const std::uint64_t margin = SequenceTracker::kWindow / 2;
  const std::uint64_t first = sequence > margin ? sequence - margin : 0;
  return &streams_.emplace(source, Stream{SequenceTracker(first), sequence}).first->second;
}

void ForeignInbox::settle() {
  Result& result = ledger_.result();
  for (const auto& [source, stream] : streams_) {
    const std::uint64_t end = stream.tracker.end();
    const std::uint64_t lost = stream.tracker.lost_in(stream.lowest, end);
    result.measure.lost += lost;
    result.measure.expected += end - stream.lowest;
    if (!stream.tracker.is_exact()) result.sequences_exact = false;
    if (lost > 0 && !result.first_lost)
      result.first_lost = {source.publisher, stream.tracker.first_lost_in(stream.lowest, end)};
  }
}

}  // namespace mq_bench
