#include <doctest/doctest.h>

#include "tests/support/broker_process.hpp"
#include "tests/support/raw_connection.hpp"

using namespace support;

namespace {

constexpr std::string_view kConnect5 = "10 0F 00 04 4D 51 54 54 05 02 00 3C 00 00 02 78 78";
constexpr std::string_view kConnect311 = "10 0E 00 04 4D 51 54 54 04 02 00 3C 00 02 79 79";

/// A client that does everything right, next to one that does not.
class Bystander {
 public:
  explicit Bystander(std::uint16_t port) : connection_(port) {
    connection_.send(from_hex("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 62"));
    REQUIRE(to_hex(connection_.read_packet()) == "20 02 00 00");
  }
  bool is_served() {
    connection_.send(from_hex("C0 00"));
    return to_hex(connection_.read_packet()) == "D0 00";
  }

 private:
  RawConnection connection_;
};

struct Fault {
  std::string what;
  std::string packet;  ///< In hexadecimal digits.
  int reason_code;
};

const std::vector<Fault> kFaults{
    {"packet type 0 is reserved [MQTT-2.1.3-1]", "00 00", 0x81},
    {"a Remaining Length of five bytes [MQTT-1.5.5-1]", "30 FF FF FF FF 7F", 0x81},
    {"PUBLISH with QoS 3 [MQTT-3.3.1-4]", "36 06 00 01 61 00 01 00", 0x81},
    {"a topic of ill-formed UTF-8 [MQTT-1.5.4-1]", "30 05 00 02 C3 28 00", 0x81},
    {"a topic with U+0000 [MQTT-1.5.4-2]", "30 05 00 02 61 00 00", 0x81},
    {"a topic that ends behind the packet", "30 04 00 09 61 00", 0x81},
    {"an unknown property", "30 06 00 01 61 02 7F 00", 0x81},
    {"a property length behind the packet", "30 04 00 01 61 09", 0x81},
    {"a property twice [MQTT-3.3.2.3]", "30 08 00 01 61 04 01 00 01 00", 0x82},
    {"PUBLISH without a topic or an alias", "30 03 00 00 00", 0x82},
    {"PUBLISH with a Subscription Identifier [MQTT-3.3.4-6]", "30 06 00 01 61 02 0B 01", 0x82},
    {"Topic Alias 0 [MQTT-3.3.2-8]", "30 07 00 01 61 03 23 00 00", 0x94},
    {"a Topic Alias above the maximum [MQTT-3.3.2-9]", "30 07 00 01 61 03 23 FF FF", 0x94},
    {"SUBSCRIBE with the wrong flags [MQTT-3.8.1-1]", "80 07 00 01 00 00 01 61 00", 0x81},
    {"SUBSCRIBE with reserved option bits [MQTT-3.8.3-5]", "82 07 00 01 00 00 01 61 40", 0x81},
    {"SUBSCRIBE without a filter [MQTT-3.8.3-2]", "82 03 00 01 00", 0x82},
    {"Retain Handling 3", "82 07 00 01 00 00 01 61 30", 0x82},
    {"No Local on a shared subscription [MQTT-3.8.3-4]",
     "82 10 00 01 00 00 0A 24 73 68 61 72 65 2F 67 2F 61 04", 0x82},
    {"UNSUBSCRIBE without a filter [MQTT-3.10.3-2]", "A2 03 00 01 00", 0x82},
    {"PUBREL with the wrong flags [MQTT-3.6.1-1]", "60 02 00 01", 0x81},
    {"PINGREQ with a body", "C0 01 00", 0x81},
    {"a second CONNECT [MQTT-3.1.0-2]", std::string(kConnect5), 0x82},
    {"CONNACK from a client", "20 03 00 00 00", 0x82},
    {"AUTH without a method in CONNECT", "F0 00", 0x82},
    {"a Session Expiry Interval that CONNECT had as 0 [MQTT-3.14.2-2]",
     "E0 07 00 05 11 00 00 00 0A", 0x82},
};

}  // namespace

TEST_CASE("a malformed 5.0 packet closes its own connection, and says why [MQTT-4.13.1-1]") {
  BrokerProcess broker(BrokerProcess::Kind::mq_broker_lite);
  Bystander bystander(broker.port());
  for (const auto& fault : kFaults) {
    CAPTURE(fault.what);
    RawConnection connection(broker.port());
    connection.send(from_hex(kConnect5));
    CHECK(to_hex(connection.read_packet()).starts_with("20 "));
    connection.send(from_hex(fault.packet));
    const auto answer = connection.read_packet();
    CAPTURE(to_hex(answer));
    REQUIRE(answer.size() >= 3);
    CHECK(answer[0] == '\xe0');
    CHECK(static_cast<unsigned char>(answer[2]) == fault.reason_code);
    CHECK(connection.is_closed_by_peer());
    CHECK(bystander.is_served());
  }
}

TEST_CASE("a malformed 3.1.1 packet closes its own connection without a word [MQTT-4.8.0-1]") {
  BrokerProcess broker(BrokerProcess::Kind::mq_broker_lite);
  Bystander bystander(broker.port());
  for (const std::string packet :
       {"00 00", "30 FF FF FF FF 7F", "36 05 00 01 61 00 01", "30 02 00 00", "30 03 00 01 23",
        "80 06 00 01 00 01 61 00", "82 02 00 01", "82 06 00 01 00 01 61 03", "F0 00"}) {
    CAPTURE(packet);
    RawConnection connection(broker.port());
    connection.send(from_hex(kConnect311));
    CHECK(to_hex(connection.read_packet()) == "20 02 00 00");
    connection.send(from_hex(packet));
    CHECK(connection.read_packet().empty());
    CHECK(connection.is_closed_by_peer());
    CHECK(bystander.is_served());
  }
}

TEST_CASE("whatever comes instead of a CONNECT closes the connection [MQTT-3.1.0-1]") {
  BrokerProcess broker(BrokerProcess::Kind::mq_broker_lite);
  Bystander bystander(broker.port());
  for (const std::string& bytes :
       {from_hex("C0 00"), from_hex("30 03 00 01 61"),
        "GET / HTTP/1.1\r\nAccept: " + std::string(80, '*') + "\r\n\r\n",
        from_hex("16 03 01 00 C8 01 00 00 C4 03 03"), std::string(70'000, '\xff')}) {
    CAPTURE(to_hex(bytes.substr(0, 20)));
    RawConnection connection(broker.port());
    connection.send(bytes);
    CHECK(connection.is_closed_by_peer());
    CHECK(bystander.is_served());
  }
}

TEST_CASE("a CONNECT that can't be served is told why, and closes its own connection") {
  struct Attempt {
    std::string what;
    std::string packet;
    std::string connack;
  };
  const std::vector<Attempt> attempts{
      {"a future version [MQTT-3.1.2-2]", "10 0D 00 04 4D 51 54 54 06 02 00 3C 00 00 00",
       "20 03 00 84 00"},
      {"an unknown authentication method [MQTT-4.12.0-1]",
       "10 11 00 04 4D 51 54 54 05 02 00 3C 04 15 00 01 78 00 00", "20 03 00 8C 00"},
      {"a reserved flag [MQTT-3.1.2-3]", "10 0D 00 04 4D 51 54 54 05 03 00 3C 00 00 00",
       "20 03 00 81 00"},
      {"will QoS 3 [MQTT-3.1.2-12]",
       "10 13 00 04 4D 51 54 54 05 1E 00 3C 00 00 00 00 00 01 61 00 00", "20 03 00 81 00"},
      {"Receive Maximum 0", "10 10 00 04 4D 51 54 54 05 02 00 3C 03 21 00 00 00 00",
       "20 03 00 82 00"},
  };
  BrokerProcess broker(BrokerProcess::Kind::mq_broker_lite);
  Bystander bystander(broker.port());
  for (const auto& attempt : attempts) {
    CAPTURE(attempt.what);
    RawConnection connection(broker.port());
    connection.send(from_hex(attempt.packet));
    CHECK(to_hex(connection.read_packet()) == attempt.connack);
    CHECK(connection.is_closed_by_peer());
    CHECK(bystander.is_served());
  }
}
