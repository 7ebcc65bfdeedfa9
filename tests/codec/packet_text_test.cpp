#include "libmqtt/codec/packet_text.hpp"

#include <doctest/doctest.h>

using namespace mqtt;

TEST_CASE("a packet is one line with what it is about, and nothing of a peer's comes raw") {
  CHECK(packet_text(Packet(Publish{.topic = Bytes::copy("a/\x1b[2J"),
                                   .payload = Bytes::copy("12345"),
                                   .packet_id = 7,
                                   .qos = Qos::at_least_once,
                                   .retain = true})) ==
        "PUBLISH, id 7, QoS 1, retain 1, dup 0, topic 'a/\\x1b[2J', 5 bytes");
  PropertiesBuilder properties;
  properties.add(property::topic_alias, std::uint16_t{3});
  CHECK(packet_text(Publish{.properties = properties.build()}) ==
        "PUBLISH, id 0, QoS 0, retain 0, dup 0, topic '', alias 3, 0 bytes");
  CHECK(packet_text(Packet(Connect{.version = Version::v3_1_1,
                                   .keep_alive = 60,
                                   .client_id = Bytes::copy("me\n"),
                                   .username = Bytes::copy("u"),
                                   .password = Bytes::copy("secret"),
                                   .will = Will{.topic = Bytes::copy("w")}})) ==
        "CONNECT, version 4, client id 'me\\x0a', clean start 1, keep alive 60, user 'u', will "
        "topic 'w'");
  CHECK(packet_text(Packet(Connack{.session_present = true})) ==
        "CONNACK, Success, session present 1");
}

TEST_CASE("acknowledgements name their id, and a failure") {
  CHECK(packet_text(Packet(Puback{.packet_id = 3})) == "PUBACK, id 3");
  CHECK(packet_text(Packet(Pubrec{.packet_id = 3, .reason_code = ReasonCode::quota_exceeded})) ==
        "PUBREC, id 3, Quota exceeded");
  CHECK(packet_text(Packet(Pubrel{.packet_id = 9})) == "PUBREL, id 9");
  CHECK(packet_text(Packet(Pubcomp{.packet_id = 9})) == "PUBCOMP, id 9");
  CHECK(packet_text(Packet(Pingreq{})) == "PINGREQ");
  CHECK(packet_text(Packet(Pingresp{})) == "PINGRESP");
  CHECK(packet_text(Packet(Disconnect{.reason_code = ReasonCode::server_shutting_down})) ==
        "DISCONNECT, Server shutting down");
}

TEST_CASE("requests list their filters, and answers their codes") {
  const Subscribe subscribe{
      .packet_id = 1,
      .requests = {{Bytes::copy("a/#"), {.qos = Qos::exactly_once}}, {Bytes::copy("b"), {}}}};
  CHECK(packet_text(Packet(subscribe)) == "SUBSCRIBE, id 1, 'a/#' QoS 2, 'b' QoS 0");
  CHECK(packet_text(Packet(
            Suback{.packet_id = 1,
                   .reason_codes = {ReasonCode::granted_qos_2, ReasonCode::not_authorized}})) ==
        "SUBACK, id 1, 0x02, 0x87");
  CHECK(packet_text(Packet(Unsubscribe{.packet_id = 2, .filters = {Bytes::copy("a/#")}})) ==
        "UNSUBSCRIBE, id 2, 'a/#'");
  CHECK(packet_text(Packet(Unsuback{.packet_id = 2})) == "UNSUBACK, id 2");
}
