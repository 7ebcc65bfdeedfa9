#include "tests/conformance/delivery.hpp"

// A client's Maximum Packet Size against what the server has for it (5.0 §3.1.2.11.4).

using namespace conformance;
using namespace conformance::wire;

namespace {

ConnectFields taking_at_most(const std::string& client_id, std::size_t size,
                             std::string_view more = {}) {
  return lasting(Level::v5_0, client_id,
                 property(id::maximum_packet_size, four_bytes(static_cast<std::uint32_t>(size))) +
                     std::string(more));
}

/// A message whose PUBLISH is of this size at the QoS.
PublishFields message_of_size(const std::string& topic, unsigned qos, std::size_t size) {
  PublishFields fields{.topic = topic, .qos = qos, .packet_id = 1};
  while (publish(Level::v5_0, fields).size() < size) fields.payload += 'x';
  REQUIRE(publish(Level::v5_0, fields).size() == size);
  return fields;
}

}  // namespace

TEST_CASE(
    "a message larger than the client's Maximum Packet Size, its fixed header included, is "
    "dropped as if sent [5.0:MQTT-3.1.2-24] [5.0:MQTT-3.1.2-25]") {
  for (const std::size_t size : {std::size_t{100}, std::size_t{300}, std::size_t{20'000}}) {
    for (const unsigned qos : {0U, 1U, 2U}) {
      CAPTURE(size);
      CAPTURE(qos);
      const std::string topic = unique("size");
      // Were a dropped message to take room, the window would be full at once.
      Peer subscriber = connected(
          Level::v5_0,
          taking_at_most(unique("client"), size, property(id::receive_maximum, two_bytes(1))));
      subscriber.subscribe(topic, qos);
      Peer publisher = connected(Level::v5_0);
      for (int time = 0; time < 2; ++time)
        hand_over(publisher, message_of_size(topic, qos, size + 1));
      hand_over(publisher, message_of_size(topic, qos, size));
      const auto messages = take(subscriber, 1);
      CHECK(messages[0].bytes.size() == size);
      hand_over(publisher, message_of_size(topic, qos, 2 * size));
      CHECK(subscriber.pending().empty());
    }
  }
}

TEST_CASE(
    "properties that the server adds count for the Maximum Packet Size "
    "[5.0:MQTT-3.1.2-24]") {
  const std::string topic = unique("size");
  const std::size_t size = 200;
  Peer subscriber = connected(
      Level::v5_0,
      taking_at_most(unique("client"), size, property(id::topic_alias_maximum, two_bytes(10))));
  subscriber.subscribe(topic + "/#", 0, property(id::subscription_identifier, variable(300)));
  Peer publisher = connected(Level::v5_0);
  for (std::size_t at = size - 10; at <= size + 1; ++at)
    hand_over(publisher, message_of_size(topic + "/" + std::to_string(at), 0, at));
  const auto messages = pending_publishes(subscriber);
  CHECK(messages.size() >= 6);
  for (const Received& message : messages) CHECK(message.bytes.size() <= size);
}

TEST_CASE(
    "an open message that is too large for the client's next connection is not sent again, "
    "and takes no room there [5.0:MQTT-3.1.2-24] [5.0:MQTT-3.1.2-25]") {
  const std::string topic = unique("size");
  const std::string client_id = unique("client");
  const std::string window = property(id::receive_maximum, two_bytes(2));
  Peer subscriber = connected(Level::v5_0, taking_at_most(client_id, 1000, window));
  subscriber.subscribe(topic, 2);
  Peer publisher = connected(Level::v5_0);
  for (const unsigned qos : {1U, 2U}) {
    hand_over(publisher, message_of_size(topic, qos, 500));
    CHECK(read_publish(subscriber).bytes.size() == 500);
  }
  leave(subscriber);
  for (const std::string payload : {"a", "b", "c"})
    hand_over(publisher, {.topic = topic, .payload = payload, .qos = 1});

  Peer narrow = connected(Level::v5_0, taking_at_most(client_id, 200, window));
  CHECK(payloads(take(narrow, 3)) == std::vector<std::string>{"a", "b", "c"});
  CHECK(narrow.pending().empty());
  leave(narrow);
  Peer wide = connected(Level::v5_0, taking_at_most(client_id, 1000, window));
  CHECK(wide.pending().empty());
}
