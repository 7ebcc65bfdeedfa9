#include "tools/mq-bench/exchange.hpp"

#include <algorithm>
#include <utility>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {
namespace {

/// One flow as both of its ends tell it.
struct Account {
  const RangeSet& came;
  RangeSet not_owed;  ///< Unless it came all the same.

  void settle(RangeSet::Range phase, Counters& books) const {
    const std::uint64_t unique = came.count_in(phase.first, phase.end);
    std::uint64_t expected = phase.end - phase.first - not_owed.count_in(phase.first, phase.end);
    for (const RangeSet::Range& range : not_owed.ranges()) {
      const std::uint64_t first = std::max(range.first, phase.first);
      const std::uint64_t end = std::min(range.end, phase.end);
      if (first < end) expected += came.count_in(first, end);
    }
    books.unique += unique;
    books.expected += expected;
    books.lost += expected - unique;
  }
  /// The lowest number that is owed and did not come; all.end: none.
  std::uint64_t first_lost(RangeSet::Range all) const {
    RangeSet known = not_owed;
    known.unite(came);
    std::uint64_t first = all.first;
    for (const RangeSet::Range& range : known.ranges()) {
      if (range.first > first) break;
      first = std::max(first, range.end);
    }
    return std::min(first, all.end);
  }
};

void settle_flow(Result& result, const Exchange::Flow& flow, const Exchange::Arrived& arrived) {
  const auto& ranges = arrived.came.ranges();
  const auto sent = result.exchange.sent.find(flow.publisher);
  Account account{arrived.came, arrived.excused};
  RangeSet::Range all{0, 0};
  std::uint64_t split = 0;
  if (sent != result.exchange.sent.end()) {
    all.end = sent->second.end;
    split = std::min(sent->second.first_measured, all.end);
    account.not_owed.unite(sent->second.refused);
  } else if (!result.exchange.sent.empty()) {
    return;
  } else if (!ranges.empty()) {
    all = {ranges.front().first, ranges.back().end};
    split = all.first;
  }
  const std::uint64_t before = result.warm.lost + result.measure.lost;
  account.settle({all.first, split}, result.warm);
  account.settle({split, all.end}, result.measure);
  const std::uint64_t lost = result.warm.lost + result.measure.lost - before;
  result.losses.add(flow.publisher, {lost, account.first_lost(all)});
}

}  // namespace

std::uint64_t add(Exchange& whole, const Exchange& part) {
  whole.sent.insert(part.sent.begin(), part.sent.end());
  std::uint64_t twice = 0;
  for (const auto& [flow, arrived] : part.received) {
    Exchange::Arrived& all = whole.received[flow];
    twice += all.came.unite(arrived.came);
    all.excused.unite(arrived.excused);
  }
  return twice;
}

void settle_exchange(Result& result) {
  if (result.exchange.received.empty()) return;
  for (Counters* const books : {&result.warm, &result.measure})
    books->expected = books->unique = books->lost = 0;
  result.losses.clear();  // Of fewer parts: another one may have them.
  for (const auto& [flow, arrived] : result.exchange.received) settle_flow(result, flow, arrived);
}

}  // namespace mq_bench
