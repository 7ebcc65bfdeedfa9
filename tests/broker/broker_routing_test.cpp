#include <doctest/doctest.h>

#include <algorithm>

#include "tests/broker/broker_bench.hpp"

using namespace mqtt;
using namespace mqtt::broker;

TEST_CASE("A message reaches every matching subscriber at the lower of both QoS [MQTT-3.8.4-8]") {
  Bench bench;
  const auto sensor = bench.connect("sensor");
  const auto all = bench.connect("all");
  const auto salon = bench.connect("salon");
  const auto other = bench.connect("other");
  CHECK(bench.subscribe(all, "Maison/Capteurs/#") == ReasonCode::granted_qos_2);
  CHECK(bench.subscribe(salon, "Maison/+/Salon", {.qos = Qos::at_most_once}) ==
        ReasonCode::success);
  bench.subscribe(other, "Maison/Capteurs/cuisine");
  CHECK(bench.publish(sensor, "Maison/Capteurs/Salon", "21").reason_code == ReasonCode::success);
  CHECK(bench.received(all) == Texts{"Maison/Capteurs/Salon=21/q1"});
  CHECK(bench.received(salon) == Texts{"Maison/Capteurs/Salon=21/q0"});
  CHECK(bench.received(other).empty());
}

TEST_CASE("A publisher learns that nobody matched (0x10)") {
  Bench bench;
  CHECK(bench.publish(bench.connect("sensor"), "a", "1").reason_code ==
        ReasonCode::no_matching_subscribers);
}

TEST_CASE("Clients may not publish into $SYS or $share: refused, delivered to nobody") {
  Bench bench;
  const auto who = bench.connect("c");
  bench.subscribe(who, "$SYS/#");
  CHECK(bench.publish(who, "$SYS/broker/uptime", "1").reason_code == ReasonCode::not_authorized);
  CHECK(bench.publish(who, "$share/g/a", "1").reason_code == ReasonCode::not_authorized);
  CHECK(bench.received(who).empty());
}

TEST_CASE(
    "Overlapping filters give one copy at the highest QoS, one per subscription identifier "
    "[MQTT-3.3.5-1]") {
  Bench bench;
  const auto who = bench.connect("c");
  bench.subscribe(who, "a/#", {.qos = Qos::at_most_once});
  bench.subscribe(who, "a/b", {.qos = Qos::exactly_once});
  bench.publish(who, "a/b", "x", Qos::exactly_once);
  CHECK(bench.received(who) == Texts{"a/b=x/q2"});
  bench.subscribe(who, "a/+", {.qos = Qos::at_least_once}, 7);
  bench.publish(who, "a/b", "y", Qos::exactly_once);
  Texts texts = bench.received(who);
  std::ranges::sort(texts);
  CHECK(texts == Texts{"a/b=y/q1#7", "a/b=y/q2"});
}

TEST_CASE("No Local keeps a client's own messages from it [MQTT-3.8.3-3]") {
  Bench bench;
  const auto self = bench.connect("self");
  const auto peer = bench.connect("peer");
  bench.subscribe(self, "t", {.qos = Qos::at_least_once, .no_local = true});
  bench.publish(self, "t", "mine");
  bench.publish(peer, "t", "yours");
  CHECK(bench.received(self) == Texts{"t=yours/q1"});
}

TEST_CASE(
    "RETAIN is cleared on live messages unless Retain As Published asks for it [MQTT-3.3.1-12, "
    "3.3.1-13]") {
  Bench bench;
  const auto plain = bench.connect("plain");
  const auto keeps = bench.connect("keeps");
  bench.subscribe(plain, "t");
  bench.subscribe(keeps, "t", {.qos = Qos::exactly_once, .retain_as_published = true});
  bench.publish(plain, "t", "1", Qos::at_most_once, true);
  CHECK(bench.received(plain) == Texts{"t=1/q0"});
  CHECK(bench.received(keeps) == Texts{"t=1/q0r"});
}

TEST_CASE(
    "A new subscription gets the retained messages as Retain Handling says [MQTT-3.3.1-9..11]") {
  Bench bench;
  const auto sensor = bench.connect("sensor");
  bench.publish(sensor, "t/1", "a", Qos::at_least_once, true);
  bench.publish(sensor, "t/1", "b", Qos::at_least_once, true);
  bench.publish(sensor, "t/2", "c", Qos::at_least_once, true);
  bench.publish(sensor, "t/2", "", Qos::at_least_once, true);
  const auto who = bench.connect("who");
  bench.subscribe(who, "t/#");
  CHECK(bench.received(who) == Texts{"t/1=b/q1r"});
  bench.subscribe(who, "t/#");
  CHECK(bench.received(who) == Texts{"t/1=b/q1r"});
  bench.subscribe(who, "t/#", {.retain_handling = RetainHandling::send_if_new});
  CHECK(bench.received(who).empty());
  bench.subscribe(who, "t/+", {.retain_handling = RetainHandling::send_if_new});
  CHECK(bench.received(who) == Texts{"t/1=b/q0r"});
  bench.subscribe(who, "+/1", {.retain_handling = RetainHandling::do_not_send});
  CHECK(bench.received(who).empty());
  bench.subscribe(who, "$share/g/t/#");
  CHECK(bench.received(who).empty());
}

TEST_CASE(
    "A shared subscription gives each message to one member, to connected ones first "
    "[MQTT-4.8.2-4]") {
  Bench bench;
  const auto sensor = bench.connect("sensor");
  const auto one = bench.connect("one", {.expiry = 60});
  const auto two = bench.connect("two", {.expiry = 60});
  bench.subscribe(one, "$share/g/t");
  bench.subscribe(two, "$share/g/t");
  for (int i = 0; i < 10; ++i) bench.publish(sensor, "t", "x");
  CHECK(bench.received(one).size() == 5);
  CHECK(bench.received(two).size() == 5);
  bench.broker.disconnected(one, std::nullopt, bench.now);
  for (int i = 0; i < 4; ++i) bench.publish(sensor, "t", "x");
  CHECK(bench.received(one).empty());
  CHECK(bench.received(two).size() == 4);
}

TEST_CASE(
    "A leaving member's waiting shared messages go to another, those of its QoS 2 flows do not") {
  Bench bench;
  const auto sensor = bench.connect("sensor");
  const auto one = bench.connect("one", {.expiry = 60});
  bench.subscribe(one, "$share/g/t");
  bench.subscribe(one, "$share/other/t");
  bench.publish(sensor, "t", "1", Qos::at_least_once);
  bench.publish(sensor, "t", "2", Qos::exactly_once);
  SessionState& state = *bench.broker.find(one);
  // All four copies are on their way to the first member, two of them by group g.
  for (std::uint16_t packet_id = 1; packet_id <= 4; ++packet_id)
    state.outgoing.start(packet_id, state.queue.pop(true));
  bench.publish(sensor, "t", "3", Qos::exactly_once);
  const auto two = bench.connect("two");
  bench.subscribe(two, "$share/g/t");
  bench.broker.disconnected(one, std::nullopt, bench.now);
  CHECK(bench.received(two) == Texts{"t=1/q1", "t=3/q2"});
  CHECK(state.outgoing.size() == 3);
  bench.advance(Seconds(60));  // the session ends
  CHECK(bench.received(two).empty());
}

TEST_CASE("In the mode single one copy carries all subscription identifiers") {
  Bench bench(BrokerOptions{.overlap = Overlap::single});
  const auto who = bench.connect("who");
  const auto peer = bench.connect("peer");
  bench.subscribe(who, "a/#", {.qos = Qos::at_least_once}, 5);
  bench.subscribe(peer, "a/b", {.qos = Qos::at_most_once}, 9);
  bench.subscribe(who, "a/b", {.qos = Qos::exactly_once}, 7);
  bench.publish(who, "a/b", "x", Qos::exactly_once);
  const SessionState& state = *bench.broker.find(who);
  REQUIRE(state.queue.size() == 1);
  const Delivery* delivery = state.queue.front(true);
  CHECK(delivery->qos == Qos::exactly_once);
  REQUIRE(delivery->further_identifiers);
  CHECK(delivery->subscription_identifier + delivery->further_identifiers->at(0) == 12);
  CHECK(bench.received(peer) == Texts{"a/b=x/q0#9"});
}

TEST_CASE("A topic or filter of more than two hundred separators is refused") {
  Bench bench;
  const auto who = bench.connect("who");
  const std::string deep(201, '/');
  CHECK(bench.subscribe(who, deep) == ReasonCode::topic_filter_invalid);
  CHECK(bench.publish(who, deep, "x").reason_code == ReasonCode::topic_name_invalid);
  CHECK(bench.subscribe(who, deep.substr(1)) == ReasonCode::granted_qos_2);
}

TEST_CASE("UNSUBSCRIBE ends a subscription and says when there was none (0x11) [MQTT-3.10.4-1]") {
  Bench bench;
  const auto who = bench.connect("who");
  bench.subscribe(who, "t");
  bench.subscribe(who, "$share/g/t");
  Unsubscribe unsubscribe;
  for (const char* filter : {"t", "$share/g/t", "t"})
    unsubscribe.filters.push_back(Bytes::copy(filter));
  CHECK(bench.broker.unsubscribe(who, unsubscribe).reason_codes ==
        std::vector{ReasonCode::success, ReasonCode::success, ReasonCode::no_subscription_existed});
  bench.publish(who, "t", "x");
  CHECK(bench.received(who).empty());
}

TEST_CASE("A full queue refuses the newest message to that client only, and tells once") {
  Bench bench;
  const auto sensor = bench.connect("sensor");
  const auto sleeper = bench.connect("sleeper", {.version = Version::v3_1_1, .clean_start = false});
  const auto awake = bench.connect("awake");
  bench.subscribe(sleeper, "t");
  bench.subscribe(awake, "t");
  bench.broker.disconnected(sleeper, Disconnect{}, bench.now);
  const std::size_t limit = bench.broker.options().queue.messages;
  for (std::size_t i = 0; i < limit + 3; ++i) {
    CHECK_FALSE(bench.publish(sensor, "t", std::to_string(i)).is_congested);
    CHECK(bench.received(awake).size() == 1);
  }
  CHECK(bench.broker.statistics().dropped == 3);
  CHECK(bench.broker.take_overflowed() == std::vector{sleeper});
  const Texts kept = bench.received(sleeper);
  CHECK(kept.size() == limit);
  CHECK(kept.front() == "t=0/q1");
}

TEST_CASE("Publishers are held back for a connected receiver that falls behind, but not for long") {
  Bench bench;
  const auto sensor = bench.connect("sensor");
  const auto slow = bench.connect("slow");
  bench.subscribe(slow, "t");
  const std::size_t mark = bench.broker.options().queue.messages / 2;
  for (std::size_t i = 0; i < mark; ++i) CHECK_FALSE(bench.publish(sensor, "t", "x").is_congested);
  CHECK(bench.publish(sensor, "t", "x").is_congested);
  bench.effects<effect::Wake>();

  SUBCASE("until it has drained") {
    bench.received(slow);
    CHECK(bench.effects<effect::ResumePublishers>().size() == 1);
    CHECK_FALSE(bench.publish(sensor, "t", "x").is_congested);
  }
  SUBCASE("until the patience with it has ended") {
    bench.advance(bench.broker.options().patience_online);
    CHECK(bench.effects<effect::ResumePublishers>().size() == 1);
    CHECK_FALSE(bench.publish(sensor, "t", "x").is_congested);
    bench.advance(Seconds(10));
    CHECK(bench.effects<effect::ResumePublishers>().empty());
  }
  SUBCASE("or, its connection lost, until it should have been back") {
    const auto lost = bench.connect("lost", {.expiry = 60});
    bench.subscribe(lost, "u");
    bench.broker.disconnected(lost, std::nullopt, bench.now);
    for (std::size_t i = 0; i < mark; ++i) bench.publish(sensor, "u", "x");
    CHECK(bench.publish(sensor, "u", "x").is_congested);
    bench.advance(bench.broker.options().patience_offline);
    CHECK_FALSE(bench.publish(sensor, "u", "x").is_congested);
  }
}
