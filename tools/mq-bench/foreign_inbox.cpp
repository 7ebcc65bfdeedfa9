#include "tools/mq-bench/foreign_inbox.hpp"

#include <algorithm>

namespace mq_bench {
namespace {

/// Streams that may be watched at a time; what publishers beyond that send is not classified.
constexpr std::size_t kMostStreams = 1'000'000;

}  // namespace

void ForeignInbox::on_live(Subscriber& receiver, bool is_live) {
  if (is_live && !options_.is_split) receiver.prove();
}

// Without a common clock everything but the latencies is as good as with it.
void ForeignInbox::on_probe(Subscriber& receiver, const PayloadHeader& probe) {
  if (!options_.is_split) return;
  receiver.prove();
  if (probe.intended() == options_.clock_mark) return;
  knows_clock_ = false;
  ledger_.note_error(std::string(kClocksApart));
}

void ForeignInbox::on_message(Subscriber& receiver, const mqtt::Publish& publish, TimePoint now) {
  const auto [state, header] = read_header(publish);
  if (state == ReadHeader::State::broken) {
    ++ledger_.result().corrupt;
    return;
  }
  const bool is_found = state == ReadHeader::State::found;
  const bool shares_clock = options_.shares_clock && is_found && header.run_tag == options_.run_tag;
  if (!is_found || (options_.shares_clock && !shares_clock)) {
    ++ledger_.result().foreign;
    return;
  }
  if (header.sequence == PayloadHeader::kProbe) return on_probe(receiver, header);
  if (ledger_.is_closed()) return;
  ledger_.note_received(now);
  const bool knows_due = shares_clock && knows_clock_;
  const TimePoint due = header.intended() - options_.clock_offset;
  const bool is_measured = ledger_.in_window(knows_due ? due : now);
  if (!is_measured && !options_.is_split) return;
  const std::uint32_t group = options_.is_shared ? 0 : receiver.index();
  Stream* stream = find_stream({group, header.run_tag, header.publisher}, header.sequence);
  if (stream == nullptr) {
    ++ledger_.result().unclassified;
    return;
  }
  stream->lowest = std::min<std::uint64_t>(stream->lowest, header.sequence);
  const auto arrival = stream->tracker.arrived(header.sequence);
  if (options_.is_shared) {
    ledger_.note_unordered(arrival, is_measured);
  } else {
    ledger_.note_arrival(arrival, stream->tracker, is_measured);
  }
  if (arrival == SequenceTracker::Arrival::unique) {
    if (knows_due) ledger_.note_delivered(due, is_measured, now);
  } else if (publish.qos == mqtt::Qos::at_least_once &&
             (publish.dup || receiver.has_reconnected())) {
    ++ledger_.counters(is_measured).duplicates_allowed;
  }
}

// The stream may begin in the middle and out of order: half a window below its first number is
// watched as well.
ForeignInbox::Stream* ForeignInbox::find_stream(const Source& source, std::uint32_t sequence) {
  const auto found = streams_.find(source);
  if (found != streams_.end()) return &found->second;
  if (streams_.size() >= kMostStreams) return nullptr;
  const std::uint64_t margin = SequenceTracker::kWindow / 2;
  const std::uint64_t first = sequence > margin && !options_.is_split ? sequence - margin : 0;
  return &streams_.emplace(source, Stream{SequenceTracker(first), sequence}).first->second;
}

void ForeignInbox::settle() {
  Result& result = ledger_.result();
  if (options_.is_divided || options_.is_split) {
    result.measure.expected = result.measure.unique;
    result.warm.expected = result.warm.unique;
  }
  for (const auto& [source, stream] : streams_) {
    if (!stream.tracker.is_exact()) result.sequences_exact = false;
    if (options_.is_divided || options_.is_split) {
      // The gaps are what came elsewhere, or nowhere.
      result.exchange.received[{source.publisher, source.receiver}].came =
          stream.tracker.arrivals();
      continue;
    }
    const std::uint64_t end = stream.tracker.end();
    const std::uint64_t lost = stream.tracker.lost_in(stream.lowest, end);
    result.measure.lost += lost;
    result.measure.expected += end - stream.lowest;
    result.losses.add(source.publisher, {lost, stream.tracker.first_lost_in(stream.lowest, end)});
  }
}

}  // namespace mq_bench
