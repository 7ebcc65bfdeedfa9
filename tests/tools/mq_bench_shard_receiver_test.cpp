#include "tools/mq-bench/shard_receiver.hpp"

#include <doctest/doctest.h>

#include <chrono>

#include "tests/tools/bench_messages.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;
using support::kStart;
using support::kTag;
using support::message;
using support::microseconds;

namespace {

/// Receiver number 5, owed the messages of publishers 1 and 3, which live elsewhere. The
/// measurement begins at kStart.
struct Part {
  explicit Part(bool is_group = false) : receiver(ledger, load, {5, {1, 2, 2}, is_group}) {}
  void begin_load() { ledger.set_window(kStart, kStart + 1s); }
  void arrive(std::uint32_t publisher, std::uint32_t sequence, TimePoint due = kStart) {
    receiver.on_message(subscriber, message({kTag, publisher, sequence, microseconds(due)}),
                        kStart + 3ms);
  }
  void live(bool is_live) { receiver.on_live(subscriber, is_live); }
  Exchange::Arrived of(std::uint32_t publisher) {
    receiver.settle();
    return result.exchange.received.at({publisher, 5});
  }

  Result result;
  Ledger ledger{result};
  mqtt::net::Loop loop;
  LoadOptions load{mqtt::Qos::at_least_once, *PayloadSource::make({.size = SizeRange{64, 64}}), 100,
                   kTag};
  ShardReceiver receiver;
  Subscriber subscriber{
      {ledger, loop}, mqtt::client::ClientOptions(), receiver, 9, {mqtt::TopicRequest()}};
};

using Ranges = std::vector<RangeSet::Range>;

}  // namespace

TEST_CASE("a receiver in one shard tells what came from publishers in others") {
  Part part;
  part.live(true);
  part.begin_load();
  part.arrive(1, 0, kStart - 1ms);
  for (const std::uint32_t n : {1U, 3U, 2U, 3U}) part.arrive(1, n, kStart + 1ms);
  CHECK(part.result.warm.unique == 1);
  CHECK(part.result.measure.unique == 3);
  CHECK(part.result.measure.expected == 3);
  CHECK(part.result.measure.duplicates == 1);
  CHECK(part.result.measure.out_of_order == 1);
  CHECK(part.result.metrics.e2e.histogram.count() == 3);
  CHECK(part.result.metrics.e2e.histogram.max() == Duration(2ms));
  CHECK(part.of(1).came.ranges() == Ranges{{0, 4}});
  CHECK(part.of(1).excused.ranges().empty());
  CHECK(part.of(3).came.ranges().empty());
  CHECK(part.result.is_one_end());
}

TEST_CASE(
    "a subscription is proven by a probe of any publisher; that of a group when it is granted") {
  Part part;
  part.live(true);
  CHECK_FALSE(part.subscriber.is_proven());
  part.arrive(3, PayloadHeader::kProbe);
  CHECK(part.subscriber.is_proven());
  Part group(true);
  group.live(true);
  CHECK(group.subscriber.is_proven());
}

TEST_CASE("what was sent while the subscription was away is excused, as far as that can be told") {
  Part part;
  part.live(true);
  part.begin_load();
  part.arrive(1, 0);
  part.arrive(3, 0);
  part.live(false);
  part.live(true);
  part.arrive(1, 4);
  CHECK(part.of(1).excused.ranges() == Ranges{{1, 4}});
  CHECK(part.of(3).excused.ranges().empty());  // It is back, and nothing comes.
  part.live(false);
  CHECK(part.of(3).excused.contains(1'000'000));
}

TEST_CASE("who comes when the load has begun is owed nothing from before") {
  Part part;
  part.begin_load();
  part.live(true);
  part.arrive(1, 7);
  CHECK(part.of(1).excused.ranges() == Ranges{{0, 7}});
  Part never;
  never.begin_load();
  CHECK(never.of(1).excused.contains(0));
}

TEST_CASE("of a group each shard has some of the numbers, in no order") {
  Part part(true);
  part.live(true);
  part.begin_load();
  for (std::uint32_t n = 0; n < 200'000; n += 2) part.arrive(1, n ^ 2U);
  part.arrive(1, 2);
  CHECK(part.result.measure.unique == 100'000);
  CHECK(part.result.measure.duplicates == 1);
  CHECK(part.result.measure.out_of_order == 0);
  CHECK(part.of(1).came.ranges().size() == 100'000);
  CHECK(part.result.sequences_exact);
}

TEST_CASE("what is of another run, of nobody, or late is told apart") {
  Part part;
  part.live(true);
  part.begin_load();
  part.receiver.on_message(part.subscriber, message({kTag + 1, 1, 0, 0}), kStart);
  CHECK(part.result.foreign == 1);
  part.arrive(2, 0);
  CHECK(part.result.corrupt == 1);
  part.arrive(1, 0);
  part.ledger.close();
  part.arrive(1, 0);
  part.arrive(1, 1);
  CHECK(part.result.late == 1);
  CHECK(part.of(1).came.ranges() == Ranges{{0, 1}});
}
