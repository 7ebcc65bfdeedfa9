#include "tools/mq-bench/shard_receiver.hpp"

#include <algorithm>
#include <chrono>

#include "tools/mq-bench/payload.hpp"

namespace mq_bench {
namespace {

using Came = SequenceTracker::Arrival;

/// Beyond so many separate numbers of one publisher a group's books are not kept any more.
constexpr std::size_t kMostRanges = 1'000'000;
/// Of the times in compact headers, which are cut off.
constexpr Duration kGrain = std::chrono::microseconds(1);
constexpr std::uint64_t kEndOfNumbers = std::uint64_t{1} << 32;

}  // namespace

ShardReceiver::ShardReceiver(Ledger& ledger, const LoadOptions& load, const Setting& setting)
    : ledger_(ledger), load_(load), setting_(setting), flows_(setting.expected.count) {}

void ShardReceiver::on_message(Subscriber& member, const mqtt::Publish& publish, TimePoint now) {
  const auto [state, header] = read_header(publish);
  const bool is_found = state == ReadHeader::State::found;
  if (state == ReadHeader::State::absent || (is_found && header.run_tag != load_.run_tag)) {
    ++ledger_.result().foreign;
    return;
  }
  if (is_found && header.sequence == PayloadHeader::kProbe) {
    member.note_delivery(header.intended() - load_.clock_offset, now);
    return member.prove();
  }
  const std::uint32_t place =
      is_found ? setting_.expected.place_of(header.publisher) : SenderSet::kNone;
  if (place == SenderSet::kNone || !load_.payloads.can_be(header, publish.payload.size())) {
    ++ledger_.result().corrupt;
    return;
  }
  Flow& flow = flows_[place];
  if (ledger_.is_closed()) {
    if (!has_arrived(flow, header.sequence)) ++ledger_.result().late;
    return;
  }
  ledger_.note_received(now);
  const TimePoint due = header.intended() - load_.clock_offset;
  const bool is_measured = due + kGrain > ledger_.window_start();
  const auto arrival = arrived(flow, header.sequence);
  if (setting_.is_group) {
    ledger_.note_unordered(arrival, is_measured);
  } else {
    ledger_.note_arrival(arrival, flow.tracker, is_measured);
  }
  if (arrival == Came::unique) {
    ++ledger_.counters(is_measured).expected;
    ledger_.note_delivered(due, is_measured, now);
  } else if (publish.qos == mqtt::Qos::at_least_once && (publish.dup || member.has_reconnected())) {
    ++ledger_.counters(is_measured).duplicates_allowed;
  }
}

// The first number after a pause tells where it ended.
Came ShardReceiver::arrived(Flow& flow, std::uint64_t sequence) {
  if (setting_.is_group) {
    if (flow.came.contains(sequence)) return Came::duplicate;
    if (flow.came.ranges().size() >= kMostRanges) {
      ledger_.result().sequences_exact = false;
      return Came::unclassified;
    }
    flow.came.insert(sequence, sequence + 1);
    return Came::unique;
  }
  if (flow.paused_at <= sequence) flow.excused.insert(flow.paused_at, sequence);
  flow.paused_at = kNone;
  return flow.tracker.arrived(sequence);
}

bool ShardReceiver::has_arrived(const Flow& flow, std::uint64_t sequence) const {
  return setting_.is_group ? flow.came.contains(sequence) : flow.tracker.has_arrived(sequence);
}

// A group is there as long as it has members anywhere. Of other subscriptions those that are there
// in time are owed everything; which of the probes of a group goes to whom is the broker's choice.
void ShardReceiver::on_live(Subscriber& member, bool is_live) {
  if (ledger_.is_closed()) return;
  if (is_live && setting_.is_group) member.prove();
  is_live_ = is_live;
  const bool has_begun = ledger_.window_start() != mqtt::kNever;
  for (Flow& flow : flows_) {
    if (has_begun && !setting_.is_group)
      flow.paused_at = std::min(flow.paused_at, flow.tracker.end());
  }
}

void ShardReceiver::settle() {
  Result& result = ledger_.result();
  for (std::size_t place = 0; place < flows_.size(); ++place) {
    Flow& flow = flows_[place];
    if (!flow.tracker.is_exact()) result.sequences_exact = false;
    if (!is_live_ && !setting_.is_group)
      flow.excused.insert(std::min(flow.paused_at, flow.tracker.end()), kEndOfNumbers);
    const std::uint32_t publisher = setting_.expected.at(static_cast<std::uint32_t>(place));
    Exchange::Arrived& arrived = result.exchange.received[{publisher, setting_.number}];
    arrived.came = setting_.is_group ? std::move(flow.came) : flow.tracker.arrivals();
    arrived.excused = std::move(flow.excused);
  }
}

}  // namespace mq_bench
