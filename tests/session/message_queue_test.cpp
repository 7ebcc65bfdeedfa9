#include "libmqtt/session/message_queue.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace mqtt;

namespace {

Delivery delivery(std::string_view payload, Qos qos) {
  Message message;
  message.topic = Bytes::copy("t");
  message.payload = Bytes::copy(payload);
  return {.message = MessagePtr::make(std::move(message)), .qos = qos};
}

std::string drain(MessageQueue& queue, bool window_is_open) {
  std::string payloads;
  while (queue.front(window_is_open) != nullptr)
    payloads += queue.pop(window_is_open).message->payload.view();
  return payloads;
}

}  // namespace

TEST_CASE("Messages leave in the order they came, whatever their QoS") {
  MessageQueue queue;
  for (const char* payload : {"a", "b", "c", "d"})
    CHECK(queue.push(
        delivery(payload, payload[0] % 2 == 0 ? Qos::at_most_once : Qos::at_least_once), {}));
  CHECK(drain(queue, true) == "abcd");
  CHECK(queue.empty());
  CHECK(queue.bytes() == 0);
}

TEST_CASE("A closed window holds back QoS 1 and 2 only [MQTT-4.9.0-3]") {
  MessageQueue queue;
  queue.push(delivery("1", Qos::at_least_once), {});
  queue.push(delivery("0", Qos::at_most_once), {});
  queue.push(delivery("2", Qos::exactly_once), {});
  CHECK(drain(queue, false) == "0");
  CHECK(drain(queue, true) == "12");
}

TEST_CASE("A full queue takes no newer message and keeps the older ones") {
  MessageQueue queue;
  const QueueLimits limits{.messages = 2, .bytes = 10'000};
  CHECK(queue.push(delivery("a", Qos::at_least_once), limits));
  CHECK(queue.push(delivery("b", Qos::at_least_once), limits));
  CHECK_FALSE(queue.push(delivery("c", Qos::exactly_once), limits));
  CHECK(queue.push(delivery("z", Qos::at_most_once), limits));
  CHECK_FALSE(queue.push(delivery(std::string(10'000, 'x'), Qos::at_most_once), limits));
  CHECK(drain(queue, true) == "abz");
}

TEST_CASE("One message above the limit in bytes passes when nothing else waits") {
  MessageQueue queue;
  const QueueLimits limits{.messages = 10, .bytes = 100};
  CHECK(queue.push(delivery(std::string(1000, 'x'), Qos::at_least_once), limits));
  CHECK_FALSE(queue.push(delivery("y", Qos::at_least_once), limits));
}

TEST_CASE("The marks for flow control lie at half and at a quarter of the limits") {
  MessageQueue queue;
  const QueueLimits limits{.messages = 8, .bytes = 1'000'000};
  for (int i = 0; i < 4; ++i) queue.push(delivery("x", Qos::at_least_once), limits);
  CHECK_FALSE(queue.is_above_high_mark(limits));
  queue.push(delivery("x", Qos::at_least_once), limits);
  CHECK(queue.is_above_high_mark(limits));
  for (int i = 0; i < 2; ++i) queue.pop(true);
  CHECK_FALSE(queue.is_below_low_mark(limits));
  queue.pop(true);
  CHECK(queue.is_below_low_mark(limits));
}

TEST_CASE("A long queue stays in order while it grows and shrinks") {
  MessageQueue queue;
  const QueueLimits limits{.messages = 100'000, .bytes = 1U << 30U};
  int next_in = 0;
  int next_out = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 700; ++i)
      queue.push(delivery(std::to_string(next_in++), Qos::at_least_once), limits);
    for (int i = 0; i < 650; ++i)
      CHECK(queue.pop(true).message->payload.view() == std::to_string(next_out++));
  }
  CHECK(queue.size() == static_cast<std::size_t>(next_in - next_out));
}

TEST_CASE("What is put aside counts on, and comes back behind what is held") {
  MessageQueue queue;
  const QueueLimits five{.messages = 5, .bytes = 0};
  for (const char* payload : {"a", "b", "c", "d"})
    queue.push(delivery(payload, Qos::at_least_once), five);
  queue.push(delivery("0", Qos::at_most_once), five);
  const std::size_t bytes = queue.bytes();
  std::string aside;
  queue.hold_only(2, [&](const Delivery& each) { aside += each.message->payload.view(); });
  CHECK(aside == "cd");
  CHECK(queue.held() == 2);
  CHECK(queue.size() == 5);
  CHECK(queue.bytes() == bytes / 5 * 3);
  REQUIRE(queue.backlog() != nullptr);
  CHECK(queue.backlog()->after == 2);
  CHECK(queue.backlog()->last == 4);
  // One more at the end, and one more at the front.
  CHECK(queue.push(delivery("e", Qos::at_least_once), five));
  CHECK_FALSE(queue.push(delivery("f", Qos::at_least_once), five));
  queue.hold_only(2, [](const Delivery&) {});
  queue.hold_only(1, [](const Delivery&) {});
  CHECK(queue.backlog()->after == 1);
  CHECK(queue.backlog()->last == 6);
  CHECK(queue.backlog()->messages == 4);
  CHECK(drain(queue, true) == "a0");
  for (const std::uint64_t position : {2U, 3U, 4U}) {
    Delivery back = delivery(std::to_string(position), Qos::at_least_once);
    back.position = position;
    queue.take_back(std::move(back));
  }
  queue.shorten_backlog(4, 3, bytes / 5 * 3);
  CHECK(queue.size() == 4);
  CHECK(drain(queue, true) == "234");
  queue.shorten_backlog(6, 1, bytes / 5);
  CHECK(queue.backlog() == nullptr);
  CHECK(queue.empty());
}

TEST_CASE("How many messages stay within limits: one at least") {
  MessageQueue queue;
  CHECK(queue.held_within(3, 1000) == 0);
  for (int i = 0; i < 5; ++i) queue.push(delivery("payload", Qos::at_least_once), {});
  const std::size_t each = queue.bytes() / 5;
  CHECK(queue.held_within(3, SIZE_MAX) == 3);
  CHECK(queue.held_within(9, each * 2) == 2);
  CHECK(queue.held_within(0, 0) == 1);
  CHECK(queue.held_within(9, SIZE_MAX) == 5);
}
