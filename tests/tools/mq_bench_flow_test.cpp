#include "tools/mq-bench/flow.hpp"

#include <doctest/doctest.h>

using namespace mq_bench;

TEST_CASE(
    "what is expected equals what came once plus what is lost, apart for warm-up and measurement") {
  Flow flow;
  flow.set_live(true);
  for (int n = 0; n < 100; ++n) flow.assign(n >= 40);
  Counters warm, measure;
  for (std::uint64_t n = 0; n < 95; ++n) {
    if (n % 10 != 3 && flow.arrived(n) == SequenceTracker::Arrival::unique)
      ++(flow.is_measured(n) ? measure : warm).unique;
  }
  CHECK_FALSE(flow.is_complete(100));
  flow.settle(97, warm, measure);  // Three of them never left.
  CHECK(warm.expected == 40);
  CHECK(warm.lost == 4);
  CHECK(warm.unique == 36);
  CHECK(measure.expected == 57);
  CHECK(measure.lost == 6 + 2);
  CHECK(measure.unique == 49);
  CHECK(flow.first_lost(97) == 3);
}

TEST_CASE("an excused message is neither expected nor lost, until it arrives all the same") {
  Flow flow;
  for (int n = 0; n < 10; ++n) flow.assign(true);
  flow.excuse(4);
  flow.excuse(5);
  for (const std::uint64_t n : {0U, 1U, 2U, 3U, 5U, 6U, 7U, 8U, 9U}) flow.arrived(n);
  CHECK(flow.is_complete(10));
  Counters warm, measure;
  flow.settle(10, warm, measure);
  CHECK(measure.expected == 9);
  CHECK(measure.lost == 0);
  CHECK_FALSE(flow.first_lost(10).has_value());
}

TEST_CASE("a flow is complete when all that left has arrived") {
  Flow flow;
  CHECK(flow.is_complete(0));
  flow.assign(false);
  CHECK_FALSE(flow.is_complete(1));
  flow.arrived(0);
  flow.arrived(0);
  CHECK(flow.is_complete(1));
}
