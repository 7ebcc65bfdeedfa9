#include <chrono>

#include "tests/conformance/delivery.hpp"

// Message Expiry Interval (5.0 §3.3.2.3.3). Time passes on the broker's own clock.

using namespace conformance;
using namespace conformance::wire;

namespace {

PublishFields expiring(const std::string& topic, std::uint32_t seconds, bool retain = false) {
  return {.topic = topic,
          .payload = "expires after " + std::to_string(seconds),
          .retain = retain,
          .properties = property(id::message_expiry, four_bytes(seconds))};
}

/// Seconds since the start, one begun counted as whole: no broker can have held anything for
/// longer.
class Stopwatch {
 public:
  std::uint32_t most() const {
    const auto passed = std::chrono::steady_clock::now() - start_;
    return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(passed).count()) + 1;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

TEST_CASE(
    "Message Expiry Interval is forwarded less the time spent waiting, for a client, as "
    "retained, and sent again [5.0:MQTT-3.3.2-6]") {
  constexpr std::uint32_t kInterval = 10'000;
  const std::string topic = unique("expiry");
  const ConnectFields fields = lasting(Level::v5_0, unique("sleeper"));
  subscribe_and_leave(Level::v5_0, fields, topic, 1);
  Peer live = connected(Level::v5_0);
  live.subscribe(topic, 0);
  const Stopwatch stopwatch;
  Peer publisher = connected(Level::v5_0);
  publisher.publish(expiring(topic, kInterval, true));

  const auto check_remaining = [&](const Received& message, std::uint32_t least_waited) {
    const auto remaining = message.number(id::message_expiry);
    REQUIRE(remaining);
    CHECK(*remaining <= kInterval - least_waited);
    CHECK(*remaining >= kInterval - stopwatch.most());
  };
  check_remaining(read_publish(live), 0);
  let_broker_age(2);
  Peer late = connected(Level::v5_0);
  late.subscribe(topic, 0);
  check_remaining(read_publish(late), 2);
  for (const bool dup : {false, true}) {
    Peer sleeper = connected(Level::v5_0, fields);
    const Received message = read_publish(sleeper);
    CHECK(message.dup == dup);
    check_remaining(message, 2);
  }
}

TEST_CASE("a message that expires before its delivery begins is deleted [5.0:MQTT-3.3.2-5]") {
  const std::string root = unique("expiry");
  const ConnectFields fields = lasting(Level::v5_0, unique("sleeper"));
  subscribe_and_leave(Level::v5_0, fields, root + "/#", 2);
  Peer full = connected(Level::v5_0, {.client_id = unique("full"),
                                      .properties = property(id::receive_maximum, two_bytes(1))});
  full.subscribe(root + "/#", 1);
  Peer publisher = connected(Level::v5_0);
  publisher.publish({.topic = root, .payload = "first"});
  for (const unsigned qos : {1U, 2U}) {
    PublishFields fields_at = expiring(root, 1);
    fields_at.qos = qos;
    hand_over(publisher, fields_at);
  }
  publisher.publish(expiring(root + "/retained", 1, true));
  publisher.publish(expiring(root, 600));
  let_broker_age(2);

  const std::vector<std::string> expected = {"first", "expires after 600"};
  Peer sleeper = connected(Level::v5_0, fields);
  CHECK(payloads(take(sleeper, 2)) == expected);
  CHECK(sleeper.pending().empty());
  CHECK(payloads(take(full, 2)) == expected);  // There had been no room in this one's window.
  CHECK(full.pending().empty());
  Peer late = connected(Level::v5_0);
  late.subscribe(root + "/#", 0);
  CHECK(late.pending().empty());
}

TEST_CASE(
    "a message once sent does not expire: it is sent again and its handshake goes on "
    "[5.0:MQTT-4.3.3-7] [5.0:MQTT-4.4.0-1]") {
  const std::string topic = unique("expiry");
  const ConnectFields fields = lasting(Level::v5_0, unique("client"));
  Peer subscriber = connected(Level::v5_0, fields);
  subscriber.subscribe(topic, 2);
  Peer publisher = connected(Level::v5_0);
  PublishFields message = expiring(topic, 1);
  message.qos = 2;
  hand_over(publisher, message);
  message.qos = 1;
  hand_over(publisher, message);
  const Received first = read_publish(subscriber);
  const Received second = read_publish(subscriber);
  subscriber.drop();
  let_broker_age(2);

  Peer resumed = connected(Level::v5_0, fields);
  const auto again = take(resumed, 2);
  CHECK(packet_ids(again) == packet_ids({first, second}));
  CHECK(payloads(again) == payloads({first, second}));
  for (const Received& each : again) CHECK(each.dup);
}

TEST_CASE("expiry does not stop the acknowledgements of a QoS 2 message [5.0:MQTT-4.3.3-13]") {
  const std::string topic = unique("expiry");
  const ConnectFields fields = lasting(Level::v5_0, unique("sleeper"));
  subscribe_and_leave(Level::v5_0, fields, topic, 2);
  Peer publisher = connected(Level::v5_0);
  PublishFields message = expiring(topic, 1);
  message.qos = 2;
  message.packet_id = 77;
  CHECK(publisher.request(publish(Level::v5_0, message)).bytes == ack(kSendPubrec, 77));
  let_broker_age(2);
  message.dup = true;
  CHECK(publisher.request(publish(Level::v5_0, message)).bytes == ack(kSendPubrec, 77));
  CHECK(publisher.request(ack(kSendPubrel, 77)).bytes == ack(kSendPubcomp, 77));
}
