#include "libmqtt/codec/encode.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "libmqtt/codec/decode.hpp"
#include "tests/support/wire_vectors.hpp"

using namespace mqtt;
using namespace mqtt::test;

namespace {

std::string content(const Output& output) {
  std::array<std::span<const std::byte>, 16> pieces;
  std::string all;
  const auto count = output.gather(pieces);
  for (std::size_t i = 0; i < count; ++i) all += as_text(pieces[i]);
  return all;
}

std::string encoded(Version version, const Packet& packet) {
  Output output;
  encode(version, packet, output);
  CHECK(output.size() == encoded_size(version, packet));
  return content(output);
}

std::string wire(std::string_view notation) { return std::string(parse_wire(notation).view()); }

}  // namespace

TEST_CASE("every canonical row of the wire table encodes to its bytes") {
  for (const auto& row : wire_vectors()) {
    if (row.packet() == nullptr) continue;
    CAPTURE(row.name);
    const auto bytes = encoded(row.version, *row.packet());
    CHECK((bytes == row.bytes().view()) == row.is_canonical);
  }
}

TEST_CASE("what is encoded stands behind what the output held") {
  Output output;
  encode(Version::v5_0, Puback{.packet_id = 1}, output);
  encode(Version::v5_0, Pingreq{}, output);
  CHECK(content(output) == wire("40 02 00 01 C0 00"));
}

TEST_CASE("3.x leaves out properties, options and reason codes it has no place for") {
  const auto properties = PropertiesBuilder().add_user_property("k", "v").build();
  const auto v4 = Version::v3_1_1;
  CHECK(encoded(v4, Publish{.topic = Bytes::copy("a"), .properties = properties}) ==
        wire("30 03 0001 'a'"));
  CHECK(encoded(v4, Puback{.packet_id = 1,
                           .reason_code = ReasonCode::quota_exceeded,
                           .properties = properties}) == wire("40 02 0001"));
  CHECK(encoded(v4, Unsuback{.packet_id = 1, .reason_codes = {ReasonCode::not_authorized}}) ==
        wire("B0 02 0001"));
  CHECK(encoded(v4, Disconnect{.reason_code = ReasonCode::server_busy}) == wire("E0 00"));
  CHECK(encoded(v4, Connack{.properties = properties}) == wire("20 02 00 00"));
  CHECK(encoded(v4, Subscribe{.packet_id = 1,
                              .requests = {{Bytes::copy("a"),
                                            {.qos = Qos::at_least_once,
                                             .no_local = true,
                                             .retain_handling = RetainHandling::do_not_send}}},
                              .properties = properties}) == wire("82 [ 0001 ('a') 01 ]"));
}

TEST_CASE("3.1 has no session present flag") {
  CHECK(encoded(Version::v3_1, Connack{.session_present = true}) == wire("20 02 00 00"));
}

TEST_CASE("every failure is one code in a 3.1.1 SUBACK [3.1.1 MQTT-3.9.3-2]") {
  CHECK(encoded(Version::v3_1_1,
                Suback{.packet_id = 1,
                       .reason_codes = {ReasonCode::granted_qos_2, ReasonCode::not_authorized,
                                        ReasonCode::topic_filter_invalid}}) ==
        wire("90 05 0001 02 80 80"));
}

TEST_CASE("reason codes become the return codes of 3.1.1, what fits none 'server unavailable'") {
  CHECK(connack_return_code(ReasonCode::success) == 0);
  CHECK(connack_return_code(ReasonCode::unsupported_protocol_version) == 1);
  CHECK(connack_return_code(ReasonCode::client_identifier_not_valid) == 2);
  CHECK(connack_return_code(ReasonCode::server_unavailable) == 3);
  CHECK(connack_return_code(ReasonCode::bad_user_name_or_password) == 4);
  CHECK(connack_return_code(ReasonCode::not_authorized) == 5);
  CHECK(connack_return_code(ReasonCode::banned) == 5);
  CHECK(connack_return_code(ReasonCode::quota_exceeded) == 3);
}

TEST_CASE("the short way of acknowledging writes the same bytes") {
  const auto ack = [](Version version, PacketType type, ReasonCode code) {
    Output output;
    encode_ack(version, type, 0x1234, code, output);
    return content(output);
  };
  for (const auto version : {Version::v3_1_1, Version::v5_0}) {
    for (const auto code : {ReasonCode::success, ReasonCode::packet_identifier_not_found}) {
      CHECK(ack(version, PacketType::puback, code) ==
            encoded(version, Puback{.packet_id = 0x1234, .reason_code = code}));
      CHECK(ack(version, PacketType::pubrec, code) ==
            encoded(version, Pubrec{.packet_id = 0x1234, .reason_code = code}));
      CHECK(ack(version, PacketType::pubrel, code) ==
            encoded(version, Pubrel{.packet_id = 0x1234, .reason_code = code}));
      CHECK(ack(version, PacketType::pubcomp, code) ==
            encoded(version, Pubcomp{.packet_id = 0x1234, .reason_code = code}));
    }
  }
}

TEST_CASE("a large payload is shared, a small one copied, and the bytes are the same") {
  for (const std::size_t size :
       {std::size_t{0}, Output::kShareAbove, Output::kShareAbove + 1, std::size_t{70'000}}) {
    CAPTURE(size);
    const auto payload = Bytes::copy(std::string(size, 'p'));
    const Packet packet = Publish{.topic = Bytes::copy("a/b"), .payload = payload};
    Output output;
    encode(Version::v5_0, packet, output);
    std::array<std::span<const std::byte>, 4> pieces;
    const auto count = output.gather(pieces);
    CHECK(count == (size > Output::kShareAbove ? 2 : 1));
    if (count == 2) CHECK(pieces[1].data() == payload.data());
    const auto bytes = content(output);
    CHECK(bytes.size() == encoded_size(Version::v5_0, packet));
    Framer framer(kMaximumPacketSize);
    framer.feed(as_bytes(bytes));
    const auto frame = framer.next();
    REQUIRE(frame);
    REQUIRE(*frame);
    CHECK(decode(Version::v5_0, **frame) == Result<Packet>(packet));
  }
}

TEST_CASE("the two halves of a PUBLISH's properties are written one after the other") {
  const auto came = PropertiesBuilder().add(property::content_type, "t").build();
  const auto added =
      PropertiesBuilder().add(property::subscription_identifier, std::uint32_t{5}).build();
  const PublishParts parts{.topic = "a",
                           .properties = came.wire().span(),
                           .added_properties = added.wire().span(),
                           .packet_id = 7,
                           .qos = Qos::at_least_once};
  Output output;
  encode(Version::v5_0, parts, output);
  CHECK(content(output) == wire("32 [ ('a') 0007 [ 03('t') 0B05 ] ]"));
  CHECK(encoded_size(Version::v5_0, parts) == output.size());
  output.clear();
  encode(Version::v3_1_1, parts, output);
  CHECK(content(output) == wire("32 [ ('a') 0007 ]"));
}
