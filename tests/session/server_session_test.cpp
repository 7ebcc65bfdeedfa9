#include "libmqtt/session/server_session.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

using namespace mqtt;

namespace {

const TimePoint kStart{std::chrono::hours(1)};

std::vector<std::byte> from_hex(std::string_view hex) {
  std::vector<std::byte> bytes;
  std::string digits;
  for (const char c : hex)
    if (c != ' ') digits += c;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

/// A server session with raw bytes on one side and a session state on the other.
struct Server {
  SessionState state;
  Traffic traffic;
  ServerSession session;
  TimePoint now = kStart;

  explicit Server(const ServerLimits& limits = {}) : session(limits, traffic, kStart) {}

  std::vector<ServerEvent> receive(std::string_view hex) {
    const auto bytes = from_hex(hex);
    session.receive(bytes, now);
    std::vector<ServerEvent> events = poll();
    session.pause();  // `bytes` goes, and an unanswered CONNECT has left some unread
    return events;
  }
  std::vector<ServerEvent> poll() {
    std::vector<ServerEvent> events;
    while (auto event = session.poll_event()) events.push_back(std::move(*event));
    return events;
  }
  /// What the client would get now, as hex.
  std::string sent() {
    session.fill_output(now);
    std::string hex;
    std::array<std::span<const std::byte>, 16> pieces;
    while (!session.output().empty()) {
      const std::size_t count = session.output().gather(pieces);
      for (std::size_t i = 0; i < count; ++i) {
        for (const std::byte byte : pieces[i]) {
          constexpr std::string_view kDigits = "0123456789abcdef";
          hex += kDigits[std::to_integer<unsigned>(byte) >> 4U];
          hex += kDigits[std::to_integer<unsigned>(byte) & 0xFU];
        }
      }
      std::size_t total = 0;
      for (std::size_t i = 0; i < count; ++i) total += pieces[i].size();
      session.written(total);
    }
    return hex;
  }
  void queue(std::string_view topic, std::string_view payload, Qos qos,
             TimePoint expires = kNever) {
    Message message;
    message.topic = Bytes::copy(topic);
    message.payload = Bytes::copy(payload);
    message.expires = expires;
    message.qos = qos;
    REQUIRE(state.queue.push({.message = MessagePtr::make(std::move(message)), .qos = qos},
                             QueueLimits{}));
  }
};

constexpr std::string_view kConnect311 = "10 0d 0004 4d515454 04 02 000a 0001 61";
constexpr std::string_view kConnect5 = "10 0e 0004 4d515454 05 02 000a 00 0001 61";

void connect(Server& server, std::string_view packet) {
  const auto events = server.receive(packet);
  REQUIRE(events.size() == 1);
  REQUIRE(std::holds_alternative<server_event::ConnectRequested>(events[0]));
  server.session.accept(Connack{}, server.state);
  server.sent();
}

ReasonCode failure_of(const std::vector<ServerEvent>& events) {
  REQUIRE(events.size() == 1);
  const auto* failed = std::get_if<server_event::Failed>(&events[0]);
  REQUIRE(failed != nullptr);
  return failed->error.code;
}

}  // namespace

TEST_CASE("The first packet must be CONNECT [MQTT-3.1.0-1] and there is only one [MQTT-3.1.0-2]") {
  Server server;
  CHECK(failure_of(server.receive("c000")) == ReasonCode::protocol_error);
  CHECK(server.sent().empty());
  Server again;
  connect(again, kConnect5);
  CHECK(failure_of(again.receive(kConnect5)) == ReasonCode::protocol_error);
  CHECK(again.sent() == "e00182");
}

TEST_CASE(
    "A protocol level that the server does not know is answered before closing [MQTT-3.1.2-2]") {
  Server server;
  CHECK(failure_of(server.receive("10 0d 0004 4d515454 07 02 000a 0001 61")) ==
        ReasonCode::unsupported_protocol_version);
  CHECK_FALSE(server.sent().empty());
}

TEST_CASE("A malformed CONNECT is told why in 5.0 and nothing in 3.1.1 [MQTT-3.1.4-1]") {
  Server five;  // the reserved flag
  CHECK(failure_of(five.receive("10 0e 0004 4d515454 05 03 000a 00 0001 61")) ==
        ReasonCode::malformed_packet);
  CHECK(five.sent() == "2003008100");
  Server old;
  CHECK(failure_of(old.receive("10 0d 0004 4d515454 04 03 000a 0001 61")) ==
        ReasonCode::malformed_packet);
  CHECK(old.sent().empty());
}

TEST_CASE("An answer over the client's Maximum Packet Size ends the connection [MQTT-3.1.2-24]") {
  const auto connect_with_limit_10 = "10 13 0004 4d515454 05 02 000a 05 270000000a 0001 61";
  Server server;
  connect(server, connect_with_limit_10);
  server.session.answer(
      Suback{.packet_id = 1, .reason_codes = std::vector(5, ReasonCode::success)});
  CHECK(server.poll().empty());
  CHECK(server.sent() == "90080001000000000000");
  server.session.answer(
      Suback{.packet_id = 1, .reason_codes = std::vector(6, ReasonCode::success)});
  CHECK(failure_of(server.poll()) == ReasonCode::packet_too_large);
  CHECK(server.sent() == "e00195");

  Server unwelcome;
  unwelcome.receive(connect_with_limit_10);
  Connack connack;
  connack.properties =
      PropertiesBuilder().add(property::assigned_client_identifier, "auto-1").build();
  unwelcome.session.accept(connack, unwelcome.state);
  CHECK(failure_of(unwelcome.poll()) == ReasonCode::packet_too_large);
  CHECK(unwelcome.sent().empty());
}

TEST_CASE("No CONNECT within its time closes, however the bytes trickle in") {
  Server server;
  server.now += Seconds(9);
  CHECK(server.receive("10").empty());
  server.now += Seconds(1);
  server.session.tick(server.now);
  CHECK(failure_of(server.poll()) == ReasonCode::keep_alive_timeout);
}

TEST_CASE("Silence for more than 1.5 times the Keep Alive ends the connection [MQTT-3.1.2-22]") {
  Server server;
  connect(server, kConnect5);
  CHECK(server.session.deadline() == kStart + Seconds(15));
  server.now += Seconds(14);
  server.receive("c000");
  CHECK(server.sent() == "d000");
  server.now += Seconds(14);
  server.session.tick(server.now);
  CHECK(server.poll().empty());
  server.now += Seconds(1);
  server.session.tick(server.now);
  CHECK(failure_of(server.poll()) == ReasonCode::keep_alive_timeout);
  CHECK(server.sent() == "e0018d");
}

TEST_CASE("The announced Server Keep Alive counts instead of the client's [MQTT-3.2.2-21]") {
  Server server;
  server.receive(kConnect5);
  Connack connack;
  connack.properties = PropertiesBuilder().add(property::server_keep_alive, 4).build();
  server.session.accept(connack, server.state);
  CHECK(server.session.deadline() == kStart + Seconds(6));
}

TEST_CASE(
    "A malformed packet is answered with DISCONNECT in 5.0 and by closing in 3.1.1 "
    "[MQTT-4.13.1-1]") {
  Server five;
  connect(five, kConnect5);
  CHECK(failure_of(five.receive("36 05 0001 61 0000")) == ReasonCode::malformed_packet);  // QoS 3
  CHECK(five.sent() == "e00181");
  CHECK(five.session.is_closing());
  Server old;
  connect(old, kConnect311);
  CHECK(failure_of(old.receive("36 05 0001 61 0000")) == ReasonCode::malformed_packet);
  CHECK(old.sent().empty());
}

TEST_CASE("QoS 1 is acknowledged with the broker's answer, QoS 2 handed on once [MQTT-4.3.3-10]") {
  Server server;
  connect(server, kConnect5);
  CHECK(server.receive("32 07 0001 61 0007 00 78").size() == 1);
  server.session.acknowledge(7, Qos::at_least_once, ReasonCode::no_matching_subscribers);
  CHECK(server.sent() == "4003000710");
  CHECK(server.receive("34 07 0001 61 0008 00 78").size() == 1);
  server.session.acknowledge(8, Qos::exactly_once, ReasonCode::success);
  CHECK(server.sent() == "50020008");
  CHECK(server.receive("3c 07 0001 61 0008 00 78").empty());
  CHECK(server.sent() == "50020008");
  server.receive("62 02 0008");
  CHECK(server.sent() == "70020008");
  server.receive("62 02 0008");
  CHECK(server.sent() == "7003000892");
}

TEST_CASE(
    "More open messages than the Receive Maximum end the connection with 0x93 [MQTT-3.3.4-9]") {
  Server server({.receive_maximum = 1});
  connect(server, kConnect5);
  CHECK(server.receive("34 06 0001 61 0001 00").size() == 1);
  CHECK(failure_of(server.receive("34 06 0001 61 0002 00")) ==
        ReasonCode::receive_maximum_exceeded);
}

TEST_CASE("A 3.1.1 publisher may have any number of QoS 2 messages open") {
  Server server({.receive_maximum = 1});
  connect(server, kConnect311);
  CHECK(server.receive("34 05 0001 61 0001").size() == 1);
  CHECK(server.receive("34 05 0001 61 0002").size() == 1);
}

TEST_CASE(
    "The client's window bounds QoS 1 and 2 on the wire while QoS 0 flows [MQTT-3.3.4-9, "
    "4.9.0-3]") {
  Server server({.maximum_in_flight = 1});
  connect(server, kConnect311);
  server.queue("a", "1", Qos::at_least_once);
  server.queue("a", "2", Qos::at_least_once);
  server.queue("a", "0", Qos::at_most_once);
  CHECK(server.sent() ==
        "3206000161000131"
        "3004000161"
        "30");
  server.receive("40020001");
  CHECK(server.sent() == "3206000161000232");
}

TEST_CASE(
    "A resumed session sends PUBLISH with DUP and PUBREL again, in order, before anything new "
    "[MQTT-4.4.0-1]") {
  Server server;
  connect(server, kConnect311);
  for (const char* payload : {"1", "2"}) server.queue("a", payload, Qos::exactly_once);
  CHECK(server.sent() ==
        "3406000161000131"
        "3406000161000232");
  server.receive("50020001");
  CHECK(server.sent() == "62020001");
  server.queue("a", "3", Qos::exactly_once);
  server.session.detach();
  ServerSession next({}, server.traffic, server.now);
  const auto bytes = from_hex(kConnect311);
  next.receive(bytes, server.now);
  REQUIRE(next.poll_event());
  std::swap(server.session, next);
  server.session.accept(Connack{true, ReasonCode::success, {}}, server.state);
  CHECK(server.sent() ==
        "20020100"
        "62020001"
        "3c06000161000232"
        "3406000161000333");
}

TEST_CASE(
    "What has expired is not sent; what has not, with the time left [MQTT-3.3.2-5, 3.3.2-6]") {
  Server server;
  connect(server, kConnect5);
  server.queue("a", "x", Qos::at_most_once, kStart + Seconds(5));
  server.queue("a", "y", Qos::at_most_once, kStart + Seconds(60));
  server.now += Seconds(10);
  CHECK(server.sent() ==
        "300a"
        "000161"
        "05"
        "0200000032"
        "79");
}

TEST_CASE(
    "A message over the client's Maximum Packet Size is dropped as if sent [MQTT-3.1.2-24, "
    "3.1.2-25]") {
  Server server;
  connect(server, "10 13 0004 4d515454 05 02 000a 05 27 00000010 0001 61");
  server.queue("a", "0123456789",
               Qos::at_least_once);  // 18 bytes on the wire; takes a packet id with it
  server.queue("a", "01234567", Qos::at_least_once);  // 16
  CHECK(server.sent() ==
        "320e"
        "000161"
        "0002"
        "00"
        "3031323334353637");
  CHECK(server.state.queue.empty());
}

TEST_CASE(
    "Topic aliases save the topic towards a client that allows them, and end with the connection") {
  Server server;
  connect(server, "10 11 0004 4d515454 05 02 000a 03 22 0001 0001 61");
  server.queue("abc", "1", Qos::at_most_once);
  server.queue("abc", "2", Qos::at_most_once);
  server.queue("def", "3", Qos::at_most_once);
  CHECK(server.sent() ==
        "300a"
        "0003616263"
        "03230001"
        "31"
        "3007"
        "0000"
        "03230001"
        "32"
        "3007"
        "0003646566"
        "00"
        "33");
}

TEST_CASE(
    "A topic alias is left out where it would not fit the Maximum Packet Size [MQTT-3.1.2-24]") {
  Server server;
  // Maximum Packet Size 30, Topic Alias Maximum 10.
  connect(server, "10 16 0004 4d515454 05 02 000a 08 27 0000001e 22 000a 0001 61");
  server.queue("abc", std::string(22, 'x'), Qos::at_most_once);
  CHECK(
      server.sent().starts_with("301c"
                                "0003616263"
                                "00"
                                "7878"));
  server.queue("abc", std::string(17, 'x'), Qos::at_most_once);
  CHECK(
      server.sent().starts_with("301a"
                                "0003616263"
                                "03230001"
                                "7878"));
  server.queue("abc", std::string(23, 'x'), Qos::at_most_once);
  CHECK(server.sent().empty());
}

TEST_CASE("DISCONNECT may not give a session expiry that CONNECT did not") {
  Server server;
  connect(server, kConnect5);
  CHECK(failure_of(server.receive("e0 07 00 05 11 0000003c")) == ReasonCode::protocol_error);
  CHECK(server.sent() == "e00182");
}

TEST_CASE("Any chunk size gives the same events, and a pause in the middle loses none") {
  std::string stream(kConnect311);
  for (int i = 0; i < 5; ++i) stream += "30 05 0001 61 7878";
  const auto bytes = from_hex(stream);
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    Server server;
    int published = 0;
    for (std::size_t at = 0; at < bytes.size(); at += chunk) {
      const std::vector<std::byte> copy(
          bytes.begin() + static_cast<std::ptrdiff_t>(at),
          bytes.begin() + static_cast<std::ptrdiff_t>(std::min(at + chunk, bytes.size())));
      server.session.receive(copy, server.now);
      while (auto event = server.session.poll_event()) {
        if (std::holds_alternative<server_event::ConnectRequested>(*event))
          server.session.accept(Connack{}, server.state);
        else
          published += std::holds_alternative<server_event::Published>(*event) ? 1 : 0;
        server.session.pause();
      }
    }
    CHECK(published == 5);
  }
}

namespace {

constexpr std::string_view kConnectWithMethod =
    "10 12 0004 4d515454 05 02 000a 04 15 0001 6d 0001 61";
constexpr std::string_view kAuthContinues = "f0 06 18 04 15 0001 6d";

/// Has sent CONNECT with a method and got an AUTH for it.
void begin_exchange(Server& server) {
  REQUIRE(server.receive(kConnectWithMethod).size() == 1);
  REQUIRE(server.session.is_awaiting_answer());
  server.session.answer(
      Auth{ReasonCode::continue_authentication,
           PropertiesBuilder().add(property::authentication_method, "m").build()});
  REQUIRE(server.sent() == "f00618041500016d");
}

}  // namespace

TEST_CASE("What follows CONNECT waits for its answer") {
  Server server;
  std::string packets(kConnect5);
  packets += "c000 c000";
  const auto events = server.receive(packets);
  REQUIRE(events.size() == 1);
  CHECK(server.session.is_awaiting_answer());
  CHECK(server.receive("c000").empty());
  CHECK(server.sent().empty());
  server.session.accept(Connack{}, server.state);
  CHECK_FALSE(server.session.is_awaiting_answer());
  CHECK(server.poll().empty());
  CHECK(server.sent() == "2003000000d000d000d000");
}

TEST_CASE("An exchange of AUTH comes before CONNACK, as long as it takes [MQTT-3.2.0-1]") {
  Server server;
  begin_exchange(server);
  for (int step = 0; step < 3; ++step) {
    const auto events = server.receive(kAuthContinues);
    REQUIRE(events.size() == 1);
    CHECK(std::holds_alternative<server_event::AuthReceived>(events[0]));
    CHECK(server.session.is_awaiting_answer());
    if (step == 2) break;
    server.session.answer(Auth{ReasonCode::continue_authentication, {}});
    CHECK(server.sent() == "f00118");
  }
  CHECK(server.receive("c000").empty());
  server.session.accept(Connack{}, server.state);
  CHECK(server.poll().empty());
  CHECK(server.sent() == "2003000000d000");
}

TEST_CASE(
    "Nothing but AUTH that continues, or DISCONNECT, comes within the exchange "
    "[MQTT-3.1.2-30, 4.12.0-3]") {
  for (const std::string_view packet :
       {"c000", "30 05 0001 61 00 78", "f0 06 19 04 15 0001 6d", "f0 06 00 04 15 0001 6d"}) {
    Server server;
    begin_exchange(server);
    CHECK(failure_of(server.receive(packet)) == ReasonCode::protocol_error);
    CHECK(server.sent() == "2003008200");  // CONNACK, not DISCONNECT [MQTT-3.14.0-1].
  }
  Server server;
  begin_exchange(server);
  const auto events = server.receive("e000");
  REQUIRE(events.size() == 1);
  CHECK(std::holds_alternative<server_event::Disconnected>(events[0]));
  CHECK(server.session.is_closing());
}

TEST_CASE("A client that is not answered, or does not answer, has the CONNECT's time in total") {
  Server waiting;
  waiting.now += Seconds(9);
  CHECK(waiting.receive(kConnect5).size() == 1);
  CHECK(waiting.session.deadline() == kStart + Seconds(10));
  Server talking;
  begin_exchange(talking);
  talking.now += Seconds(9);
  CHECK(talking.receive("f0").empty());
  CHECK(talking.session.deadline() == kStart + Seconds(10));
  for (Server* server : {&waiting, &talking}) {
    server->session.tick(kStart + Seconds(10));
    CHECK(failure_of(server->poll()) == ReasonCode::keep_alive_timeout);
    CHECK(server->sent().empty());
    CHECK(server->traffic.over_connect_timeout == 1);
    CHECK(server->traffic.over_keep_alive == 0);
  }
}
