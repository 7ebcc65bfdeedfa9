#include "tools/mq-bench/inbox.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <memory>
#include <vector>

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kTag = 0x7F3A;
const TimePoint kStart{1000s};

mqtt::Publish message(const PayloadHeader& header, std::size_t size = 64) {
  std::vector<std::byte> payload(size);
  encode(header, std::span(payload).first<PayloadHeader::kSize>());
  mqtt::Publish publish;
  publish.payload = mqtt::Bytes::copy(payload);
  publish.qos = mqtt::Qos::at_least_once;
  return publish;
}

std::uint64_t microseconds(TimePoint instant) {
  return static_cast<std::uint64_t>(instant.time_since_epoch().count()) / 1'000;
}

/// Two pairs whose clients never connect: what arrives is put into the inbox by hand.
struct Pairs {
  Pairs() {
    for (std::uint32_t i = 0; i < 2; ++i) {
      publishers.push_back(std::make_unique<Publisher>(context, mqtt::client::ClientOptions(), load,
                                                       i, mqtt::Bytes()));
      subscribers.push_back(std::make_unique<Subscriber>(context, mqtt::client::ClientOptions(),
                                                         inbox, i, mqtt::TopicRequest()));
    }
    for (int n = 0; n < 10; ++n) publishers[0]->flow().assign(n >= 5);
  }
  void arrive(std::uint32_t sequence, TimePoint now = kStart + 3ms) {
    arrive(message({kTag, 0, sequence, microseconds(kStart)}), now);
  }
  void arrive(const mqtt::Publish& publish, TimePoint now = kStart) {
    inbox.on_message(*subscribers[0], publish, now);
  }

  Result result;
  Ledger ledger{result};
  mqtt::net::Loop loop;
  Context context{ledger, loop};
  LoadOptions load{mqtt::Qos::at_least_once, 64, 100, kTag, nullptr};
  std::vector<std::unique_ptr<Publisher>> publishers;
  std::vector<std::unique_ptr<Subscriber>> subscribers;
  PairInbox inbox{ledger, load, publishers};
};

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
      {ledger, loop}, mqtt::client::ClientOptions(), inbox, 0, mqtt::TopicRequest()};
};

}  // namespace

TEST_CASE(
    "a message counts for the phase that it was numbered in, with its latency only when measured") {
  Pairs pairs;
  pairs.arrive(2);
  pairs.arrive(7);
  CHECK(pairs.result.warm.unique == 1);
  CHECK(pairs.result.measure.unique == 1);
  const Histogram& e2e = pairs.result.metrics.e2e.histogram;
  CHECK(e2e.count() == 1);
  CHECK(e2e.max() == Duration(3ms));
}

TEST_CASE("messages that come again or after a higher number are told apart") {
  Pairs pairs;
  for (const std::uint32_t n : {5U, 7U, 6U, 7U}) pairs.arrive(n);
  CHECK(pairs.result.measure.unique == 3);
  CHECK(pairs.result.measure.duplicates == 1);
  CHECK(pairs.result.measure.duplicates_allowed == 0);
  CHECK(pairs.result.measure.out_of_order == 1);
  CHECK(pairs.result.displacement_max == 1);
}

TEST_CASE("payloads of another run are foreign; those that nobody here can have sent are corrupt") {
  Pairs pairs;
  mqtt::Publish plain;
  plain.payload = mqtt::Bytes::copy("hello");
  pairs.arrive(plain);
  pairs.arrive(message({kTag + 1, 0, 0, 0}));
  CHECK(pairs.result.foreign == 2);
  pairs.arrive(message({kTag, 1, 0, 0}));      // Of the other pair.
  pairs.arrive(message({kTag, 0, 10, 0}));     // Not numbered yet.
  pairs.arrive(message({kTag, 0, 0, 0}, 63));  // Cut.
  CHECK(pairs.result.corrupt == 3);
  CHECK(pairs.result.warm.unique + pairs.result.measure.unique == 0);
}

TEST_CASE("a probe proves the subscription and is no message") {
  Pairs pairs;
  pairs.arrive(message({kTag, 0, PayloadHeader::kProbe, 0}));
  pairs.arrive(message({kTag, 0, PayloadHeader::kProbe, 0}));
  CHECK(pairs.subscribers[0]->is_proven());
  CHECK_FALSE(pairs.subscribers[1]->is_proven());
  CHECK(pairs.result.subscriptions_proven == 1);
  CHECK(pairs.result.warm.unique == 0);
}

TEST_CASE("what comes after the drain is late: it changes no balance") {
  Pairs pairs;
  pairs.arrive(5);
  pairs.ledger.close();
  pairs.arrive(5);
  pairs.arrive(6);
  CHECK(pairs.result.measure.unique == 1);
  CHECK(pairs.result.measure.duplicates == 0);
  CHECK(pairs.result.late == 1);
}

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
  CHECK(elsewhere.result.first_lost == std::pair<std::uint32_t, std::uint64_t>(7, 102));
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
