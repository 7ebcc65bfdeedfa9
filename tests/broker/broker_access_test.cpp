#include <doctest/doctest.h>

#include "tests/broker/broker_bench.hpp"

using namespace mqtt;
using namespace mqtt::broker;

namespace {

constexpr auto kDenied = ReasonCode::not_authorized;
constexpr std::string_view kHouse =
    "user anna\n"
    "topic readwrite house/#\n"
    "user bert\n"
    "topic read house/cellar/#\n"
    "pattern write report/%u/%c\n";

ConnectWith as(std::string_view username, std::uint32_t expiry = 0) {
  return {
      .clean_start = expiry == 0, .expiry = expiry, .context = {.username = std::string(username)}};
}

/// Sends the session's next message: it is in flight from now on.
void start_flight(SessionState& state) {
  Delivery delivery = state.queue.pop(true);
  state.outgoing.start(*state.packet_ids.allocate(), std::move(delivery));
}

}  // namespace

TEST_CASE("A message that its client may not publish goes nowhere and is told with 0x87") {
  Bench bench;
  bench.set_access(kHouse);
  const SessionKey anna = bench.connect("a", as("anna"));
  const SessionKey bert = bench.connect("b", as("bert"));
  CHECK(bench.subscribe(anna, "#") == ReasonCode::granted_qos_2);
  CHECK(bench.publish(bert, "house/cellar/lamp", "on").reason_code == kDenied);
  CHECK(bench.publish(bert, "report/bert/b", "x", Qos::at_least_once, true).reason_code ==
        ReasonCode::no_matching_subscribers);  // anna may not read it
  CHECK(bench.publish(bert, "report/bert/other", "x").reason_code == kDenied);
  CHECK(bench.publish(anna, "house/lamp", "1").reason_code == ReasonCode::success);
  CHECK(bench.received(anna) == Texts{"house/lamp=1/q1"});
  CHECK(bench.broker.retained_messages() == 1);
  CHECK(bench.broker.statistics().refusals.publish_not_authorized == 2);
  CHECK(bench.broker.statistics().refusals.read_not_authorized == 1);
}

TEST_CASE("Nobody publishes into $SYS and $share, rules or no rules") {
  Bench bench;
  const SessionKey client = bench.connect("c");
  bench.subscribe(client, "$SYS/#");
  for (const auto* topic : {"$SYS", "$SYS/broker/uptime", "$share/g/t"})
    CHECK(bench.publish(client, topic, "x").reason_code == kDenied);
  bench.set_access("topic readwrite $SYS/#\n");
  CHECK(bench.publish(client, "$SYS/a", "x", Qos::at_most_once, true).reason_code == kDenied);
  CHECK(bench.broker.retained_messages() == 0);
  CHECK(bench.received(client).empty());
}

TEST_CASE("A subscription that can't bring anything is refused with 0x87, a shared one as well") {
  Bench bench;
  bench.set_access(kHouse);
  const SessionKey bert = bench.connect("b", as("bert"));
  CHECK(bench.subscribe(bert, "garden/#") == kDenied);
  CHECK(bench.subscribe(bert, "$share/g/garden/#") == kDenied);
  CHECK(bench.subscribe(bert, "$SYS/#") == kDenied);
  CHECK(bench.subscribe(bert, "$share/g/house/+/lamp") == ReasonCode::granted_qos_2);
  CHECK(bench.subscribe(bert, "#") == ReasonCode::granted_qos_2);
  CHECK(bench.broker.subscriptions() == 2);
  CHECK(bench.broker.statistics().shared_subscriptions == 1);
  CHECK(bench.broker.statistics().refusals.subscribe_not_authorized == 3);
}

TEST_CASE("A wider subscription than the rules brings what they allow, retained messages too") {
  Bench bench;
  bench.set_access(kHouse);
  const SessionKey anna = bench.connect("a", as("anna"));
  for (const auto* topic : {"house/attic/lamp", "house/cellar/lamp"})
    bench.publish(anna, topic, "on", Qos::at_least_once, true);
  const SessionKey bert = bench.connect("b", as("bert"));
  bench.subscribe(bert, "#");
  CHECK(bench.received(bert) == Texts{"house/cellar/lamp=on/q1r"});
  bench.publish(anna, "house/attic/lamp", "off");
  bench.publish(anna, "house/cellar/lamp", "off");
  CHECK(bench.received(bert) == Texts{"house/cellar/lamp=off/q1"});
}

TEST_CASE("A shared message goes to a member that may read it") {
  Bench bench;
  bench.set_access(kHouse);
  const SessionKey anna = bench.connect("a", as("anna"));
  const SessionKey bert = bench.connect("b", as("bert"));
  bench.subscribe(anna, "$share/g/house/#");
  bench.subscribe(bert, "$share/g/house/#");
  for (int i = 0; i < 4; ++i) bench.publish(anna, "house/attic", "x");
  CHECK(bench.received(anna).size() == 4);
  CHECK(bench.received(bert).empty());
}

TEST_CASE("What waits for a client is dropped when the right to read it is revoked") {
  Bench bench;
  bench.set_access(kHouse);
  const SessionKey anna = bench.connect("a", as("anna"));
  const SessionKey bert = bench.connect("b", as("bert", 60));
  bench.subscribe(bert, "#");
  bench.broker.disconnected(bert, {}, bench.now);
  bench.publish(anna, "house/cellar/lamp", "1");
  bench.publish(anna, "house/cellar/door", "2");
  bench.set_access("user anna\ntopic readwrite #\nuser bert\ntopic read house/cellar/door\n");
  bench.connect("b", as("bert", 60));
  CHECK(bench.session_present);
  CHECK(bench.received(bert) == Texts{"house/cellar/door=2/q1"});
  bench.publish(anna, "house/cellar/lamp", "3");
  CHECK(bench.received(bert).empty());
}

TEST_CASE("What is in flight is not sent again when the right to read it was revoked") {
  Bench bench;
  bench.set_access(kHouse);
  const SessionKey anna = bench.connect("a", as("anna"));
  const SessionKey bert = bench.connect("b", as("bert", 60));
  SessionState& state = *bench.broker.find(bert);
  bench.subscribe(bert, "#");
  bench.publish(anna, "house/cellar/once", "1", Qos::at_least_once);
  bench.publish(anna, "house/cellar/twice", "2", Qos::exactly_once);
  start_flight(state);
  start_flight(state);

  bench.set_access("user bert\ntopic read other\n");
  CHECK(state.outgoing.size() == 2);  // a connected client still answers
  CHECK(state.outgoing.flight(2)->stage == OutgoingFlights::Stage::pubrel_sent);
  CHECK_FALSE(state.outgoing.flight(2)->delivery.message);
  state.connection_lost();
  bench.broker.disconnected(bert, {}, bench.now);
  bench.connect("b", as("bert", 60));
  CHECK(state.outgoing.size() == 1);  // of the QoS 2 message the client forgets its identifier
  const auto* due = state.outgoing.next_resend();
  REQUIRE(due != nullptr);
  CHECK(due->packet_id == 2);
  CHECK(due->stage == OutgoingFlights::Stage::pubrel_sent);
  CHECK(state.outgoing.bytes() == 0);
}

TEST_CASE("A client that comes back as another user gets what that one may read") {
  Bench bench;
  bench.set_access(kHouse);
  const SessionKey anna = bench.connect("a", as("anna"));
  const SessionKey shared = bench.connect("s", as("anna", 60));
  bench.subscribe(shared, "#");
  bench.broker.disconnected(shared, {}, bench.now);
  bench.publish(anna, "house/attic", "1");
  bench.publish(anna, "house/cellar", "2");
  bench.connect("s", as("bert", 60));
  CHECK(bench.session_present);
  CHECK(bench.received(shared) == Texts{"house/cellar=2/q1"});
}

TEST_CASE("A will obeys the rules of the time when it is published") {
  Bench bench;
  bench.set_access(kHouse);
  const SessionKey anna = bench.connect("a", as("anna"));
  bench.subscribe(anna, "house/#");
  const auto mortal = [&](std::string_view username) {
    return ConnectWith{.will = will_on("house/will"),
                       .context = {.username = std::string(username)}};
  };
  bench.broker.disconnected(bench.connect("m1", mortal("anna")), {}, bench.now);
  CHECK(bench.received(anna) == Texts{"house/will=gone/q0"});
  bench.broker.disconnected(bench.connect("m2", mortal("bert")), {}, bench.now);
  const SessionKey late = bench.connect("m3", mortal("anna"));
  bench.set_access("user anna\ntopic read house/#\n");
  bench.broker.disconnected(late, {}, bench.now);
  CHECK(bench.received(anna).empty());
}

TEST_CASE("A retained message isn't sent once its publisher may not write there any more") {
  for (const bool checks : {true, false}) {
    Bench bench({.check_retain_source = checks});
    bench.set_access("user anna\ntopic readwrite #\nuser bert\ntopic readwrite #\n");
    const SessionKey bert = bench.connect("b", as("bert"));
    bench.publish(bert, "t", "x", Qos::at_least_once, true);
    bench.broker.disconnected(bert, {}, bench.now);
    const SessionKey anna = bench.connect("a", as("anna"));
    bench.set_access("user anna\ntopic readwrite #\nuser bert\ntopic read #\n");
    bench.subscribe(anna, "t");
    CHECK(bench.received(anna) == (checks ? Texts{} : Texts{"t=x/q1r"}));
  }
}

TEST_CASE("Scopes have rules of their own; one that was never set allows everything") {
  Bench bench;
  bench.set_access("", 1);
  const SessionKey inside = bench.connect("in", {.context = {.access = 0}});
  const SessionKey outside = bench.connect("out", {.context = {.access = 1}});
  const SessionKey beyond = bench.connect("far", {.context = {.access = 9}});
  CHECK(bench.subscribe(inside, "#") == ReasonCode::granted_qos_2);
  CHECK(bench.subscribe(outside, "#") == kDenied);
  CHECK(bench.publish(outside, "t", "x").reason_code == kDenied);
  CHECK(bench.publish(beyond, "t", "x").reason_code == ReasonCode::success);
  bench.broker.replace_access(1, nullptr);
  CHECK(bench.subscribe(outside, "#") == ReasonCode::granted_qos_2);
}

TEST_CASE("The server's own messages need no right to be published, but one to be read") {
  Bench bench;
  const SessionKey open = bench.connect("open");
  bench.subscribe(open, "$SYS/#");
  bench.set_access("", 1);
  const SessionKey closed = bench.connect("closed", {.context = {.access = 1}});
  CHECK(bench.subscribe(closed, "$SYS/#") == kDenied);
  bench.broker.publish_from_server("$SYS/broker/uptime", "7", true, bench.now);
  CHECK(bench.received(open) == Texts{"$SYS/broker/uptime=7/q0"});
  const SessionKey late = bench.connect("late");
  bench.subscribe(late, "$SYS/+/uptime");
  CHECK(bench.received(late) == Texts{"$SYS/broker/uptime=7/q0r"});
  bench.broker.publish_from_server("$SYS/broker/uptime", "", true, bench.now);
  CHECK(bench.broker.retained_messages() == 0);
}
