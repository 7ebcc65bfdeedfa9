#include "tools/mq-bench/closed_load.hpp"

namespace mq_bench {

// One message for each that has ended; those of a client that is offline wait for it.
void ClosedLoad::after_flush(TimePoint now) {
  if (now < crew_.load_start() || now >= crew_.load_end()) return;
  const std::uint64_t window = crew_.run().options.closed_window();
  for (const auto& publisher : crew_.publishers()) {
    for (std::uint64_t open = publisher->open(); open < window && publisher->is_online(); ++open) {
      crew_.offer(*publisher, now);
      crew_.ledger().note_offered(now);
    }
  }
}

}  // namespace mq_bench
