#include "libmqtt/session/client_outbox.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "tests/session/client_bench.hpp"

using namespace mqtt;
using namespace mqtt::test;
using namespace mqtt::client_event;

namespace {

constexpr auto kQos0 = Qos::at_most_once;
constexpr auto kQos1 = Qos::at_least_once;
constexpr auto kQos2 = Qos::exactly_once;

ClientSessionOptions lasting(Version version) {
  auto options = client_options(version);
  options.connect.clean_start = false;
  return options;
}

ClientUnderTest online(const ClientSessionOptions& options, std::string_view connack) {
  ClientUnderTest client(options);
  client.go_online(connack);
  client.expect<Connected>();
  return client;
}

ClientUnderTest online(Version version) {
  return online(lasting(version), version == Version::v5_0 ? "20 [00 00 []]" : "20 [00 00]");
}

void reconnect(ClientUnderTest& client, std::string_view connack) {
  client.disconnect();
  client.go_online(connack);
}

/// A PublishFinished must come for this token; its reason.
ReasonCode finished(ClientUnderTest& client, std::uint64_t token) {
  const auto event = client.expect<PublishFinished>();
  CHECK(event.token == token);
  return event.reason_code;
}

}  // namespace

TEST_CASE("A QoS 0 message has finished when its last byte is written, and not before") {
  auto client = online(Version::v3_1_1);
  const auto first = client.publish(kQos0);
  const auto second = client.publish(kQos0, "t", "y");
  CHECK(client.session().unfinished() == 2);
  CHECK(client.session().waiting() == 0);
  CHECK(client.sent(5) == hex("30 04 00 01 74"));
  CHECK(client.is_quiet());
  CHECK(client.sent(2) == hex("'x' 30"));
  CHECK(finished(client, first) == ReasonCode::success);
  CHECK(client.is_quiet());
  client.sent();
  CHECK(finished(client, second) == ReasonCode::success);
  CHECK(client.session().unfinished() == 0);
}

TEST_CASE("QoS 0 messages that were not written whole go out again on the next connection") {
  auto client = online(Version::v3_1_1);
  const auto first = client.publish(kQos0, "t", "1");
  const auto second = client.publish(kQos0, "t", "2");
  const auto third = client.publish(kQos0, "t", "3");
  client.sent(11);
  CHECK(finished(client, first) == ReasonCode::success);
  client.disconnect();
  CHECK(client.session().waiting() == 2);
  CHECK(client.sent().empty());
  const auto fourth = client.publish(kQos0, "t", "4");
  client.go_online("20 [00 00]");
  client.expect<Connected>();
  CHECK(client.sent() == hex("30 [('t') '2'] 30 [('t') '3'] 30 [('t') '4']"));
  for (const auto token : {second, third, fourth})
    CHECK(finished(client, token) == ReasonCode::success);
  CHECK(client.is_quiet());
}

TEST_CASE("A QoS 1 message finishes with PUBACK and its reason [MQTT-4.3.2-3]") {
  auto client = online(Version::v5_0);
  const auto first = client.publish(kQos1);
  const auto second = client.publish(kQos1);
  CHECK(client.sent() == hex("32 [('t') 0001 [] 'x'] 32 [('t') 0002 [] 'x']"));
  CHECK(client.is_quiet());
  client.receive("40 [0002 10] 40 [0001 87 [1F ('no')]]");
  CHECK(finished(client, second) == ReasonCode::no_matching_subscribers);
  const auto refused = client.expect<PublishFinished>();
  CHECK(refused.token == first);
  CHECK(refused.reason_code == ReasonCode::not_authorized);
  CHECK(refused.reason_string.view() == "no");
  client.receive("40 [0001] 40 [0009]");
  CHECK(client.is_quiet());
}

TEST_CASE("A QoS 2 message goes by PUBREC and PUBREL to PUBCOMP [MQTT-4.3.3-4]") {
  auto client = online(Version::v3_1_1);
  const auto token = client.publish(kQos2);
  CHECK(client.sent() == hex("34 [('t') 0001 'x']"));
  client.receive("50 [0001]");
  CHECK(client.sent() == hex("62 [0001]"));
  CHECK(client.is_quiet());
  client.receive("50 [0001]");
  CHECK(client.sent() == hex("62 [0001]"));
  client.receive("70 [0001]");
  CHECK(finished(client, token) == ReasonCode::success);
  client.receive("50 [0001] 70 [0001]");
  CHECK(client.sent() == hex("62 [0001]"));
  CHECK(client.is_quiet());
}

TEST_CASE("PUBREC with a failure finishes a QoS 2 message; one of an unknown id is answered 0x92") {
  auto client = online(Version::v5_0);
  const auto token = client.publish(kQos2);
  client.sent();
  client.receive("50 [0001 97]");
  CHECK(finished(client, token) == ReasonCode::quota_exceeded);
  CHECK(client.sent().empty());
  client.receive("50 [0001]");
  CHECK(client.sent() == hex("62 [0001 92]"));
}

TEST_CASE("Messages wait while the server's Receive Maximum is reached [MQTT-3.3.4-7]") {
  auto client = online(lasting(Version::v5_0), "20 [00 00 [21 0002]]");
  client.publish(kQos2);
  client.publish(kQos1);
  client.publish(kQos1);
  client.publish(kQos0);
  CHECK(client.sent() == hex("34 [('t') 0001 [] 'x'] 32 [('t') 0002 [] 'x']"));
  CHECK(client.session().waiting() == 2);
  client.receive("50 [0001]");
  CHECK(client.sent() == hex("62 [0001]"));
  client.receive("70 [0001]");
  CHECK(client.sent() == hex("32 [('t') 0003 [] 'x'] 30 [('t') [] 'x']"));
}

TEST_CASE("The client's own limit of open messages holds where the server sets none") {
  auto options = lasting(Version::v3_1_1);
  options.maximum_in_flight = 1;
  auto client = online(options, "20 [00 00]");
  client.publish(kQos1);
  client.publish(kQos1);
  CHECK(client.sent() == hex("32 [('t') 0001 'x']"));
  client.receive("40 [0001]");
  CHECK(client.sent() == hex("32 [('t') 0002 'x']"));
}

TEST_CASE("A resumed session sends what is open again, with DUP and in order [MQTT-4.4.0-1]") {
  auto client = online(Version::v5_0);
  const auto one = client.publish(kQos1, "t", "1");
  client.publish(kQos2, "t", "2");
  client.publish(kQos2, "t", "3");
  client.publish(kQos1, "t", "4");
  client.sent(8);
  client.receive("50 [0002]");
  client.disconnect();
  client.publish(kQos1, "t", "5");
  client.go_online("20 [01 00 []]");
  CHECK(client.sent() == hex("3A [('t') 0001 [] '1'] 62 [0002] 3C [('t') 0003 [] '3']"
                             "3A [('t') 0004 [] '4'] 32 [('t') 0005 [] '5']"));
  client.expect<Connected>();
  SUBCASE("and nothing again on the living connection") {
    client.pass(Seconds(3'600));
    client.all([&](ClientSession& session) { session.tick(client.now()); });
    client.receive("40 [0001]");
    CHECK(finished(client, one) == ReasonCode::success);
    CHECK(client.sent().empty());
  }
  SUBCASE("within the Receive Maximum of the new connection") {
    reconnect(client, "20 [01 00 [21 0002]]");
    CHECK(client.sent() == hex("3A [('t') 0001 [] '1'] 62 [0002]"));
    client.receive("70 [0002 92]");
    CHECK(client.sent() == hex("3C [('t') 0003 [] '3']"));
  }
}

TEST_CASE("PUBCOMP that has forgotten the id says that the message had arrived") {
  auto client = online(Version::v5_0);
  const auto token = client.publish(kQos2);
  client.receive("50 [0001]");
  reconnect(client, "20 [01 00 []]");
  client.expect<Connected>();
  client.receive("70 [0001 92]");
  CHECK(finished(client, token) == ReasonCode::success);
}

TEST_CASE("When the server has lost the session, open messages are published anew, in order") {
  for (const auto version : {Version::v3_1_1, Version::v5_0}) {
    CAPTURE(static_cast<int>(version));
    const bool is_5 = version == Version::v5_0;
    auto client = online(version);
    client.publish(kQos1, "t", "1");
    const auto released = client.publish(kQos2, "t", "2");
    client.publish(kQos0, "t", "3");
    client.publish(kQos2, "t", "4");
    client.receive("50 [0002]");
    client.disconnect();
    client.publish(kQos1, "t", "5");
    client.go_online(is_5 ? "20 [00 00 []]" : "20 [00 00]");
    CHECK(client.sent() == (is_5 ? hex("32 [('t') 0004 [] '1'] 30 [('t') [] '3']"
                                       "34 [('t') 0005 [] '4'] 32 [('t') 0006 [] '5']")
                                 : hex("32 [('t') 0004 '1'] 30 [('t') '3']"
                                       "34 [('t') 0005 '4'] 32 [('t') 0006 '5']")));
    CHECK(finished(client, released) == ReasonCode::success);
    client.expect<Connected>();
  }
}

TEST_CASE("3.1 has no Session Present: a session that was asked for is resumed") {
  auto client = online(Version::v3_1);
  client.publish(kQos2);
  reconnect(client, "20 [00 00]");
  CHECK(client.sent() == hex("3C [('t') 0001 'x']"));
}

TEST_CASE("What the server forbids finishes without being sent") {
  auto client = online(lasting(Version::v5_0), "20 [00 00 [24 01 25 00 27 00000014]]");
  CHECK(finished(client, client.publish(kQos2)) == ReasonCode::qos_not_supported);
  const auto retained = client.all([&](ClientSession& session) {
    auto publish = message(kQos0, "t", "x");
    publish.retain = true;
    return session.publish(publish, client.now());
  });
  CHECK(finished(client, retained) == ReasonCode::retain_not_supported);
  CHECK(finished(client, client.publish(kQos1, "t", "thirteen byte")) ==
        ReasonCode::packet_too_large);
  CHECK(finished(client, client.publish(kQos0, "")) == ReasonCode::topic_name_invalid);
  CHECK(client.sent().empty());
  client.publish(kQos1, "t", "twelve bytes");
  CHECK(client.sent() == hex("32 [('t') 0001 [] 'twelve bytes']"));
}

TEST_CASE("What a later connection forbids is not sent again either") {
  auto client = online(Version::v5_0);
  const auto token = client.publish(kQos2, "t", "x");
  const auto kept = client.publish(kQos1, "t", "y");
  reconnect(client, "20 [01 00 [24 01]]");
  client.expect<Connected>();
  CHECK(finished(client, token) == ReasonCode::qos_not_supported);
  CHECK(client.sent() == hex("3A [('t') 0002 [] 'y']"));
  client.receive("40 [0002]");
  CHECK(finished(client, kept) == ReasonCode::success);
}

TEST_CASE("Topic aliases are used up to both maxima and set anew on each connection") {
  auto options = lasting(Version::v5_0);
  options.topic_alias_maximum = 1;
  auto client = online(options, "20 [00 00 [22 0005]]");
  for (const auto topic : {"a", "a", "b"}) client.publish(kQos0, topic);
  CHECK(client.sent() == hex("30 [('a') [23 0001] 'x'] 30 [() [23 0001] 'x'] 30 [('b') [] 'x']"));
  client.publish(kQos1, "a");
  reconnect(client, "20 [01 00 [22 0005]]");
  CHECK(client.sent() == hex("3A [('a') 0001 [23 0001] 'x']"));
  SUBCASE("not towards a server that allows none") {
    reconnect(client, "20 [01 00 []]");
    CHECK(client.sent() == hex("3A [('a') 0001 [] 'x']"));
  }
  SUBCASE("not where the alias would make the packet too large") {
    reconnect(client, "20 [01 00 [22 0005 27 0000000B]]");
    CHECK(client.sent() == hex("3A [('a') 0001 [] 'x']"));
  }
}

TEST_CASE("Properties of a message go out as they were given") {
  auto client = online(Version::v5_0);
  client.all([&](ClientSession& session) {
    auto publish = message(kQos0, "t", "x");
    publish.properties = PropertiesBuilder().add_user_property("k", "v").build();
    return session.publish(publish, client.now());
  });
  CHECK(client.sent() == hex("30 [('t') [26 ('k') ('v')] 'x']"));
}

TEST_CASE("The output stays short while messages wait, and all come out in order") {
  auto options = client_options(Version::v3_1_1);
  ClientSession session(options);
  session.connected(TimePoint());
  session.consume(session.output().size(), TimePoint());
  const std::string payload(1'000, 'p');
  for (int i = 0; i < 1'000; ++i) session.publish(message(kQos0, "t", payload), TimePoint());
  const Bytes connack = Bytes::copy(std::string_view("\x20\x02\0\0", 4));
  session.receive(connack.span(), TimePoint());
  std::uint64_t expected = 0;
  std::size_t written = 0;
  while (session.unfinished() > 0) {
    REQUIRE(session.output().size() < 70'000);
    REQUIRE_FALSE(session.output().empty());
    written += 777;
    session.consume(std::min<std::size_t>(777, session.output().size()), TimePoint());
    while (const auto event = session.poll_event())
      if (const auto* finished = std::get_if<PublishFinished>(&*event))
        REQUIRE(finished->token == ++expected);
  }
  CHECK(expected == 1'000);
  CHECK(written >= 1'006'000);
}

TEST_CASE("65,535 packet ids are enough for a window of as many: nothing is lost or stuck") {
  auto options = client_options(Version::v3_1_1);
  options.maximum_in_flight = 65'535;
  ClientSession session(options);
  session.connected(TimePoint());
  session.receive(Bytes::copy(std::string_view("\x20\x02\0\0", 4)).span(), TimePoint());
  for (int i = 0; i < 70'000; ++i) {
    session.publish(message(kQos1, "t", ""), TimePoint());
    session.consume(session.output().size(), TimePoint());
  }
  CHECK(session.waiting() == 70'000 - 65'535);
  for (std::uint32_t id = 1; id <= 65'535; ++id) {
    const std::array<std::byte, 4> puback{std::byte{0x40}, std::byte{2},
                                          static_cast<std::byte>(id >> 8),
                                          static_cast<std::byte>(id & 0xFF)};
    session.receive(puback, TimePoint());
    session.consume(session.output().size(), TimePoint());
  }
  CHECK(session.waiting() == 0);
  CHECK(session.unfinished() == 70'000 - 65'535);
}
