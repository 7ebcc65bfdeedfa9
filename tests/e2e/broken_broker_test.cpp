#include <doctest/doctest.h>

#include <cctype>

#include "tests/e2e/clients.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/raw_connection.hpp"
#include "tests/support/terminal.hpp"

// mq-pub and mq-sub against servers that break MQTT. exit_code_test.cpp has silence before CONNACK,
// refusals, HTTP and an early end.

using namespace e2e;
using support::from_hex;
using support::ScriptedServer;

namespace {

constexpr const char* kConnack311 = "20 02 00 00";
constexpr const char* kConnack5 = "20 03 00 00 00";

struct Fault {
  std::string what;
  std::string bytes;  ///< In hexadecimal digits.
};

bool is_type(const std::string& packet, int type) {
  return (static_cast<unsigned char>(packet[0]) >> 4) == type;
}

/// CONNECT gets these bytes, and nothing else gets an answer.
ScriptedServer::Script on_connect(const std::string& bytes) {
  return [bytes](const std::string& packet) -> ScriptedServer::Answer {
    if (!is_type(packet, 1)) return {};
    return {from_hex(bytes)};
  };
}

/// A good CONNACK; a packet of `type` gets these bytes.
ScriptedServer::Script on_packet(int type, const std::string& connack, const std::string& bytes) {
  return [=](const std::string& packet) -> ScriptedServer::Answer {
    if (is_type(packet, 1)) return {from_hex(connack)};
    if (!is_type(packet, type)) return {};
    return {from_hex(bytes)};
  };
}

/// It ends with `code`, has printed nothing and says one line, in which a terminal finds nothing to
/// obey.
void check_end(const Command& command, int code, std::string_view says) {
  const auto end = support::run(command);
  CAPTURE(command.argv[0]);
  CAPTURE(end.err);
  CHECK(end.code == code);
  CHECK(end.out == "");
  const auto lines = lines_of(end.err);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("mq-"));
  CHECK(lines[0].find(says) != std::string::npos);
  for (const char c : lines[0]) CHECK(!std::iscntrl(static_cast<unsigned char>(c)));
}

const std::vector<Fault> kGarbage{
    {"packet type 0", "00 00"},
    {"a Remaining Length of five bytes", "30 FF FF FF FF 7F"},
    {"QoS 3", "36 05 00 01 61 00 01"},
    {"a topic with a wildcard", "30 03 00 01 23"},
    {"a topic with U+0000", "30 05 00 02 61 00 78"},
    {"a topic of ill-formed UTF-8", "30 05 00 02 C3 28 78"},
    {"a topic that ends behind the packet", "30 04 00 09 61 62"},
    {"packet identifier 0", "32 05 00 01 61 00 00"},
    {"CONNECT from a server", "10 02 00 00"},
    {"SUBSCRIBE from a server", "82 06 00 01 00 01 61 00"},
    {"PINGREQ from a server", "C0 00"},
    {"CONNACK twice", "20 02 00 00"},
    {"PINGRESP with a body", "D0 01 00"},
    {"SUBACK with a code that does not exist", "90 03 00 01 7F"},
};

const std::vector<Fault> kGarbage5{
    {"an unknown property", "30 06 00 01 61 02 7F 00"},
    {"a property length behind the packet", "30 04 00 01 61 09"},
    {"Topic Alias 0", "30 07 00 01 61 03 23 00 00"},
    {"a Topic Alias above the maximum", "30 07 00 01 61 03 23 FF FF"},
    {"a Topic Alias that was never set", "30 06 00 00 03 23 00 01"},
    {"neither topic nor alias", "30 03 00 00 00"},
    {"AUTH that nobody asked for", "F0 00"},
    {"a property twice", "30 08 00 01 61 04 01 00 01 00"},
    {"CONNACK twice", kConnack5},
};

const std::vector<Fault> kBadAnswers5{
    {"PUBACK with a reason code that is none of its", "40 03 00 01 01"},
    {"PUBACK longer than its properties", "40 06 00 01 00 00 00 00"},
    {"PUBACK with a property of PUBLISH", "40 06 00 01 00 02 01 00"},
    {"PUBREC with a reason code that is none of its", "50 03 00 01 02"},
    {"PUBCOMP without flags for its length", "70 01 00"},
    {"PUBREL with wrong flags", "60 02 00 01"},
};

const std::vector<Fault> kBadConnacks5{
    {"Receive Maximum 0", "20 06 00 00 03 21 00 00"},
    {"Maximum Packet Size 0", "20 08 00 00 05 27 00 00 00 00"},
    {"Maximum QoS 2", "20 05 00 00 02 24 02"},
    {"a property twice", "20 07 00 00 04 24 00 24 00"},
    {"a property of PUBLISH", "20 05 00 00 02 01 00"},
    {"flags that are reserved", "20 03 02 00 00"},
    {"no property length", "20 02 00 00"},
    {"session present with a refusal", "20 03 01 87 00"},
};

}  // namespace

TEST_CASE("mq-sub ends with 14 when its server breaks MQTT after CONNACK, and does not retry") {
  for (const auto& [what, bytes] : kGarbage) {
    CAPTURE(what);
    ScriptedServer server(on_packet(8, kConnack311, bytes));
    check_end(sub(server.port(), {"-t", "a"}), 14, "127.0.0.1:");
  }
  for (const auto& [what, bytes] : kGarbage5) {
    CAPTURE(what);
    ScriptedServer server(on_packet(8, kConnack5, bytes));
    check_end(sub(server.port(), {"-V", "5", "-t", "a"}), 14, "127.0.0.1:");
  }
}

TEST_CASE("mq-pub ends with 14 when its server breaks MQTT after CONNACK, and does not retry") {
  for (const auto& [what, bytes] : kGarbage) {
    CAPTURE(what);
    ScriptedServer server(on_packet(3, kConnack311, bytes));
    check_end(pub(server.port(), {"-t", "a", "-m", "x", "-q", "1"}), 14, "127.0.0.1:");
  }
  for (const auto& [what, bytes] : kGarbage5) {
    CAPTURE(what);
    ScriptedServer server(on_packet(3, kConnack5, bytes));
    check_end(pub(server.port(), {"-V", "5", "-t", "a", "-m", "x", "-q", "1"}), 14, "127.0.0.1:");
  }
  for (const auto& [what, bytes] : kBadAnswers5) {
    CAPTURE(what);
    ScriptedServer server(on_packet(3, kConnack5, bytes));
    check_end(pub(server.port(), {"-V", "5", "-t", "a", "-m", "x", "-q", "1"}), 14, "127.0.0.1:");
  }
}

TEST_CASE("a CONNACK of 5.0 that says what it must not is exit code 14 for mq-pub and mq-sub") {
  for (const auto& [what, bytes] : kBadConnacks5) {
    CAPTURE(what);
    ScriptedServer server(on_connect(bytes));
    check_end(pub(server.port(), {"-V", "5", "-t", "a", "-m", "x"}), 14, "127.0.0.1:");
    check_end(sub(server.port(), {"-V", "5", "-t", "a"}), 14, "127.0.0.1:");
  }
}

TEST_CASE("what a server of 5.0 says that it does not take is the exit code, and is not sent") {
  ScriptedServer no_retain(on_connect("20 05 00 00 02 25 00"));
  check_end(pub(no_retain.port(), {"-V", "5", "-t", "a", "-m", "x", "-r"}), 154, "'a'");
  ScriptedServer no_qos(on_connect("20 05 00 00 02 24 00"));
  check_end(pub(no_qos.port(), {"-V", "5", "-t", "a", "-m", "x", "-q", "1"}), 155, "'a'");
  ScriptedServer short_packets(on_connect("20 08 00 00 05 27 00 00 00 08"));
  check_end(pub(short_packets.port(), {"-V", "5", "-t", "a", "-m", "longer"}), 149, "'a'");
}

TEST_CASE("lines are counted when the server breaks MQTT between them") {
  ScriptedServer server(on_packet(3, kConnack311, "00 00"));
  auto command = pub(server.port(), {"-t", "a", "-l", "-q", "1"});
  command.input = "one\ntwo\n";
  const auto end = support::run(command);
  CHECK(end.code == 14);
  const auto lines = lines_of(end.err);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("protocol error") != std::string::npos);
  CHECK(lines[1] == "mq-pub: 0 sent, 2 lost");
}

TEST_CASE("a QoS 0 message at which the server resets the connection is not called delivered") {
  const auto listener = support::listen_loopback();
  for (const std::string flag : {"-m", "-l"}) {
    CAPTURE(flag);
    auto command = pub(support::local_port(listener), {"-t", "a", flag});
    if (flag == "-m") command.argv.push_back("x");
    command.input = "x\n";
    Process publisher(command);
    support::RawConnection connection(support::accept_loopback(listener));
    REQUIRE(!connection.read_packet().empty());
    CHECK(connection.send(from_hex(kConnack311)));
    // Its end has come, and everything lies unread: as with a server that takes no such packet.
    REQUIRE(connection.is_half_closed_by_peer());
    connection.reset();
    const auto end = publisher.wait();
    CHECK(end.code == 7);
    CHECK(lines_of(end.err).at(0).find("messages of QoS 0 may be lost") != std::string::npos);
  }
}

TEST_CASE("a PUBLISH before CONNACK is exit code 14 and not printed [MQTT-3.2.0-1]") {
  ScriptedServer server(on_connect("30 04 00 01 61 78"));
  check_end(sub(server.port(), {"-t", "a"}), 14, "does not speak MQTT");
  check_end(pub(server.port(), {"-t", "a", "-m", "x"}), 14, "does not speak MQTT");
}

TEST_CASE("a SUBACK with more or fewer codes than filters is exit code 14 [MQTT-3.9.3-1]") {
  for (const std::string bytes : {"90 02 00 01", "90 04 00 01 00 00"}) {
    CAPTURE(bytes);
    ScriptedServer server(on_packet(8, kConnack311, bytes));
    check_end(sub(server.port(), {"-t", "a"}), 14, "127.0.0.1:");
  }
}

TEST_CASE("acknowledgements that nothing was sent for are let pass, and the real one counts") {
  ScriptedServer server([](const std::string& packet) -> ScriptedServer::Answer {
    if (is_type(packet, 1)) return {from_hex(kConnack311)};
    if (!is_type(packet, 3)) return {};
    return {from_hex("40 02 7F 01  40 02") + packet.substr(5, 2)};
  });
  const auto end = support::run(pub(server.port(), {"-t", "a", "-m", "x", "-q", "1"}));
  CHECK(end.code == 0);
  CHECK(end.err == "");
}

TEST_CASE("half a message is not printed when the connection is cut in it") {
  ScriptedServer server([](const std::string& packet) -> ScriptedServer::Answer {
    if (is_type(packet, 1)) return {from_hex(kConnack311)};
    return {from_hex("90 03") + packet.substr(2, 2) + from_hex("00  30 20 00 01 61 78 79 7A"),
            true};
  });
  check_end(sub(server.port(), {"-t", "a", "--no-retry"}), 7, "closed by the server");
}

TEST_CASE("a server that is silent after CONNACK ends mq-sub with 27 and mq-pub at its limit") {
  ScriptedServer server(on_connect(kConnack311));
  check_end(sub(server.port(), {"-t", "a", "-W", "0.3"}), 27, "no answer to the subscription");
  check_end(pub(server.port(), {"-t", "a", "-m", "x", "-q", "1", "-W", "0.3"}), 27, "Timed out");
}

TEST_CASE("a server that is silent after its PUBREC ends mq-pub at its limit") {
  ScriptedServer server([](const std::string& packet) -> ScriptedServer::Answer {
    if (is_type(packet, 1)) return {from_hex(kConnack311)};
    if (!is_type(packet, 3)) return {};
    return {from_hex("50 02") + packet.substr(5, 2)};
  });
  check_end(pub(server.port(), {"-t", "a", "-m", "x", "-q", "2", "-W", "0.3"}), 27, "Timed out");
}

TEST_CASE("a server that is silent in the handshake of TLS or WebSocket is exit code 27") {
  const auto listener = support::listen_loopback();  // Its connections stay unaccepted.
  const auto port = support::local_port(listener);
  for (const std::string flag : {"--tls-use-os-certs", "--ws"}) {
    CAPTURE(flag);
    const Arguments how{"-t", "a", flag, "--connect-timeout", "0.3"};
    check_end(sub(port, how), 27, "127.0.0.1:");
    auto publishing = how;
    publishing.insert(publishing.end(), {"-m", "x"});
    check_end(pub(port, publishing), 27, "127.0.0.1:");
  }
}

TEST_CASE("a redirect is told and not followed") {
  ScriptedServer server(on_connect("20 0F 00 9D 0C 1C 00 09 6F 74 68 65 72 3A 31 38 38"));
  check_end(sub(server.port(), {"-V", "5", "-t", "a"}), 157, "the server names other:188");
  check_end(pub(server.port(), {"-V", "5", "-t", "a", "-m", "x"}), 157, "other:188");
}

TEST_CASE("a PINGRESP that never comes ends the connection: exit code 7 when nobody retries") {
  ScriptedServer server(on_packet(8, kConnack311, "90 03 00 01 00"));
  check_end(sub(server.port(), {"-t", "a", "-k", "5", "--no-retry"}), 7, "connection lost");
}

TEST_CASE("a message that announces 256 MB and never comes costs no memory and no time") {
  ScriptedServer server(on_packet(8, kConnack311, "90 03 00 01 00  30 FF FF FF 7F 00 01 61"));
  auto command = sub(server.port(), {"-t", "a", "-W", "0.3"});
  // With less address space than that.
  command.argv.insert(command.argv.begin(), {"prlimit", "--as=200000000"});
  const auto end = support::run(command);
  CAPTURE(end.err);
  CHECK(end.code == 27);
  CHECK(end.out == "");
}

TEST_CASE("escape sequences in a reason or a topic do not reach a terminal raw") {
  ScriptedServer server(on_connect("20 0E 00 87 0B 1F 00 08 1B 5B 32 4A 07 0D 41 0A"));
  check_end(pub(server.port(), {"-V", "5", "-t", "a", "-m", "x"}), 135, "refused");
  check_end(sub(server.port(), {"-V", "5", "-t", "a"}), 135, "refused");
}

TEST_CASE("a topic and a payload with escape sequences leave a real terminal as it is") {
  // "a", the sequence that changes to the other screen, a bell, and the same as payload.
  ScriptedServer server(on_packet(
      8, kConnack311,
      "90 03 00 01 00  30 16 00 0A 61 1B 5B 3F 31 30 34 39 68 07 1B 5B 3F 31 30 34 39 68 62 07"));
  support::Terminal terminal;
  terminal.type(support::tool("mq-sub") + " -p " + std::to_string(server.port()) +
                " -v -C 1 -t a && echo end-$((1 + 1))");
  CHECK(terminal.wait_for("end-2").find("[?1049h") != std::string::npos);
  CHECK(terminal.is_plain());
}

TEST_CASE("a CONNACK in pieces is a CONNACK") {
  const auto listener = support::listen_loopback();
  Process publisher(pub(support::local_port(listener), {"-t", "a", "-m", "x"}));
  support::RawConnection connection(support::accept_loopback(listener));
  REQUIRE(!connection.read_packet().empty());
  for (const char* piece : {"20", "02", "00", "00"}) CHECK(connection.send(from_hex(piece)));
  CHECK(support::to_hex(connection.read_packet()) == "30 04 00 01 61 78");
  CHECK(publisher.wait().code == 0);
}

TEST_CASE("a reset in the middle of a message prints nothing of it: exit code 7") {
  const auto listener = support::listen_loopback();
  Process subscriber(sub(support::local_port(listener), {"-t", "a", "--no-retry"}));
  support::RawConnection connection(support::accept_loopback(listener));
  REQUIRE(!connection.read_packet().empty());
  CHECK(connection.send(from_hex(kConnack311)));
  REQUIRE(!connection.read_packet().empty());
  CHECK(connection.send(from_hex("90 03 00 01 00  30 20 00 01 61 78 79")));
  connection.reset();
  const auto end = subscriber.wait();
  CHECK(end.code == 7);
  CHECK(end.out == "");
  CHECK(lines_of(end.err).size() == 1);
}
