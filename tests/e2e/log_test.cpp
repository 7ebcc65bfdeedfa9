#include <doctest/doctest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/e2e/clients.hpp"
#include "tests/support/raw_connection.hpp"

using namespace e2e;
using support::from_hex;
using support::RawConnection;

namespace {

/// CONNECT, 3.1.1, with this client id.
std::string connect_as(std::string_view client_id) {
  std::string packet = from_hex("10 00 00 04 4D 51 54 54 04 02 00 3C 00 00");
  packet[1] = static_cast<char>(packet.size() - 2 + client_id.size());
  packet.back() = static_cast<char>(client_id.size());
  return packet.append(client_id);
}

}  // namespace

TEST_CASE("every line of a JSON log is one object, whatever clients are called") {
  BrokerProcess broker(kLite, {"-d", "--log-format", "json"});
  for (const std::string name : {"plain", "quote\"\\", "esc\x1b[2J", "line\nfeed", "\xC2\x9B"}) {
    RawConnection connection(broker.port());
    connection.send(connect_as(name));
    connection.read_packet();
    connection.send(from_hex("82 0A 00 01 00 05") + "a\x1b\"/#" + std::string(1, '\0'));
    connection.read_packet();
    connection.send(from_hex("E0 00"));
    connection.is_closed_by_peer();
  }
  broker.process().signal(SIGTERM);
  const auto lines = lines_of(broker.process().wait().err);
  CHECK(lines.size() > 20);
  int named = 0;
  for (const auto& line : lines) {
    CAPTURE(line);
    CHECK(line.find('\x1b') == std::string::npos);
    const auto object = nlohmann::json::parse(line, nullptr, false);
    REQUIRE(object.is_object());
    CHECK(object.contains("time"));
    CHECK(object.contains("level"));
    CHECK(object.contains("event"));
    if (object.value("client", "") == "quote\"\\") ++named;
  }
  CHECK(named >= 4);
}

TEST_CASE(
    "-v tells of connections and subscriptions, -d of every packet, neither of them nothing") {
  const auto log_of = [](const Arguments& arguments) {
    BrokerProcess broker(kLite, arguments);
    RawConnection connection(broker.port());
    connection.send(connect_as("lamp"));
    connection.read_packet();
    connection.send(from_hex("82 06 00 01 00 01") + "t" + from_hex("01"));
    connection.read_packet();
    connection.send(from_hex("32 06 00 01") + "t" + from_hex("00 05") + "x");
    connection.read_packet();
    connection.send(from_hex("C0 00"));
    connection.read_packet();
    connection.send(from_hex("E0 00"));
    connection.is_closed_by_peer();
    broker.process().signal(SIGTERM);
    return broker.process().wait().err;
  };
  CHECK(log_of({}) == "");
  const std::string some = log_of({"-v"});
  CHECK(some.find(" info: client 'lamp' connected from 127.0.0.1:") != some.npos);
  CHECK(some.find(" info: client 'lamp' subscribed 't': QoS 1") != some.npos);
  CHECK(some.find("PUBLISH") == some.npos);
  const std::string all = log_of({"-d"});
  for (const char* line :
       {"received CONNECT, version 4, client id 'lamp'", "sent CONNACK, Success",
        "received SUBSCRIBE, id 1, 't' QoS 1", "sent SUBACK, id 1, 0x01",
        "received PUBLISH, id 5, QoS 1, retain 0, dup 0, topic 't', 1 bytes", "sent PUBACK, id 5",
        "sent PUBLISH, id 1, QoS 1, retain 0, dup 0, topic 't', 1 bytes", "received PINGREQ",
        "sent PINGRESP", "received DISCONNECT, Success"}) {
    CAPTURE(line);
    CHECK(all.find(std::string(" debug: ")) != all.npos);
    CHECK(all.find(line) != all.npos);
  }
}

TEST_CASE("a client that makes many lines is cut off in the log, not in its service") {
  BrokerProcess broker(kLite, {"-v"});
  for (int i = 0; i < 300; ++i) {
    RawConnection connection(broker.port());
    connection.send(connect_as("chatty"));
    REQUIRE(support::to_hex(connection.read_packet()) == "20 02 00 00");
  }
  broker.process().signal(SIGTERM);
  const std::string log = broker.process().wait().err;
  CHECK(lines_of(log).size() < 500);
  CHECK(log.find(" lines about 127.0.0.1 were left out") != log.npos);
}
