#include "tests/conformance/delivery.hpp"

// Who gets a message, and in which order (§4.5, §4.6).

using namespace conformance;
using namespace conformance::wire;

TEST_CASE_TEMPLATE(
    "an accepted message goes to every client with a matching subscription, connected or not "
    "[MQTT-4.5.0-1]",
    V, V311, V50) {
  const std::string topic = unique("receipt");
  const std::string leaf = "/" + unique("x");
  const ConnectFields fields = lasting(V::level, unique("sleeper"));
  subscribe_and_leave(V::level, fields, topic + "/+", 2);
  Peer exact = connected(V::level);
  exact.subscribe(topic + leaf, 0);
  Peer wild = connected(V::level);
  wild.subscribe("+" + leaf, 1);
  Peer publisher = connected(V::level);
  Peer stranger = connected(V::level);
  stranger.subscribe(topic, 1);

  hand_over(publisher, {.topic = topic + leaf, .payload = "for all", .qos = 2});
  Peer sleeper = connected(V::level, fields);
  for (Peer* each : {&exact, &wild, &sleeper}) {
    const auto messages = pending_publishes(*each);
    CHECK(payloads(messages) == std::vector<std::string>{"for all"});
  }
  CHECK(stranger.pending().empty());
}

TEST_CASE_TEMPLATE(
    "messages of one publisher on one topic arrive in their order at each QoS "
    "[MQTT-4.6.0-5] [MQTT-4.6.0-6]",
    V, V311, V50) {
  constexpr std::size_t kCount = 150;
  for (const unsigned qos : {0U, 1U, 2U}) {
    CAPTURE(qos);
    const std::string topic = unique("order");
    const ConnectFields fields = lasting(V::level, unique("sleeper"));
    subscribe_and_leave(V::level, fields, topic + "/#", 2);
    Peer exact = connected(V::level);
    exact.subscribe(topic, 2);
    Peer wild = connected(V::level);
    wild.subscribe(topic + "/#", qos);
    Peer publisher = connected(V::level);
    // Two publishers: the order of each is kept.
    Peer other = connected(V::level);
    for (std::size_t i = 0; i < kCount; ++i) {
      hand_over(publisher, {.topic = topic, .payload = "m" + std::to_string(i), .qos = qos});
      if (i % 10 == 0)
        hand_over(other, {.topic = topic + "/x", .payload = "x" + std::to_string(i), .qos = qos});
    }
    CHECK(payloads(take(exact, kCount)) == numbered("m", kCount));
    const auto only_m = [](std::vector<std::string> all) {
      std::erase_if(all, [](const std::string& payload) { return payload[0] != 'm'; });
      return all;
    };
    CHECK(only_m(payloads(take(wild, kCount + kCount / 10))) == numbered("m", kCount));
    if (qos == 0) continue;  // It need not be kept for who is away.
    Peer sleeper = connected(V::level, fields);
    CHECK(only_m(payloads(take(sleeper, kCount + kCount / 10))) == numbered("m", kCount));
  }
}

TEST_CASE_TEMPLATE(
    "the order holds across a lost connection, what is sent again first "
    "[MQTT-4.6.0-6]",
    V, V311, V50) {
  for (const unsigned qos : {1U, 2U}) {
    const std::string topic = unique("order");
    const ConnectFields fields = lasting(V::level, unique("client"));
    Peer subscriber = connected(V::level, fields);
    subscriber.subscribe(topic, qos);
    Peer publisher = connected(V::level);
    for (const std::string& payload : numbered("m", 100))
      hand_over(publisher, {.topic = topic, .payload = payload, .qos = qos});
    for (int time = 0; time < 3; ++time) {
      read_publish(subscriber);
      Peer resumed = connected(V::level, fields);
      std::swap(subscriber, resumed);
    }
    CHECK(payloads(take(subscriber, 100)) == numbered("m", 100));
    CHECK(subscriber.pending().empty());
  }
}
