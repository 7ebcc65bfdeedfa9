#include "tools/mq-bench/flow.hpp"

#include <doctest/doctest.h>

using namespace mq_bench;

TEST_CASE(
    "what is expected equals what came once plus what is lost, apart for warm-up and measurement") {
  Sender sender;
  Flow flow;
  flow.resume(0);
  for (int n = 0; n < 100; ++n) sender.assign(n >= 40);
  Counters warm, measure;
  for (std::uint64_t n = 0; n < 95; ++n) {
    if (n % 10 != 3 && flow.arrived(n) == SequenceTracker::Arrival::unique)
      ++(sender.is_measured(n) ? measure : warm).unique;
  }
  sender.finish(97);  // Three of them never left.
  CHECK_FALSE(flow.is_complete(sender));
  flow.settle(sender, warm, measure);
  CHECK(warm.expected == 40);
  CHECK(warm.lost == 4);
  CHECK(warm.unique == 36);
  CHECK(measure.expected == 57);
  CHECK(measure.lost == 6 + 2);
  CHECK(measure.unique == 49);
  CHECK(flow.loss(sender) == Losses::Loss{warm.lost + measure.lost, 3});
}

TEST_CASE("a refused message is neither expected nor lost, unless it arrives all the same") {
  Sender sender;
  Flow flow;
  flow.resume(0);
  for (int n = 0; n < 10; ++n) sender.assign(true);
  sender.refuse(4);
  sender.refuse(5);
  for (const std::uint64_t n : {0U, 1U, 2U, 3U, 5U, 6U, 7U, 8U, 9U}) flow.arrived(n);
  sender.finish(10);
  CHECK(flow.is_complete(sender));
  Counters warm, measure;
  flow.settle(sender, warm, measure);
  CHECK(measure.expected == 9);
  CHECK(measure.lost == 0);
  CHECK(flow.loss(sender).count == 0);
}

TEST_CASE("what was numbered while the subscription was not in force is owed to nobody") {
  Sender sender;
  Flow flow;
  for (int n = 0; n < 10; ++n) sender.assign(true);
  flow.resume(2);
  flow.arrived(2);
  flow.pause(3);
  flow.arrived(4);  // It came all the same.
  flow.resume(6);
  flow.arrived(6);
  flow.pause(7);
  sender.finish(10);
  CHECK(flow.is_complete(sender));
  Counters warm, measure;
  flow.settle(sender, warm, measure);
  CHECK(measure.expected == 3);
  CHECK(measure.lost == 0);
}

TEST_CASE("a flow is complete when all that left has arrived") {
  Sender sender;
  Flow flow;
  flow.resume(0);
  sender.finish(0);
  CHECK(flow.is_complete(sender));
  sender.assign(false);
  sender.finish(1);
  CHECK_FALSE(flow.is_complete(sender));
  flow.arrived(0);
  flow.arrived(0);
  CHECK(flow.is_complete(sender));
}
