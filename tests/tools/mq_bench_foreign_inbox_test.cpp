#include "tools/mq-bench/foreign_inbox.hpp"

#include <doctest/doctest.h>

#include <chrono>

#include "tests/tools/bench_messages.hpp"
#include "tools/mq-bench/environment.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

using support::kStart;
using support::kTag;
using support::message;
using support::microseconds;

/// One subscriber of messages from elsewhere, measuring for a second.
struct Elsewhere {
  explicit Elsewhere(ForeignInbox::Options options) : inbox(ledger, options) {
    ledger.set_window(kStart, kStart + 1s);
  }
  void arrive(const PayloadHeader& header, TimePoint now) {
    inbox.on_message(subscriber, message(header), now);
  }

  Result result;
  Ledger ledger{result};
  mqtt::net::Loop loop;
  ForeignInbox inbox;
  Subscriber subscriber{
      {ledger, loop}, mqtt::client::ClientOptions(), inbox, 0, {mqtt::TopicRequest()}};
};

TimePoint mark_of(const std::string& boot_id, const std::string& time_namespace = {}) {
  Environment machine;
  machine.boot_id = boot_id;
  machine.time_namespace = time_namespace;
  return clock_mark(machine, false);
}

}  // namespace

TEST_CASE("messages from elsewhere count by their arrival, and their gaps are losses") {
  Elsewhere elsewhere({.run_tag = kTag});
  for (const std::uint32_t n : {100U, 101U, 99U, 105U, 105U})
    elsewhere.arrive({1, 7, n, 0}, kStart + 10ms);
  elsewhere.arrive({1, 7, 106, 0}, kStart + 2s);
  elsewhere.inbox.settle();
  const Counters& counters = elsewhere.result.measure;
  CHECK(counters.unique == 4);
  CHECK(counters.duplicates == 1);
  CHECK(counters.out_of_order == 1);
  CHECK(counters.expected == 7);
  CHECK(counters.lost == 3);
  CHECK(elsewhere.result.losses.by_publisher().at(7).first == 102);
  CHECK(elsewhere.result.metrics.e2e.histogram.count() == 0);
}

TEST_CASE(
    "under one run id a message from elsewhere counts by its intended time and has a latency") {
  Elsewhere elsewhere({.run_tag = kTag, .shares_clock = true});
  elsewhere.arrive({kTag, 0, 0, microseconds(kStart - 1ms)}, kStart);  // Due before.
  elsewhere.arrive({kTag, 0, 1, microseconds(kStart + 1ms)}, kStart + 5ms);
  elsewhere.arrive({kTag, 0, 2, microseconds(kStart + 999ms)}, kStart + 1500ms);  // Arrived after.
  elsewhere.arrive({kTag + 1, 0, 3, microseconds(kStart + 1ms)}, kStart + 5ms);
  elsewhere.inbox.settle();
  CHECK(elsewhere.result.measure.unique == 2);
  CHECK(elsewhere.result.foreign == 1);
  CHECK(elsewhere.result.metrics.e2e.histogram.max() == Duration(501ms));
}

TEST_CASE("of pairs in different shards all that comes is noted, and a probe names the clock") {
  const TimePoint mark = mark_of("boot");
  CHECK(mark != mark_of("other"));
  CHECK(mark != mark_of("boot", "time"));
  CHECK(clock_mark(Environment(), true) != mark_of(""));
  for (const bool is_ours : {true, false}) {
    CAPTURE(is_ours);
    Elsewhere elsewhere(
        {.run_tag = kTag, .shares_clock = true, .is_split = true, .clock_mark = mark});
    elsewhere.inbox.on_live(elsewhere.subscriber, true);
    CHECK_FALSE(elsewhere.subscriber.is_proven());
    PayloadHeader probe{kTag, 0, PayloadHeader::kProbe, 0};
    probe.set_intended(is_ours ? mark : mark_of("other"));
    elsewhere.arrive(probe, kStart - 1s);
    CHECK(elsewhere.subscriber.is_proven());
    elsewhere.arrive({kTag, 0, 0, microseconds(kStart - 1ms)}, kStart - 1us);
    elsewhere.arrive({kTag, 0, 1, microseconds(kStart + 1ms)}, kStart + 5ms);
    elsewhere.inbox.settle();
    const Result& result = elsewhere.result;
    CHECK(result.warm.unique == 1);
    CHECK(result.measure.unique == 1);
    CHECK(result.measure.expected == 1);
    CHECK(result.exchange.received.at({0, 0}).came.size() == 2);
    CHECK(result.metrics.e2e.histogram.count() == (is_ours ? 1 : 0));
    CHECK(result.errors.contains(std::string(kClocksApart)) == !is_ours);
  }
}
