#include <doctest/doctest.h>

#include "tests/broker/broker_bench.hpp"

using namespace mqtt;
using namespace mqtt::broker;

namespace {

constexpr auto kQos0 = Qos::at_most_once;
constexpr auto kQos1 = Qos::at_least_once;

Connect connect_of(std::string_view client_id) {
  Connect connect;
  connect.client_id = Bytes::copy(client_id);
  return connect;
}

/// An offline session with a subscription to everything.
SessionKey sleeper(Bench& bench) {
  const SessionKey key = bench.connect("sleeper", {.clean_start = false, .expiry = 60});
  bench.subscribe(key, "#");
  bench.broker.disconnected(key, Disconnect{}, bench.now);
  return key;
}

}  // namespace

TEST_CASE("No more clients than allowed have a session; one that has one comes back") {
  Bench bench({.maximum_clients = 2});
  const SessionKey first = bench.connect("a", {.expiry = 60});
  bench.connect("b");
  const auto refused = bench.broker.connect(connect_of("c"), bench.now);
  CHECK(refused.session == nullptr);
  CHECK(refused.connack.reason_code == ReasonCode::quota_exceeded);
  CHECK(bench.broker.statistics().refusals.too_many_clients == 1);
  bench.broker.disconnected(first, Disconnect{}, bench.now);
  CHECK(bench.broker.connect(connect_of("c"), bench.now).session == nullptr);
  bench.connect("a", {.clean_start = false});
  CHECK(bench.session_present);
  bench.broker.disconnected(first, Disconnect{}, bench.now);
  bench.connect("c");
}

TEST_CASE("A payload above the limit is answered with 0x83 and goes nowhere, also as a will") {
  Bench bench({.maximum_payload = 3});
  const SessionKey reader = bench.connect("r");
  bench.subscribe(reader, "#");
  const SessionKey writer = bench.connect("w", {.will = will_on("will")});
  CHECK(bench.publish(writer, "t", "1234", kQos1, true).reason_code ==
        ReasonCode::implementation_specific_error);
  CHECK(bench.publish(writer, "t", "123").reason_code == ReasonCode::success);
  bench.broker.disconnected(writer, {}, bench.now);  // its will says "gone"
  CHECK(bench.received(reader) == Texts{"t=123/q1"});
  CHECK(bench.broker.retained_messages() == 0);
  CHECK(bench.broker.statistics().refusals.payload_too_large == 2);
}

TEST_CASE("Sessions are kept no longer than allowed; 5.0 clients are told") {
  Bench bench({.maximum_session_expiry = Seconds(60)});
  const SessionKey five = bench.connect("five", {.expiry = SessionState::kNoExpiry});
  CHECK(bench.announced.find(property::session_expiry_interval) == 60);
  bench.connect("short", {.expiry = 59});
  CHECK_FALSE(bench.announced.find(property::session_expiry_interval));
  const SessionKey old = bench.connect("old", {.version = Version::v3_1_1, .clean_start = false});
  CHECK(bench.announced.empty());
  bench.broker.disconnected(old, Disconnect{}, bench.now);
  Disconnect longer;
  longer.properties = PropertiesBuilder().add(property::session_expiry_interval, 3600).build();
  bench.broker.disconnected(five, longer, bench.now);
  bench.advance(Seconds(59));
  CHECK(bench.broker.sessions() == 3);
  bench.advance(Seconds(1));
  CHECK(bench.broker.sessions() == 1);
  CHECK(bench.broker.statistics().clients_expired == 2);
}

TEST_CASE("QoS 0 messages wait for an offline session only when told to, and count then") {
  for (const bool waits : {false, true}) {
    Bench bench({.queue = {.messages = 3}, .queue_qos0_messages = waits});
    const SessionKey reader = sleeper(bench);
    const SessionKey writer = bench.connect("w");
    for (const auto* payload : {"1", "2", "3", "4"}) bench.publish(writer, "t", payload, kQos0);
    CHECK(bench.received(reader) == (waits ? Texts{"t=1/q0", "t=2/q0", "t=3/q0"} : Texts{}));
  }
}

TEST_CASE("Without limits a queue takes everything") {
  Bench bench({.queue = {.messages = 0, .bytes = 0}});
  const SessionKey reader = sleeper(bench);
  const SessionKey writer = bench.connect("w");
  for (int i = 0; i < 3000; ++i)
    CHECK_FALSE(bench.publish(writer, "t", std::string(4000, 'x')).is_congested);
  CHECK(bench.received(reader).size() == 3000);
}

TEST_CASE("Outgoing messages may be given the QoS of their subscription") {
  Bench bench({.upgrade_outgoing_qos = true});
  const SessionKey reader = bench.connect("r");
  bench.publish(reader, "kept", "x", kQos0, true);
  bench.subscribe(reader, "#", {.qos = kQos1});
  bench.publish(reader, "t", "y", kQos0);
  bench.publish(reader, "t", "z", Qos::exactly_once);
  CHECK(bench.received(reader) == Texts{"kept=x/q1r", "t=y/q1", "t=z/q1"});
}

TEST_CASE("One client makes the server hold no more memory than allowed") {
  Bench bench({.memory_per_client = 20'000});
  const ServerLimits limits = bench.broker.limits_of(nullptr);
  CHECK(limits.maximum_packet_size == 10'000);  // half is for what it sends
  CHECK(limits_of({.memory_per_client = 1}, nullptr).maximum_packet_size == 1'024);
  const SessionKey reader = bench.connect("r");
  CHECK(bench.announced.find(property::maximum_packet_size) == 10'000);
  bench.subscribe(reader, "#");
  const SessionKey writer = bench.connect("w");
  for (int i = 0; i < 10; ++i) bench.publish(writer, "t", std::string(2'000, 'x'));
  SessionState& state = *bench.broker.find(reader);
  CHECK(state.queue.size() == 4);
  CHECK(bench.broker.statistics().refusals.memory_per_client == 6);
  Delivery sent = state.queue.pop(true);
  state.outgoing.start(1, std::move(sent));
  bench.publish(writer, "t", std::string(2'000, 'x'));  // what is in flight is held as well
  CHECK(state.queue.size() == 3);
}

TEST_CASE("What a listener says goes before what the broker says") {
  Bench bench({.limits = {.maximum_qos = kQos1}});
  const ListenerRules rules{.accepted_versions = {Version::v5_0},
                            .maximum_qos = kQos0,
                            .topic_alias_maximum = 3,
                            .outgoing_aliases = 4,
                            .auto_id_prefix = "door-"};
  const ServerLimits limits = bench.broker.limits_of(&rules);
  CHECK(limits.maximum_qos == kQos0);
  CHECK(limits.topic_alias_maximum == 3);
  CHECK(limits.outgoing_aliases == 4);
  const SessionKey client = bench.connect("", {.context = {.listener = &rules}});
  CHECK(bench.announced.find(property::maximum_qos) == 0);
  CHECK(bench.announced.find(property::topic_alias_maximum) == 3);
  const auto assigned = bench.announced.find(property::assigned_client_identifier);
  REQUIRE(assigned);
  CHECK(assigned->view().starts_with("door-"));
  CHECK(bench.subscribe(client, "t") == ReasonCode::success);  // granted QoS 0
  const ListenerRules generous{.maximum_qos = Qos::exactly_once};
  CHECK(bench.broker.limits_of(&generous).maximum_qos == kQos1);

  Connect old = connect_of("old");
  old.version = Version::v3_1_1;
  const auto refused = bench.broker.connect(old, {.listener = &rules}, bench.now);
  CHECK(refused.connack.reason_code == ReasonCode::unsupported_protocol_version);
  CHECK(bench.broker.statistics().refusals.protocol_version == 1);
}

TEST_CASE("Clients may have to bring their id [MQTT-3.1.3-8]") {
  Bench bench({.allow_zero_length_client_id = false});
  for (const Version version : {Version::v3_1_1, Version::v5_0}) {
    Connect connect = connect_of("");
    connect.version = version;
    const ListenerRules open{.allow_zero_length_client_id = true};
    CHECK(bench.broker.connect(connect, bench.now).connack.reason_code ==
          ReasonCode::client_identifier_not_valid);
    CHECK(bench.broker.connect(connect, {.listener = &open}, bench.now).session != nullptr);
  }
  CHECK(bench.broker.statistics().refusals.client_id == 2);
}

TEST_CASE("A successful enhanced authentication stands in the CONNACK; any other is refused") {
  Bench bench;
  Connect connect = connect_of("c");
  connect.properties =
      PropertiesBuilder().add(property::authentication_method, "SCRAM-SHA-256").build();
  CHECK(bench.broker.connect(connect, bench.now).connack.reason_code ==
        ReasonCode::bad_authentication_method);
  const auto answer =
      bench.broker.connect(connect, {.authentication = connect.properties}, bench.now);
  REQUIRE(answer.session != nullptr);
  const auto method = answer.connack.properties.find(property::authentication_method);
  REQUIRE(method);
  CHECK(method->view() == "SCRAM-SHA-256");
}

TEST_CASE("Expired retained messages go without being asked for, a bounded number at a time") {
  Bench bench;
  const SessionKey writer = bench.connect("w");
  const auto expiring = [&](std::string_view topic, std::uint32_t seconds) {
    Publish publish;
    publish.topic = Bytes::copy(topic);
    publish.payload = Bytes::copy("x");
    publish.retain = true;
    publish.properties =
        PropertiesBuilder().add(property::message_expiry_interval, seconds).build();
    bench.broker.publish(writer, std::move(publish), bench.now);
  };
  CHECK_FALSE(bench.broker.deadline());
  for (int i = 0; i < 2500; ++i) expiring("t/" + std::to_string(i), 10);
  expiring("later", 20);
  bench.publish(writer, "kept", "x", kQos0, true);
  CHECK(bench.broker.deadline() == bench.now + Seconds(10));
  bench.advance(Seconds(10));
  CHECK(bench.broker.retained_messages() == 1502);
  CHECK(bench.broker.deadline() <= bench.now);
  bench.advance(Seconds(0));
  bench.advance(Seconds(0));
  CHECK(bench.broker.retained_messages() == 2);
  bench.advance(Seconds(10));
  CHECK(bench.broker.retained_messages() == 1);
  CHECK_FALSE(bench.broker.deadline());
}

TEST_CASE("Statistics tell what a broker holds") {
  Bench bench;
  const SessionKey reader = sleeper(bench);
  const SessionKey writer = bench.connect("w");
  bench.connect("w");  // taken over: still one
  bench.publish(writer, "t", "x", kQos1, true);
  const BrokerStatistics now = bench.broker.statistics();
  CHECK(now.connects == 3);
  CHECK(now.clients_connected == 1);
  CHECK(now.clients_disconnected == 1);
  CHECK(now.clients_total() == 2);
  CHECK(now.clients_maximum == 1);
  CHECK(now.subscriptions == 1);
  CHECK(now.shared_subscriptions == 0);
  CHECK(now.retained_messages == 1);
  CHECK(now.queued_messages == 1);
  CHECK(now.queued_bytes == bench.broker.find(reader)->queue.bytes());
  CHECK(now.stored_messages() == 2);
  CHECK(now.published == 1);
  CHECK(now.delivered == 1);
}
