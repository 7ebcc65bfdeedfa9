#pragma once

#include <compare>
#include <cstdint>
#include <map>

#include "tools/mq-bench/range_set.hpp"

namespace mq_bench {

struct Result;

/// What each part of a run knows of messages that go from one part to another: which numbers a
/// publisher sent, and which of them came to a receiver. Only the parts together know what is lost
/// and what came twice.
struct Exchange {
  struct Sent {
    std::uint64_t first_measured = 0;  ///< Those below belong to the warm-up.
    std::uint64_t end = 0;
    RangeSet refused;  ///< By the broker: nobody is owed them.
    friend bool operator==(const Sent&, const Sent&) = default;
  };
  struct Flow {
    std::uint32_t publisher = 0;
    std::uint32_t receiver = 0;  ///< A subscriber, or a group with members in several parts.
    friend auto operator<=>(const Flow&, const Flow&) = default;
  };
  struct Arrived {
    RangeSet came;
    RangeSet excused;  ///< Sent while the receiver was away.
    friend bool operator==(const Arrived&, const Arrived&) = default;
  };
  std::map<std::uint32_t, Sent> sent;  ///< By publisher.
  std::map<Flow, Arrived> received;
};

/// Takes over what another part knows; how many messages came in both.
std::uint64_t add(Exchange& whole, const Exchange& part);

/// Writes into the books what was expected, came and was lost, if there is anything to settle.
/// Publishers whose part is missing are left out; of those that are no part of the run the messages
/// between the lowest and the highest number that came are expected.
void settle_exchange(Result& result);

}  // namespace mq_bench
