#include "libmqtt/broker/mount_point.hpp"

#include <doctest/doctest.h>

#include "tests/broker/broker_bench.hpp"

using namespace mqtt;
using namespace mqtt::broker;

namespace {

const ListenerRules kHouse{.mount_point = "house"};
const ListenerRules kBarn{.mount_point = "barn/"};

ConnectWith under(const ListenerRules* listener, std::uint32_t expiry = 0) {
  return {.clean_start = expiry == 0, .expiry = expiry, .context = {.listener = listener}};
}

}  // namespace

TEST_CASE("A mount point is a topic of no server-side namespace, and ends with a slash") {
  CHECK(is_valid_mount_point("a/b"));
  CHECK(is_valid_mount_point("a/"));
  CHECK(is_valid_mount_point(""));
  for (const auto* text : {"a/#", "+", "$SYS/a", "\xFF"}) CHECK_FALSE(is_valid_mount_point(text));
  CHECK(completed_mount_point("a") == "a/");
  CHECK(completed_mount_point("a/") == "a/");
  CHECK(completed_mount_point("").empty());
}

TEST_CASE("Clients of a listener with a mount point live below it") {
  Bench bench;
  const SessionKey above = bench.connect("above");
  const SessionKey house = bench.connect("house", under(&kHouse));
  const SessionKey barn = bench.connect("barn", under(&kBarn));
  for (const SessionKey each : {above, house, barn}) bench.subscribe(each, "#");
  bench.publish(house, "lamp", "on");
  bench.publish(barn, "lamp", "off");
  bench.publish(above, "house/door", "open");
  CHECK(bench.received(above) ==
        Texts{"house/lamp=on/q1", "barn/lamp=off/q1", "house/door=open/q1"});
  CHECK(bench.received(house) == Texts{"house/lamp=on/q1", "house/door=open/q1"});
  CHECK(bench.received(barn) == Texts{"barn/lamp=off/q1"});
  CHECK(bench.broker.find(house)->topic_prefix == 6);  // the client sees what lies behind it
}

TEST_CASE("Retained messages, shared subscriptions, wills and rules are mounted as well") {
  Bench bench;
  bench.set_access("topic readwrite house/#\n");
  ConnectWith mortal = under(&kHouse);
  mortal.will = will_on("will");
  const SessionKey client = bench.connect("mortal", mortal);
  const SessionKey other = bench.connect("other", under(&kHouse));
  CHECK(bench.publish(client, "t", "1", Qos::at_least_once, true).reason_code ==
        ReasonCode::no_matching_subscribers);
  CHECK(bench.subscribe(other, "$share/g/will") == ReasonCode::granted_qos_2);
  bench.subscribe(other, "t");
  bench.broker.disconnected(client, {}, bench.now);
  CHECK(bench.received(other) == Texts{"house/t=1/q1r", "house/will=gone/q0"});
  const SessionKey barn = bench.connect("barn", under(&kBarn));
  CHECK(bench.publish(barn, "t", "2").reason_code == ReasonCode::not_authorized);
  CHECK(bench.subscribe(barn, "#") == ReasonCode::not_authorized);
  Unsubscribe unsubscribe;
  unsubscribe.filters = {Bytes::copy("t"), Bytes::copy("$share/g/will")};
  CHECK(bench.broker.unsubscribe(other, unsubscribe).reason_codes ==
        std::vector{ReasonCode::success, ReasonCode::success});
  CHECK(bench.broker.subscriptions() == 0);
}

TEST_CASE("Below a mount point a wildcard leaves $ topics alone too [MQTT-4.7.2-1]") {
  Bench bench;
  const SessionKey wide = bench.connect("wide", under(&kHouse));
  const SessionKey exact = bench.connect("exact", under(&kHouse));
  bench.subscribe(wide, "#");
  bench.subscribe(exact, "$own/#");
  CHECK(bench.publish(wide, "$own/t", "x").reason_code == ReasonCode::success);
  CHECK(bench.publish(wide, "$SYS/t", "x").reason_code == ReasonCode::not_authorized);
  CHECK(bench.received(wide).empty());
  CHECK(bench.received(exact) == Texts{"house/$own/t=x/q1"});
}

TEST_CASE("A session is not taken along to another mount point") {
  Bench bench;
  const SessionKey client = bench.connect("c", under(&kHouse, 60));
  bench.subscribe(client, "#");
  bench.broker.disconnected(client, {}, bench.now);
  bench.publish(bench.connect("p", under(&kHouse)), "t", "x");
  bench.connect("c", under(&kBarn, 60));
  CHECK_FALSE(bench.session_present);
  CHECK(bench.broker.subscriptions() == 0);
  CHECK(bench.received(client).empty());
}

TEST_CASE("A topic that its mount point makes too long or too deep is refused") {
  Bench bench;
  const SessionKey client = bench.connect("c", under(&kHouse));
  const std::string longest(65'535, 'a');
  CHECK(bench.publish(client, longest, "x").reason_code == ReasonCode::topic_name_invalid);
  CHECK(bench.subscribe(client, longest) == ReasonCode::topic_filter_invalid);
  const std::string deep(200, '/');
  CHECK(bench.publish(client, deep, "x").reason_code == ReasonCode::topic_name_invalid);
  CHECK(bench.publish(bench.connect("d"), deep, "x").reason_code ==
        ReasonCode::no_matching_subscribers);
}
