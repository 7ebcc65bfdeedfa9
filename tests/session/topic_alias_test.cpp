#include "libmqtt/session/topic_alias.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace mqtt;

namespace {

Publish publish(std::string_view topic, std::optional<std::uint16_t> alias) {
  Publish made;
  made.topic = Bytes::copy(topic);
  if (alias) made.properties = PropertiesBuilder().add(property::topic_alias, *alias).build();
  return made;
}

}  // namespace

TEST_CASE("An alias stands for the topic that it was last set to [MQTT-3.3.2-12]") {
  IncomingTopicAliases aliases;
  aliases.start(2);
  auto first = publish("a/b", 2);
  CHECK(aliases.resolve(first));
  auto by_alias = publish("", 2);
  CHECK(aliases.resolve(by_alias));
  CHECK(by_alias.topic.view() == "a/b");
  auto replaced = publish("c", 2);
  CHECK(aliases.resolve(replaced));
  auto again = publish("", 2);
  CHECK(aliases.resolve(again));
  CHECK(again.topic.view() == "c");
}

TEST_CASE("An alias of 0 or above the announced maximum is invalid [MQTT-3.3.2-8, 3.3.2-9]") {
  IncomingTopicAliases aliases;
  aliases.start(2);
  auto zero = publish("a", 0);
  CHECK(aliases.resolve(zero).error().code == ReasonCode::topic_alias_invalid);
  auto three = publish("a", 3);
  CHECK(aliases.resolve(three).error().code == ReasonCode::topic_alias_invalid);
  IncomingTopicAliases none;
  auto one = publish("a", 1);
  CHECK(none.resolve(one).error().code == ReasonCode::topic_alias_invalid);
}

TEST_CASE("A PUBLISH with neither a topic nor a known alias is a protocol error") {
  IncomingTopicAliases aliases;
  aliases.start(5);
  auto unset = publish("", 4);
  CHECK(aliases.resolve(unset).error().code == ReasonCode::protocol_error);
  auto five = publish("a", 5);
  CHECK(aliases.resolve(five));
  CHECK(aliases.resolve(unset).error().code == ReasonCode::protocol_error);
  auto nothing = publish("", std::nullopt);
  CHECK(aliases.resolve(nothing).error().code == ReasonCode::protocol_error);
}

TEST_CASE("Aliases do not outlive their connection [MQTT-3.3.2-7]") {
  IncomingTopicAliases incoming;
  incoming.start(1);
  auto set = publish("a", 1);
  CHECK(incoming.resolve(set));
  incoming.start(1);
  auto used = publish("", 1);
  CHECK_FALSE(incoming.resolve(used));

  OutgoingTopicAliases outgoing;
  outgoing.start(1);
  CHECK_FALSE(outgoing.use(Bytes::copy("a")).is_known);
  CHECK(outgoing.use(Bytes::copy("a")).is_known);
  outgoing.start(1);
  CHECK_FALSE(outgoing.use(Bytes::copy("a")).is_known);
}

TEST_CASE("Outgoing aliases go to the first topics, as far as the peer's maximum allows") {
  OutgoingTopicAliases aliases;
  CHECK(aliases.use(Bytes::copy("a")).value == 0);
  aliases.start(2);
  CHECK(aliases.use(Bytes::copy("a")).value == 1);
  CHECK(aliases.use(Bytes::copy("b")).value == 2);
  CHECK(aliases.use(Bytes::copy("c")).value == 0);
  CHECK_FALSE(aliases.use(Bytes::copy("c")).is_known);
  CHECK(aliases.use(Bytes::copy("b")).value == 2);
  CHECK(aliases.use(Bytes::copy("b")).is_known);
}

TEST_CASE("A topic that comes more often takes the alias of one that comes less often") {
  OutgoingTopicAliases aliases;
  aliases.start(2);
  const auto busy = Bytes::copy("busy");
  aliases.use(Bytes::copy("once"));
  for (int i = 0; i < 50; ++i) aliases.use(Bytes::copy("often"));
  CHECK(aliases.use(busy).value == 0);
  CHECK(aliases.use(busy).value == 0);
  const auto taken = aliases.use(busy);
  CHECK(taken.value == 1);
  CHECK_FALSE(taken.is_known);  // it has to be sent with its topic first [MQTT-3.3.2-12]
  CHECK(aliases.use(busy).is_known);
  CHECK(aliases.use(Bytes::copy("often")).is_known);
  CHECK(aliases.use(Bytes::copy("once")).value == 0);
}

TEST_CASE("A flood of different topics takes no alias from topics that come again and again") {
  OutgoingTopicAliases aliases;
  aliases.start(10);
  int flood = 0;
  for (int i = 0; i < 30; ++i) aliases.use(Bytes::copy("flood/" + std::to_string(++flood)));
  int known = 0;
  for (int round = 0; round < 2'000; ++round) {
    for (int topic = 0; topic < 10; ++topic)
      known += aliases.use(Bytes::copy("good/" + std::to_string(topic))).is_known ? 1 : 0;
    for (int i = 0; i < 20; ++i) aliases.use(Bytes::copy("flood/" + std::to_string(++flood)));
  }
  MESSAGE(known << " of 20,000");
  CHECK(known > 19'000);
}

TEST_CASE("Aliases follow the traffic when it changes") {
  OutgoingTopicAliases aliases;
  aliases.start(3);
  for (const auto* place : {"a", "b", "c"}) {
    int known = 0;
    for (int i = 0; i < 3'000; ++i)
      known +=
          aliases.use(Bytes::copy(std::string(place) + std::to_string(i % 3))).is_known ? 1 : 0;
    CHECK(known > 2'000);
  }
}
