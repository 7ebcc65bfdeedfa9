#include "libmqtt/session/client_session.hpp"

#include <doctest/doctest.h>

#include "tests/session/client_bench.hpp"

using namespace mqtt;
using namespace mqtt::test;
using namespace mqtt::client_event;

namespace {

constexpr std::string_view kConnack3 = "20 [00 00]";
constexpr std::string_view kResumed3 = "20 [01 00]";
constexpr std::string_view kConnack5 = "20 [00 00 []]";
constexpr std::string_view kResumed5 = "20 [01 00 []]";

/// A client of this version that is online, its Connected event taken.
ClientUnderTest online(const ClientSessionOptions& options) {
  ClientUnderTest client(options);
  client.go_online(options.connect.version == Version::v5_0 ? kConnack5 : kConnack3);
  client.expect<Connected>();
  return client;
}

ClientUnderTest online(Version version) { return online(client_options(version)); }

/// The code that a 5.0 client fails with, having sent a DISCONNECT with `told`.
ReasonCode failure(ClientUnderTest& client, std::string_view told) {
  const auto failed = client.expect<Failed>();
  CHECK(client.sent() == hex(told));
  CHECK_FALSE(client.session().is_online());
  return failed.error.code;
}

}  // namespace

TEST_CASE("CONNECT is the first packet and nothing follows it before CONNACK [MQTT-3.1.0-1]") {
  auto options = client_options(Version::v3_1_1);
  options.connect.keep_alive = 60;
  ClientUnderTest client(options);
  client.publish(Qos::at_most_once);
  CHECK(client.sent().empty());
  client.all([&](ClientSession& session) { session.connected(client.now()); });
  CHECK(client.sent() == hex("10 [('MQTT') 04 02 003C ('c')]"));
  CHECK_FALSE(client.session().is_online());
  client.receive(kConnack3);
  CHECK(client.session().is_online());
  CHECK_FALSE(client.expect<Connected>().connack.session_present);
  CHECK(client.sent() == hex("30 [('t') 'x']"));
}

TEST_CASE("A refused connection is told with its reason and nothing is sent on it") {
  ClientUnderTest client(client_options(Version::v3_1_1));
  client.publish(Qos::at_least_once);
  client.go_online("20 [00 05]");
  CHECK(client.expect<Connected>().connack.reason_code == ReasonCode::not_authorized);
  CHECK_FALSE(client.session().is_online());
  CHECK(client.sent().empty());
  CHECK(client.session().waiting() == 1);
}

TEST_CASE("A 3.x server's refusal of a 5.0 CONNECT is understood") {
  ClientUnderTest client(client_options(Version::v5_0));
  client.go_online("20 [00 01]");
  CHECK(client.expect<Connected>().connack.reason_code == ReasonCode::unsupported_protocol_version);
  CHECK(client.sent().empty());
}

TEST_CASE("A 3.x CONNACK with success does not answer a 5.0 CONNECT") {
  ClientUnderTest client(client_options(Version::v5_0));
  client.go_online("20 [00 00]");
  CHECK(failure(client, "E0 [81]") == ReasonCode::malformed_packet);
}

TEST_CASE("A packet before CONNACK is a protocol error [MQTT-3.2.0-1]") {
  ClientUnderTest client(client_options(Version::v5_0));
  client.go_online("30 [('t') [] 'x']");
  CHECK(failure(client, "E0 [82]") == ReasonCode::protocol_error);
  client.receive(kConnack5);
  CHECK(client.is_quiet());
}

TEST_CASE("A second CONNACK is a protocol error [MQTT-3.2.0-2]") {
  auto client = online(Version::v5_0);
  client.receive(kConnack5);
  CHECK(failure(client, "E0 [82]") == ReasonCode::protocol_error);
}

TEST_CASE("Session Present after a clean start is a protocol error [MQTT-3.2.2-2]") {
  ClientUnderTest client(client_options(Version::v5_0));
  client.go_online(kResumed5);
  CHECK(failure(client, "E0 [82]") == ReasonCode::protocol_error);
}

TEST_CASE("What only a client may send is a protocol error") {
  for (const auto wire : {"C0 []", "82 [0001 [] ('t') 00]", "A2 [0001 [] ('t')]",
                          "10 [('MQTT') 05 02 0000 [] ('c')]"}) {
    auto client = online(Version::v5_0);
    client.receive(wire);
    CHECK(failure(client, "E0 [82]") == ReasonCode::protocol_error);
  }
}

TEST_CASE("A malformed packet ends the connection: 5.0 says why, 3.1.1 just goes") {
  auto client5 = online(Version::v5_0);
  client5.receive("36 [('t') 0001 [] 'x'] D0 []");
  CHECK(failure(client5, "E0 [81]") == ReasonCode::malformed_packet);
  CHECK(client5.is_quiet());
  auto client3 = online(Version::v3_1_1);
  client3.receive("30 FF FF FF FF 01");
  CHECK(failure(client3, "") == ReasonCode::malformed_packet);
  CHECK(client3.is_quiet());
}

TEST_CASE("A packet over the announced Maximum Packet Size is refused [MQTT-3.1.2-24]") {
  auto options = client_options(Version::v5_0);
  options.connect.properties =
      PropertiesBuilder().add(property::maximum_packet_size, std::uint32_t{10}).build();
  auto client = online(options);
  client.receive("30 [('t') [] 'four'] 30 [('t') [] 'and five']");
  CHECK(client.expect<MessageReceived>().publish.payload.view() == "four");
  CHECK(failure(client, "E0 [95]") == ReasonCode::packet_too_large);
}

TEST_CASE("Packets that came before a fault are still told of") {
  auto client = online(Version::v5_0);
  client.receive("30 [('t') [] 'x'] 31 [('t') [] 'y'] C0 [] 30 [('t') [] 'z']");
  CHECK(client.expect<MessageReceived>().publish.payload.view() == "x");
  CHECK(client.expect<MessageReceived>().publish.retain);
  CHECK(failure(client, "E0 [82]") == ReasonCode::protocol_error);
  CHECK(client.is_quiet());
}

TEST_CASE("A session that outlives its connection is asked for again [MQTT-3.1.2-4]") {
  auto options = client_options(Version::v5_0);
  options.connect.properties =
      PropertiesBuilder().add(property::session_expiry_interval, std::uint32_t{60}).build();
  ClientUnderTest client(options);
  const auto reconnect = [&] {
    client.disconnect();
    client.all([&](ClientSession& session) { session.connected(client.now()); });
    return client.sent();
  };
  const auto clean = hex("10 [('MQTT') 05 02 0000 [11 0000003C] ('c')]");
  CHECK(reconnect() == clean);
  CHECK(reconnect() == clean);
  SUBCASE("once the server has accepted it") {
    client.receive(kConnack5);
    CHECK(reconnect() == hex("10 [('MQTT') 05 00 0000 [11 0000003C] ('c')]"));
    client.receive(kResumed5);
    CHECK(client.session().is_online());
  }
  SUBCASE("but not when the server ends it with the connection") {
    client.receive("20 [00 00 [11 00000000]]");
    CHECK(reconnect() == clean);
  }
}

TEST_CASE("A clean session of 3.1.1 is clean every time") {
  auto client = online(Version::v3_1_1);
  client.disconnect();
  client.all([&](ClientSession& session) { session.connected(client.now()); });
  CHECK(client.sent() == hex("10 [('MQTT') 04 02 0000 ('c')]"));
}

TEST_CASE("The client id that the server assigns is used from then on [MQTT-3.2.2-16]") {
  auto options = client_options(Version::v5_0);
  options.connect.client_id = Bytes();
  ClientUnderTest client(options);
  client.go_online("20 [00 00 [12 ('auto-7')]]");
  client.disconnect();
  client.all([&](ClientSession& session) { session.connected(client.now()); });
  CHECK(client.sent() == hex("10 [('MQTT') 05 02 0000 [] ('auto-7')]"));
}

TEST_CASE("PINGREQ goes out when nothing was sent for the Keep Alive [MQTT-3.1.2-20]") {
  auto options = client_options(Version::v3_1_1);
  options.connect.keep_alive = 60;
  ClientUnderTest client(options);
  client.connect();
  CHECK(client.session().deadline() == std::nullopt);
  client.receive(kConnack3);
  CHECK(client.session().deadline() == client.now() + Seconds(60));
  client.pass(Seconds(50));
  client.publish(Qos::at_most_once);
  client.sent();
  CHECK(client.session().deadline() == client.now() + Seconds(60));
  const auto tick = [&] {
    client.all([&](ClientSession& session) { session.tick(client.now()); });
  };
  client.pass(Seconds(59));
  tick();
  CHECK(client.sent().empty());
  client.pass(Seconds(1));
  tick();
  CHECK(client.sent() == hex("C0 []"));
  client.expect<Connected>();
  client.expect<PublishFinished>();

  SUBCASE("and the answer keeps the connection") {
    client.receive("D0 []");
    client.pass(Seconds(60));
    tick();
    CHECK(client.sent() == hex("C0 []"));
    CHECK(client.is_quiet());
  }
  SUBCASE("and no answer ends it") {
    client.pass(Seconds(60));
    tick();
    CHECK(client.expect<Failed>().error.code == ReasonCode::keep_alive_timeout);
    CHECK(client.sent().empty());
    CHECK(client.session().deadline() == std::nullopt);
  }
}

TEST_CASE("The server's Keep Alive replaces the client's [MQTT-3.1.2-21]") {
  auto options = client_options(Version::v5_0);
  options.connect.keep_alive = 60;
  ClientUnderTest client(options);
  client.go_online("20 [00 00 [13 000A]]");
  CHECK(client.session().deadline() == client.now() + Seconds(10));
}

TEST_CASE("After its DISCONNECT a client sends nothing and reads nothing [MQTT-3.14.4-2]") {
  auto client = online(Version::v5_0);
  const auto properties = PropertiesBuilder().add(property::reason_string, "bye").build();
  client.all([&](ClientSession& session) {
    session.disconnect(ReasonCode::disconnect_with_will_message, properties, client.now());
  });
  CHECK(client.sent() == hex("E0 [04 [1F ('bye')]]"));
  client.publish(Qos::at_least_once);
  client.receive("32 [('t') 0001 [] 'x']");
  CHECK(client.sent().empty());
  CHECK(client.is_quiet());
  CHECK(client.session().unfinished() == 1);
}

TEST_CASE("DISCONNECT of 3.1.1 has no reason") {
  auto client = online(Version::v3_1_1);
  client.all([&](ClientSession& session) {
    session.disconnect(ReasonCode::disconnect_with_will_message, {}, client.now());
  });
  CHECK(client.sent() == hex("E0 []"));
}

TEST_CASE("The server's DISCONNECT is told of, and ends the connection [MQTT-3.14.4-3]") {
  auto client5 = online(Version::v5_0);
  client5.receive("E0 [8E []]");
  CHECK(client5.expect<ServerDisconnected>().disconnect.reason_code ==
        ReasonCode::session_taken_over);
  client5.publish(Qos::at_least_once);
  CHECK(client5.sent().empty());
  auto client3 = online(Version::v3_1_1);
  client3.receive("E0 []");
  CHECK(failure(client3, "") == ReasonCode::protocol_error);
}

TEST_CASE("AUTH passes to the owner, and back with CONNECT's method, before CONNACK and after") {
  auto options = client_options(Version::v5_0);
  options.connect.properties =
      PropertiesBuilder().add(property::authentication_method, "m").build();
  ClientUnderTest client(options);
  client.connect();
  client.receive("F0 [18 [15 ('m')]]");
  const Auth auth = client.expect<AuthReceived>().auth;
  CHECK(auth.reason_code == ReasonCode::continue_authentication);
  client.all([&](ClientSession& session) { session.authenticate("proof", client.now()); });
  CHECK(client.sent() == hex("F0 [18 [15 ('m') 16 ('proof')]]"));
  client.receive(kConnack5);
  client.receive("F0 []");
  client.expect<Connected>();
  CHECK(client.expect<AuthReceived>().auth.reason_code == ReasonCode::success);
}

TEST_CASE("AUTH that was not asked for is a protocol error [MQTT-4.12.0-6]") {
  auto client5 = online(Version::v5_0);
  client5.receive("F0 []");
  CHECK(failure(client5, "E0 [82]") == ReasonCode::protocol_error);
  auto client3 = online(Version::v3_1_1);
  client3.receive("F0 []");
  CHECK(is_failure(failure(client3, "")));
}

TEST_CASE("Half a packet does not survive its connection") {
  auto options = client_options(Version::v3_1_1);
  options.connect.clean_start = false;
  auto client = online(options);
  client.receive("30 05 00 01");
  client.disconnect();
  client.go_online(kResumed3);
  CHECK(client.expect<Connected>().connack.session_present);
  client.receive("30 [('t') 'x']");
  CHECK(client.expect<MessageReceived>().publish.payload.view() == "x");
}
