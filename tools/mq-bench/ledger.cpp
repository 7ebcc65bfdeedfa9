#include "tools/mq-bench/ledger.hpp"

#include <algorithm>

namespace mq_bench {
namespace {
/// Distinct texts kept; a peer that makes each text differ must not fill our memory.
constexpr std::size_t kMostErrors = 50;
}  // namespace

void Ledger::note_arrival(SequenceTracker::Arrival arrival, const SequenceTracker& tracker,
                          bool is_measured) {
  note_unordered(arrival, is_measured);
  if (arrival == SequenceTracker::Arrival::unique && tracker.was_out_of_order())
    ++counters(is_measured).out_of_order;
  result_.displacement_max = std::max(result_.displacement_max, tracker.maximum_displacement());
}

void Ledger::note_unordered(SequenceTracker::Arrival arrival, bool is_measured) {
  Counters& counters = this->counters(is_measured);
  switch (arrival) {
    case SequenceTracker::Arrival::unique:
      ++counters.unique;
      break;
    case SequenceTracker::Arrival::duplicate:
      ++counters.duplicates;
      break;
    case SequenceTracker::Arrival::unclassified:
      ++result_.unclassified;
      break;
  }
}

void Ledger::note_error(std::string text) {
  const bool has_room = result_.errors.size() < kMostErrors || result_.errors.contains(text);
  ++result_.errors[has_room ? std::move(text) : std::string("other errors")];
}

}  // namespace mq_bench
