#include "tests/conformance/client.hpp"

using namespace conformance;

namespace {

std::string connect_of(Level level, std::vector<std::string> flags) {
  std::vector<std::string> command{"mq-pub", "-t", "t", "-m", "x", "-q", "1", "-k", "60"};
  command.insert(command.end(), flags.begin(), flags.end());
  const Overheard overheard = overhear(level, command);
  CHECK(overheard.exit.code == 0);
  REQUIRE(overheard.packets.size() == 3);
  return overheard.packets[0];
}

}  // namespace

TEST_CASE_TEMPLATE(
    "CONNECT comes first; without a will, a user or a password it has neither flags nor fields for "
    "them, and "
    "the client id leads its payload [MQTT-3.1.0-1] [5.0:MQTT-3.1.2-11] [5.0:MQTT-3.1.2-13] "
    "[5.0:MQTT-3.1.2-16] [5.0:MQTT-3.1.2-18] [5.0:MQTT-3.1.3-3] [3.1.1:MQTT-3.1.2-11] "
    "[3.1.1:MQTT-3.1.2-13] [3.1.1:MQTT-3.1.2-15] [3.1.1:MQTT-3.1.2-18] [3.1.1:MQTT-3.1.2-20] "
    "[3.1.1:MQTT-3.1.3-3]",
    V, V311, V50) {
  CHECK(connect_of(V::level, {"-i", "plain"}) ==
        wire::connect(V::level, {.client_id = "plain", .keep_alive = 60}));
}

TEST_CASE_TEMPLATE(
    "a will, a user and a password have their flags, and their fields in the standard's order "
    "[MQTT-3.1.2-9] [MQTT-3.1.3-1] [5.0:MQTT-3.1.2-17] [5.0:MQTT-3.1.2-19] [3.1.1:MQTT-3.1.2-19] "
    "[3.1.1:MQTT-3.1.2-21]",
    V, V311, V50) {
  const std::string connect =
      connect_of(V::level, {"-i", "id", "-u", "usér", "-P", "secret", "--will-topic", "wïll/t",
                            "--will-payload", "gone", "--will-qos", "2", "--will-retain"});
  CHECK(connect ==
        wire::connect(V::level,
                      {.client_id = "id",
                       .keep_alive = 60,
                       .will = {{.topic = "wïll/t", .payload = "gone", .qos = 2, .retain = true}},
                       .username = "usér",
                       .password = "secret"}));
}

TEST_CASE_TEMPLATE(
    "client id, will topic, user name and filters are UTF-8: anything else is refused before it is "
    "sent "
    "[MQTT-3.1.3-4] [5.0:MQTT-3.1.3-11] [5.0:MQTT-3.1.3-12] [3.1.1:MQTT-3.1.3-10] "
    "[3.1.1:MQTT-3.1.3-11] [MQTT-3.8.3-1] [MQTT-3.10.3-1]",
    V, V311, V50) {
  const std::vector<std::vector<std::string>> bad{
      {"mq-sub", "-t", "t", "-i", "a\xED\xA0\x80"},
      {"mq-sub", "-t", "t", "-u", "a\xFF"},
      {"mq-sub", "-t", "t", "--will-topic", "a\xC0\x80"},
      {"mq-sub", "-t", "a\xFF/#"},
      {"mq-sub", "-t", "t", "-U", "a\xFF"}};
  for (const auto& command : bad) {
    CAPTURE(wire::hex("") + command.back());
    const Overheard overheard = overhear(V::level, command);
    CHECK(overheard.exit.code == 1);
    CHECK(overheard.packets.empty());
  }
}

TEST_CASE("5.0 allows a password without a user name, 3.1.1 does not [3.1.1:MQTT-3.1.2-22]") {
  const std::vector<std::string> command{"mq-pub", "-t", "t", "-m", "x", "-P", "secret"};
  const Overheard old = overhear(Level::v3_1_1, command);
  CHECK(old.exit.code == 1);
  CHECK(old.packets.empty());
  CHECK(overhear(Level::v5_0, command).exit.code == 0);
}

TEST_CASE("an empty client id goes with Clean Session 1 [3.1.1:MQTT-3.1.3-7]") {
  const Overheard refused = overhear(Level::v3_1_1, {"mq-sub", "-t", "t", "-c"});
  CHECK(refused.exit.code == 1);
  CHECK(refused.packets.empty());
  const Overheard anonymous = overhear(Level::v3_1_1, {"mq-pub", "-t", "t", "-m", "x", "-k", "60"});
  REQUIRE_FALSE(anonymous.packets.empty());
  CHECK(anonymous.packets[0] == wire::connect(Level::v3_1_1, {.clean = true, .keep_alive = 60}));
}

TEST_CASE_TEMPLATE(
    "PINGREQ where nothing else was sent in the keep alive time [5.0:MQTT-3.1.2-20] "
    "[3.1.1:MQTT-3.1.2-23]",
    V, V311, V50) {
  mqtt::ClientSessionOptions options;
  options.connect.keep_alive = 10;
  Client client(V::level, options);
  client.go_online();
  client.pass(mqtt::Seconds(9));
  CHECK(client.sent().empty());
  client.pass(mqtt::Seconds(1));
  CHECK(client.sent() == std::vector{wire::pingreq()});
}

TEST_CASE(
    "the server's keep alive overrides the client's own [5.0:MQTT-3.1.2-21] [5.0:MQTT-3.2.2-21]") {
  mqtt::ClientSessionOptions options;
  options.connect.keep_alive = 1000;
  Client client(Level::v5_0, options);
  client.go_online(wire::property(0x13, wire::two_bytes(5)));
  client.pass(mqtt::Seconds(5));
  CHECK(client.sent() == std::vector{wire::pingreq()});
}

TEST_CASE(
    "session present for a client that asked to start anew ends the connection "
    "[5.0:MQTT-3.2.2-4]") {
  Client client(Level::v5_0);
  client.connect();
  client.receive(connack(Level::v5_0, {}, true));
  CHECK(client.failure() == mqtt::ReasonCode::protocol_error);
}

TEST_CASE(
    "without session present the client's state is dropped: what was open is published anew "
    "[5.0:MQTT-3.2.2-5]") {
  mqtt::ClientSessionOptions options;
  options.connect.properties =
      mqtt::PropertiesBuilder().add(mqtt::property::session_expiry_interval, 60).build();
  Client client(Level::v5_0, options);
  client.go_online();
  client.publish(mqtt::Qos::exactly_once);
  client.receive(wire::publish(Level::v5_0, {.topic = "in", .qos = 2, .packet_id = 9}));
  client.sent();
  client.lose_connection();
  client.go_online({}, false);
  const auto packets = client.sent();
  REQUIRE(packets.size() == 1);
  const wire::Received again = wire::read(Level::v5_0, packets[0]);
  CHECK(again.type == 3);
  CHECK_FALSE(again.dup);
  client.events();
  client.receive(wire::publish(Level::v5_0, {.topic = "in", .qos = 2, .packet_id = 9}));
  CHECK(client.events().size() == 1);  // the id is known no more: this is a new message
}

TEST_CASE_TEMPLATE(
    "after DISCONNECT nothing is sent, and the client closes [3.1.1:MQTT-3.14.4-1] "
    "[3.1.1:MQTT-3.14.4-2] [5.0:MQTT-3.14.4-1] [5.0:MQTT-3.14.4-2]",
    V, V311, V50) {
  Client client(V::level);
  client.go_online();
  client.session().disconnect(mqtt::ReasonCode::success, {}, client.now());
  client.publish(mqtt::Qos::at_least_once);
  CHECK(client.sent() == std::vector{wire::disconnect(V::level)});
  const Overheard overheard = overhear(V::level, {"mq-pub", "-t", "t", "-m", "x"});
  CHECK(overheard.exit.code == 0);
  REQUIRE(overheard.packets.size() == 3);
  CHECK(overheard.packets[2] == wire::disconnect(V::level));
}

TEST_CASE("a client supports an ordered, lossless byte stream: TCP [3.1.1:MQTT-7.1.2-1]") {
  CHECK(overhear(Level::v3_1_1, {"mq-pub", "-t", "t", "-m", "x"}).exit.code == 0);
}
