#include "libmqtt/base/reason_code.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <set>

using namespace mqtt;

namespace {

constexpr PacketType kTypes[] = {
    PacketType::connect,  PacketType::connack,     PacketType::publish,  PacketType::puback,
    PacketType::pubrec,   PacketType::pubrel,      PacketType::pubcomp,  PacketType::subscribe,
    PacketType::suback,   PacketType::unsubscribe, PacketType::unsuback, PacketType::pingreq,
    PacketType::pingresp, PacketType::disconnect,  PacketType::auth};

/// The codes of one packet type as its section of the standard lists them.
void check_codes(PacketType type, std::initializer_list<int> codes) {
  const std::set<int> expected(codes);
  for (int value = 0; value < 256; ++value) {
    CAPTURE(name(type));
    CAPTURE(value);
    CHECK(is_allowed(static_cast<ReasonCode>(value), type) == expected.contains(value));
  }
}

}  // namespace

TEST_CASE("each packet type has the reason codes of its section") {
  check_codes(
      PacketType::connack,
      {0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A,
       0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F});  // §3.2.2.2 [MQTT-3.2.2-8]
  check_codes(PacketType::puback,
              {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99});  // [MQTT-3.4.2-1]
  check_codes(PacketType::pubrec,
              {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99});  // [MQTT-3.5.2-1]
  check_codes(PacketType::pubrel, {0x00, 0x92});                        // [MQTT-3.6.2-1]
  check_codes(PacketType::pubcomp, {0x00, 0x92});                       // [MQTT-3.7.2-1]
  check_codes(PacketType::suback, {0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1,
                                   0xA2});                                        // [MQTT-3.9.3-2]
  check_codes(PacketType::unsuback, {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91});  // [MQTT-3.11.3-2]
  check_codes(PacketType::disconnect,
              {0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C,
               0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
               0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2});  // [MQTT-3.14.2-1]
  check_codes(PacketType::auth, {0x00, 0x18, 0x19});                          // [MQTT-3.15.2-1]
  for (const auto type : {PacketType::connect, PacketType::publish, PacketType::subscribe,
                          PacketType::unsubscribe, PacketType::pingreq, PacketType::pingresp}) {
    check_codes(type, {});
  }
}

TEST_CASE("every code that a packet may carry has a name of its own, no other has") {
  std::set<std::string_view> names;
  for (int value = 0; value < 256; ++value) {
    const auto code = static_cast<ReasonCode>(value);
    bool is_used = false;
    for (const auto type : kTypes) is_used = is_used || is_allowed(code, type);
    CAPTURE(value);
    CHECK((name(code) != "unknown reason code") == is_used);
    if (is_used) CHECK(names.insert(name(code)).second);
  }
  CHECK(names.size() == 43);
  CHECK(name(ReasonCode::not_authorized) == "Not authorized");
  CHECK(name(ReasonCode::wildcard_subscriptions_not_supported) ==
        "Wildcard Subscriptions not supported");
}

TEST_CASE("codes from 0x80 up are failures") {
  CHECK_FALSE(is_failure(ReasonCode::success));
  CHECK_FALSE(is_failure(ReasonCode::re_authenticate));
  CHECK(is_failure(ReasonCode::unspecified_error));
  CHECK(is_failure(ReasonCode::wildcard_subscriptions_not_supported));
}

TEST_CASE("packet types have the standard's names") {
  std::set<std::string_view> names;
  for (const auto type : kTypes) names.insert(name(type));
  CHECK(names.size() == 15);
  CHECK(name(PacketType::connect) == "CONNECT");
  CHECK(name(PacketType::pingresp) == "PINGRESP");
  CHECK(name(PacketType::auth) == "AUTH");
  CHECK(name(PacketType{}) == "unknown packet type");
}
