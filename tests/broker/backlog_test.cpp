#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/pair.hpp"

using namespace mqtt;
using mqtt::test::Pair;
using mqtt::test::PairClient;
using mqtt::test::PairOptions;

// Long queues of sessions that last: most of them lies in the store, and nobody sees a difference
// but in the broker's memory.

namespace {

constexpr std::size_t kHeld = 10;
constexpr std::size_t kPage = 20;

PairOptions with_store() {
  PairOptions options;
  options.broker.has_store = true;
  options.broker.queue = {.messages = 0, .bytes = 0};
  options.broker.backlog = {.offline_messages = kHeld,
                            .offline_bytes = 100'000,
                            .online_bytes = 100'000,
                            .page_messages = kPage,
                            .page_bytes = 100'000,
                            .low_mark = 5};
  return options;
}

ClientSessionOptions lasting(std::string_view client_id, std::uint32_t seconds = 3600) {
  ClientSessionOptions options;
  options.connect.client_id = Bytes::copy(client_id);
  options.connect.clean_start = false;
  options.connect.properties =
      PropertiesBuilder().add(property::session_expiry_interval, seconds).build();
  return options;
}

struct System {
  Pair pair;
  PairClient& publisher;
  PairClient& sleeper;
  SessionKey key;

  explicit System(const PairOptions& options = with_store())
      : pair(options), publisher(pair.add(lasting("publisher"))), sleeper(pair.add(lasting("s"))) {
    publisher.connect();
    sleeper.connect();
    pair.settle();
    sleeper.subscribe("t/#");
    pair.settle();
    for (std::uint32_t index = 0; index < 2; ++index)
      for (std::uint16_t generation = 0; generation < 2; ++generation)
        if (const auto* state = pair.broker().find({0, generation, index});
            state != nullptr && state->client_id.view() == "s")
          key = state->key;
    sleeper.cut();
  }
  void publish(int first, int end, std::string_view topic = "t/x", Qos qos = Qos::exactly_once) {
    for (int i = first; i < end; ++i) publisher.publish(qos, topic, std::to_string(i));
    pair.settle();
  }
  const MessageQueue& queue() { return pair.broker().find(key)->queue; }
  bool got_in_order(int count) {
    if (sleeper.messages.size() != static_cast<std::size_t>(count)) return false;
    for (int i = 0; i < count; ++i)
      if (sleeper.messages[static_cast<std::size_t>(i)].payload.view() != std::to_string(i))
        return false;
    return true;
  }
};

}  // namespace

TEST_CASE("Of a long queue a few messages are held, and all come, in order") {
  System system;
  system.publish(0, 500);
  CHECK(system.queue().size() == 500);
  CHECK(system.queue().held() == kHeld);
  CHECK(system.pair.broker().statistics().queued_messages == 500);
  system.sleeper.connect();
  system.pair.settle();
  CHECK(system.got_in_order(500));
  CHECK(system.queue().empty());
  CHECK(system.queue().backlog() == nullptr);
  CHECK(system.pair.store().fetched() == 25);  // (500 - 10) / 20
}

TEST_CASE("What is published while a backlog is fetched comes behind it") {
  System system;
  system.publish(0, 100);
  system.pair.set_latency(std::chrono::milliseconds(1));
  system.sleeper.connect();
  for (int i = 100; i < 200; ++i) {
    system.publisher.publish(Qos::at_least_once, "t/x", std::to_string(i));
    system.pair.pass(std::chrono::milliseconds(1));
  }
  system.pair.settle();
  CHECK(system.got_in_order(200));
}

TEST_CASE("A client that comes and goes while pages are on their way gets everything once") {
  System system;
  system.publish(0, 300);
  for (std::size_t bytes = 50; !system.got_in_order(300); bytes += 111) {
    REQUIRE(bytes < 100'000);
    system.sleeper.connect();
    system.sleeper.cut_after(bytes);
    system.pair.settle();
  }
}

TEST_CASE("A slow client that is there holds no more than its share") {
  PairOptions options = with_store();
  options.broker.backlog.online_bytes = 2'000;
  System system(options);
  system.sleeper.connect();
  system.pair.set_latency(Seconds(1));
  for (int i = 0; i < 200; ++i)
    system.publisher.publish(Qos::at_least_once, "t/x", std::to_string(i));
  system.pair.pass(std::chrono::milliseconds(2'500));
  CHECK(system.queue().bytes() <= 2'000);
  system.pair.settle();
  CHECK(system.got_in_order(200));
}

TEST_CASE("A queue's limits count its backlog") {
  PairOptions options = with_store();
  options.broker.queue = {.messages = 30, .bytes = 0};
  System system(options);
  system.publish(0, 50);
  CHECK(system.queue().size() == 30);
  CHECK(system.queue().held() == kHeld);
  CHECK(system.pair.broker().find(system.key)->dropped == 20);
}

TEST_CASE("What a client may not read any more does not come out of its backlog") {
  System system;
  system.publish(0, 100);
  for (int i = 0; i < 50; ++i) system.publisher.publish(Qos::at_least_once, "t/secret", "no");
  system.pair.settle();
  system.pair.broker().replace_access(0,
                                      *broker::Access::parse("topic read t/x\ntopic write t/#\n"));
  system.sleeper.connect();
  system.pair.settle();
  CHECK(system.got_in_order(100));
  CHECK(system.queue().empty());
}

TEST_CASE("A session that has become one of this connection only still gets its backlog") {
  for (const int count : {3, 100}) {
    System system;
    system.publish(0, count);
    PairClient& once = system.pair.add(lasting("s", 0));
    once.connect();
    system.pair.settle();
    CHECK(once.connacks.back().session_present);
    CHECK(once.messages.size() == static_cast<std::size_t>(count));
    once.disconnect();
    system.pair.settle();
    CHECK(system.pair.broker().sessions() == 1);
    system.pair.crash();
    CHECK(system.pair.broker().sessions() == 1);
  }
}

TEST_CASE("A backlog is there after a crash, held as little as before") {
  System system;
  system.publish(0, 200);
  system.pair.crash();
  CHECK(system.queue().size() == 200);
  CHECK(system.queue().held() == kHeld);
  system.publisher.connect();
  system.publish(200, 250);
  CHECK(system.queue().held() == kHeld);
  system.sleeper.connect();
  system.pair.settle();
  CHECK(system.got_in_order(250));
}
