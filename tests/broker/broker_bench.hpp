#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libmqtt/broker/broker.hpp"

namespace mqtt::broker {

inline const TimePoint kStart{std::chrono::hours(1)};

struct ConnectWith {
  Version version = Version::v5_0;
  bool clean_start = true;
  std::uint32_t expiry = 0;
  std::optional<Will> will = {};
  ClientContext context = {};
};

inline Will will_on(std::string_view topic, std::uint32_t delay = 0) {
  Will will;
  will.topic = Bytes::copy(topic);
  will.payload = Bytes::copy("gone");
  if (delay > 0)
    will.properties = PropertiesBuilder().add(property::will_delay_interval, delay).build();
  return will;
}

/// A broker, and sessions that are looked at through their queues.
struct Bench {
  Broker broker;
  TimePoint now = kStart;
  bool session_present = false;
  Properties announced = {};  ///< By the last CONNACK.

  explicit Bench(BrokerOptions options = {}) : broker(std::move(options)) {}

  SessionKey connect(std::string_view client_id, const ConnectWith& with = {}) {
    Connect connect;
    connect.version = with.version;
    connect.clean_start = with.clean_start;
    connect.client_id = Bytes::copy(client_id);
    connect.will = with.will;
    if (with.expiry > 0)
      connect.properties =
          PropertiesBuilder().add(property::session_expiry_interval, with.expiry).build();
    const ConnectAnswer answer = broker.connect(connect, with.context, now);
    REQUIRE(answer.session != nullptr);
    announced = answer.connack.properties;
    session_present = answer.connack.session_present;
    return answer.session->key;
  }
  ReasonCode subscribe(SessionKey who, std::string_view filter,
                       SubscribeOptions options = {.qos = Qos::exactly_once},
                       std::uint32_t identifier = 0) {
    Subscribe subscribe;
    subscribe.requests.push_back({Bytes::copy(filter), options});
    if (identifier != 0)
      subscribe.properties =
          PropertiesBuilder().add(property::subscription_identifier, identifier).build();
    return broker.subscribe(who, subscribe, now).reason_codes.at(0);
  }
  PublishAnswer publish(SessionKey who, std::string_view topic, std::string_view payload,
                        Qos qos = Qos::at_least_once, bool retain = false) {
    Publish publish;
    publish.topic = Bytes::copy(topic);
    publish.payload = Bytes::copy(payload);
    publish.qos = qos;
    publish.retain = retain;
    return broker.publish(who, std::move(publish), now);
  }
  /// What waits for a session, emptied: "topic=payload", then "/q" and the QoS, "r" for RETAIN, "#"
  /// and the subscription identifier.
  std::vector<std::string> received(SessionKey who) {
    std::vector<std::string> texts;
    SessionState* state = broker.find(who);
    REQUIRE(state != nullptr);
    while (state->queue.front(true) != nullptr) {
      const Delivery delivery = state->queue.pop(true);
      std::string text(delivery.message->topic.view());
      text += "=" + std::string(delivery.message->payload.view()) + "/q" +
              std::to_string(static_cast<int>(delivery.qos));
      if (delivery.retain) text += "r";
      if (delivery.subscription_identifier != 0)
        text += "#" + std::to_string(delivery.subscription_identifier);
      texts.push_back(text);
    }
    broker.drained(who, now);
    return texts;
  }
  template <class T>
  std::vector<T> effects() {
    std::vector<T> found;
    while (auto effect = broker.poll_effect())
      if (const T* wanted = std::get_if<T>(&*effect)) found.push_back(*wanted);
    return found;
  }
  /// The rules of this ACL file hold from now on.
  void set_access(std::string_view rules, AccessScope scope = 0) {
    auto access = Access::parse(rules);
    REQUIRE_MESSAGE(access.has_value(), access.error());
    broker.replace_access(scope, *access);
  }
  void advance(Duration step) {
    now += step;
    broker.tick(now);
  }
};

using Texts = std::vector<std::string>;

}  // namespace mqtt::broker
