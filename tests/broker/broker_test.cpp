#include <doctest/doctest.h>

#include <algorithm>

#include "tests/broker/broker_bench.hpp"

using namespace mqtt;
using namespace mqtt::broker;

TEST_CASE(
    "A session outlives its connection as long as its expiry says, with what it missed "
    "[MQTT-3.1.2-23]") {
  Bench bench;
  const auto sensor = bench.connect("sensor");
  const auto who = bench.connect("who", {.clean_start = false, .expiry = 60});
  CHECK_FALSE(bench.session_present);
  bench.subscribe(who, "t");
  bench.broker.disconnected(who, Disconnect{}, bench.now);
  bench.publish(sensor, "t", "q0", Qos::at_most_once);
  bench.publish(sensor, "t", "q1");
  bench.advance(Seconds(59));
  CHECK(bench.connect("who", {.clean_start = false, .expiry = 60}) == who);
  CHECK(bench.session_present);
  CHECK(bench.received(who) == Texts{"t=q1/q1"});
  bench.broker.disconnected(who, Disconnect{}, bench.now);
  bench.advance(Seconds(60));
  CHECK(bench.broker.find(who) == nullptr);
  CHECK(bench.broker.subscriptions() == 0);
  bench.connect("who", {.clean_start = false});
  CHECK_FALSE(bench.session_present);
}

TEST_CASE("A DISCONNECT may change the session's expiry") {
  Bench bench;
  const auto who = bench.connect("who", {.expiry = 60});
  Disconnect disconnect;
  disconnect.properties = PropertiesBuilder().add(property::session_expiry_interval, 5).build();
  bench.broker.disconnected(who, disconnect, bench.now);
  bench.advance(Seconds(5));
  CHECK(bench.broker.find(who) == nullptr);
}

TEST_CASE(
    "In 3.1.1 the session of clean_session 0 stays, that of clean_session 1 ends with its "
    "connection") {
  Bench bench;
  const auto stays = bench.connect("stays", {.version = Version::v3_1_1, .clean_start = false});
  const auto ends = bench.connect("ends", {.version = Version::v3_1_1, .clean_start = true});
  bench.broker.disconnected(stays, std::nullopt, bench.now);
  bench.broker.disconnected(ends, std::nullopt, bench.now);
  bench.advance(std::chrono::hours(24 * 365));
  CHECK(bench.broker.find(stays) != nullptr);
  CHECK(bench.broker.find(ends) == nullptr);
}

TEST_CASE("Clean Start forgets subscriptions and messages [MQTT-3.1.2-4]") {
  Bench bench;
  const auto who = bench.connect("who", {.expiry = 60});
  bench.subscribe(who, "t");
  bench.publish(who, "t", "x");
  bench.connect("who", {.clean_start = true, .expiry = 60});
  CHECK_FALSE(bench.session_present);
  CHECK(bench.broker.subscriptions() == 0);
  CHECK(bench.received(who).empty());
}

TEST_CASE("A second connection of a client ends the first with 0x8E [MQTT-3.1.4-3]") {
  Bench bench;
  const auto who = bench.connect("who");
  bench.effects<effect::Wake>();
  bench.connect("who");
  const auto ends = bench.effects<effect::Disconnect>();
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].session == who);
  CHECK(ends[0].reason_code == ReasonCode::session_taken_over);
}

TEST_CASE(
    "The will is published when the connection is lost, not after DISCONNECT [MQTT-3.1.2-8, "
    "3.14.4-3]") {
  Bench bench;
  const auto watcher = bench.connect("watcher");
  bench.subscribe(watcher, "will/#");
  bench.broker.disconnected(bench.connect("lost", {.will = will_on("will/lost")}), std::nullopt,
                            bench.now);
  bench.broker.disconnected(bench.connect("clean", {.will = will_on("will/clean")}), Disconnect{},
                            bench.now);
  bench.broker.disconnected(bench.connect("asked", {.will = will_on("will/asked")}),
                            Disconnect{ReasonCode::disconnect_with_will_message, {}}, bench.now);
  CHECK(bench.received(watcher) == Texts{"will/lost=gone/q0", "will/asked=gone/q0"});
}

TEST_CASE(
    "A delayed will waits, is cancelled by a return, and comes at the latest with the session's "
    "end [MQTT-3.1.3-9]") {
  Bench bench;
  const auto watcher = bench.connect("watcher");
  bench.subscribe(watcher, "will");
  const ConnectWith with{.clean_start = false, .expiry = 20, .will = will_on("will", 10)};
  bench.broker.disconnected(bench.connect("c", with), std::nullopt, bench.now);
  bench.advance(Seconds(9));
  CHECK(bench.received(watcher).empty());
  const auto back = bench.connect("c", with);
  bench.advance(Seconds(30));
  CHECK(bench.received(watcher).empty());
  bench.broker.disconnected(back, std::nullopt, bench.now);
  bench.advance(Seconds(10));
  CHECK(bench.received(watcher) == Texts{"will=gone/q0"});
  bench.broker.disconnected(bench.connect("d", {.expiry = 5, .will = will_on("will", 10)}),
                            std::nullopt, bench.now);
  bench.advance(Seconds(5));
  CHECK(bench.received(watcher) == Texts{"will=gone/q0"});
}

TEST_CASE(
    "A takeover publishes the old connection's will unless it is delayed and the session goes on") {
  Bench bench;
  const auto watcher = bench.connect("watcher");
  bench.subscribe(watcher, "will");
  bench.connect("c", {.expiry = 60, .will = will_on("will")});
  bench.connect("c", {.clean_start = false, .expiry = 60, .will = will_on("will", 10)});
  CHECK(bench.received(watcher) == Texts{"will=gone/q0"});
  bench.connect("c", {.clean_start = false, .expiry = 60, .will = will_on("will", 10)});
  CHECK(bench.received(watcher).empty());
  bench.connect("c", {.clean_start = true});
  CHECK(bench.received(watcher) == Texts{"will=gone/q0"});
}

TEST_CASE("A session without expiry is over when its connection is taken over, will and all") {
  Bench bench;
  const auto watcher = bench.connect("watcher");
  bench.subscribe(watcher, "#");
  const auto first = bench.connect("a", {.will = will_on("a/gone", 60)});
  bench.subscribe(first, "x");
  bench.connect("a", {.clean_start = false, .expiry = 60});
  CHECK_FALSE(bench.session_present);
  CHECK(bench.broker.subscriptions() == 1);
  CHECK(bench.received(watcher) == Texts{"a/gone=gone/q0"});
}

TEST_CASE("What is overdue when the client returns has happened, ticked or not") {
  Bench bench;
  const auto session = bench.connect("a", {.expiry = 10});
  bench.broker.disconnected(session, std::nullopt, bench.now);
  bench.now += Seconds(10);
  bench.connect("a", {.clean_start = false});
  CHECK_FALSE(bench.session_present);
}

TEST_CASE(
    "A client without an id gets one: unique, announced in 5.0; refused in 3.1.1 when it wants a "
    "session [MQTT-3.1.3-8]") {
  Bench bench;
  Connect connect;
  connect.version = Version::v5_0;
  const auto one = bench.broker.connect(connect, bench.now);
  const auto two = bench.broker.connect(connect, bench.now);
  const auto id = one.connack.properties.find(property::assigned_client_identifier);
  REQUIRE(id);
  CHECK(id->view().starts_with("auto-"));
  CHECK(id->size() == 5 + 36);
  CHECK(one.session != two.session);
  connect.version = Version::v3_1_1;
  connect.clean_start = false;
  const auto refused = bench.broker.connect(connect, bench.now);
  CHECK(refused.session == nullptr);
  CHECK(refused.connack.reason_code == ReasonCode::client_identifier_not_valid);
}

TEST_CASE(
    "An authentication method that the server does not have is refused with 0x8C [MQTT-4.12.0-1]") {
  Bench bench;
  Connect connect;
  connect.properties = PropertiesBuilder().add(property::authentication_method, "X").build();
  CHECK(bench.broker.connect(connect, bench.now).connack.reason_code ==
        ReasonCode::bad_authentication_method);
}

TEST_CASE("Reconnecting often leaves no timers behind") {
  Bench bench;
  for (int i = 0; i < 1000; ++i)
    bench.broker.disconnected(bench.connect("c", {.clean_start = false, .expiry = 3600}),
                              std::nullopt, bench.now);
  bench.advance(Seconds(3600));
  CHECK(bench.broker.sessions() == 0);
  CHECK_FALSE(bench.broker.deadline());
}
