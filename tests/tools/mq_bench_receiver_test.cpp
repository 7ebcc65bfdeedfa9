#include "tools/mq-bench/receiver.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <memory>
#include <vector>

#include "tests/tools/bench_messages.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;
using support::kStart;
using support::kTag;
using support::message;
using support::microseconds;

namespace {

/// Receivers whose clients never connect: what arrives is put into them by hand. Three publishers
/// have numbered ten messages each, the last five for the measurement.
struct Hall {
  explicit Hall(SenderSet expected, std::uint32_t members = 1)
      : receiver(ledger, load, senders, expected) {
    for (std::uint32_t i = 0; i < members; ++i) {
      subscribers.push_back(std::make_unique<Subscriber>(
          context, mqtt::client::ClientOptions(), receiver, i, std::vector{mqtt::TopicRequest()}));
      receiver.add(*subscribers.back());
    }
  }
  void go_live() {
    for (const auto& subscriber : subscribers) receiver.on_live(*subscriber, true);
  }
  void number_messages() {
    for (Sender& sender : senders)
      for (int n = 0; n < 10; ++n) sender.assign(n >= 5);
  }
  void arrive(const mqtt::Publish& publish, TimePoint now = kStart + 3ms) {
    receiver.on_message(*subscribers[0], publish, now);
  }
  void arrive(std::uint32_t publisher, std::uint32_t sequence) {
    arrive(message({kTag, publisher, sequence, microseconds(kStart)}));
  }
  void finish(std::uint64_t sent = 10) {
    for (Sender& sender : senders) sender.finish(sent);
  }

  Result result;
  Ledger ledger{result};
  mqtt::net::Loop loop;
  Context context{ledger, loop};
  LoadOptions load{mqtt::Qos::at_least_once, *PayloadSource::make({.size = SizeRange{64, 64}}), 100,
                   kTag};
  std::vector<Sender> senders{3};
  Receiver receiver;
  std::vector<std::unique_ptr<Subscriber>> subscribers;
};

/// Of a pair: publisher 0 only.
struct Pair : Hall {
  Pair() : Hall({0, 1}) {
    go_live();
    number_messages();
  }
};

}  // namespace

TEST_CASE(
    "a message counts for the phase that it was numbered in, with its latency only when measured") {
  Pair pair;
  pair.arrive(0, 2);
  pair.arrive(0, 7);
  CHECK(pair.result.warm.unique == 1);
  CHECK(pair.result.measure.unique == 1);
  const Histogram& e2e = pair.result.metrics.e2e.histogram;
  CHECK(e2e.count() == 1);
  CHECK(e2e.max() == Duration(3ms));
}

TEST_CASE("messages that come again or after a higher number are told apart") {
  Pair pair;
  for (const std::uint32_t n : {5U, 7U, 6U, 7U}) pair.arrive(0, n);
  CHECK(pair.result.measure.unique == 3);
  CHECK(pair.result.measure.duplicates == 1);
  CHECK(pair.result.measure.duplicates_allowed == 0);
  CHECK(pair.result.measure.out_of_order == 1);
  CHECK(pair.result.displacement_max == 1);
}

TEST_CASE(
    "what is not meant for the receiver is foreign; what nobody here can have sent is corrupt") {
  Pair pair;
  mqtt::Publish plain;
  plain.payload = mqtt::Bytes::copy("hello");
  pair.arrive(plain);
  pair.arrive(message({kTag + 1, 0, 0, 0}));
  pair.arrive(message({kTag, 1, 0, 0}));  // For the other pair.
  CHECK(pair.result.foreign == 3);
  pair.arrive(message({kTag, 3, 0, 0}));      // There is no such publisher.
  pair.arrive(message({kTag, 0, 10, 0}));     // Not numbered yet.
  pair.arrive(message({kTag, 0, 0, 0}, 63));  // Cut.
  CHECK(pair.result.corrupt == 3);
  CHECK(pair.result.warm.unique + pair.result.measure.unique == 0);
}

TEST_CASE("what comes after the drain is late: it changes no balance") {
  Pair pair;
  pair.arrive(0, 5);
  pair.ledger.close();
  pair.arrive(0, 5);
  pair.arrive(0, 6);
  CHECK(pair.result.measure.unique == 1);
  CHECK(pair.result.measure.duplicates == 0);
  CHECK(pair.result.late == 1);
}

TEST_CASE("a receiver is owed each message of each of its publishers, whoever else there is") {
  Hall hall({0, 2, 2});  // Publishers 0 and 2.
  hall.go_live();
  hall.number_messages();
  for (std::uint32_t n = 0; n < 10; ++n) {
    hall.arrive(0, n);
    if (n != 7) hall.arrive(2, n);
  }
  hall.arrive(1, 0);
  hall.finish();
  CHECK_FALSE(hall.receiver.is_complete());
  hall.receiver.settle(TimePoint());
  CHECK(hall.result.foreign == 1);
  CHECK(hall.result.warm.expected == 10);
  CHECK(hall.result.measure.expected == 10);
  CHECK(hall.result.measure.unique == 9);
  CHECK(hall.result.measure.lost == 1);
  CHECK(hall.result.losses.lines() ==
        std::vector<std::string>{"publisher 2: 1 lost, from seq 7 on"});
}

TEST_CASE("only what is numbered while a subscription is in force is expected") {
  Hall hall({0, 1}, 2);
  for (int n = 0; n < 3; ++n) hall.senders[0].assign(true);
  hall.receiver.on_live(*hall.subscribers[0], true);
  hall.receiver.on_live(*hall.subscribers[1], true);
  hall.senders[0].assign(true);
  hall.receiver.on_live(*hall.subscribers[0], false);  // The group has another member.
  hall.senders[0].assign(true);
  hall.receiver.on_live(*hall.subscribers[1], false);
  hall.senders[0].assign(true);
  hall.arrive(0, 3);
  hall.finish(6);
  CHECK_FALSE(hall.receiver.is_complete());
  hall.receiver.settle(TimePoint());
  CHECK(hall.result.measure.expected == 2);
  CHECK(hall.result.measure.lost == 1);
}

TEST_CASE("nobody promised an order to a group, whose members overtake one another") {
  Hall hall({0, 1}, 2);
  hall.go_live();
  hall.number_messages();
  for (const std::uint32_t n : {5U, 7U, 6U, 7U}) hall.arrive(0, n);
  CHECK(hall.result.measure.unique == 3);
  CHECK(hall.result.measure.duplicates == 1);
  CHECK(hall.result.measure.out_of_order == 0);
}

TEST_CASE("a receiver is complete when its publishers are done and nothing is missing") {
  Pair pair;
  for (std::uint32_t n = 0; n < 9; ++n) pair.arrive(0, n);
  CHECK_FALSE(pair.receiver.is_complete());
  pair.senders[0].refuse(9);
  CHECK_FALSE(pair.receiver.is_complete());
  pair.finish();
  CHECK(pair.receiver.is_complete());
  pair.receiver.settle(TimePoint());
  CHECK(pair.result.measure.expected == 4);
  CHECK(pair.result.measure.lost == 0);
}

TEST_CASE("a probe proves the subscription that it came by, and is no message") {
  Pair pair;
  for (int n = 0; n < 2; ++n) pair.arrive(message({kTag, 0, PayloadHeader::kProbe, 0}));
  CHECK(pair.subscribers[0]->is_proven());
  CHECK(pair.result.subscriptions_proven == 1);
  CHECK(pair.result.warm.unique + pair.result.corrupt == 0);
}
