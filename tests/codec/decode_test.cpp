#include "libmqtt/codec/decode.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "libmqtt/codec/encode.hpp"
#include "tests/support/wire_vectors.hpp"

using namespace mqtt;
using namespace mqtt::test;

namespace {

/// Cuts the one frame that these bytes are.
FrameView frame_of(const Bytes& bytes) {
  Framer framer(kMaximumPacketSize);
  framer.feed(bytes.span());
  const auto frame = framer.next();
  REQUIRE(frame);
  REQUIRE(*frame);
  CHECK((*frame)->size == bytes.size());
  return **frame;
}

Result<Packet> decode_wire(Version version, std::string_view wire) {
  const auto bytes = parse_wire(wire);
  return decode(version, frame_of(bytes));
}

}  // namespace

TEST_CASE("the notation of the wire table stands for the bytes it says") {
  CHECK(parse_wire("10 [ ('MQTT') 04 02 003C ('t') ]") ==
        parse_wire("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 74"));
  CHECK(parse_wire("[" + std::string(400, '0') + "]").view().substr(0, 2) == "\xC8\x01");
}

TEST_CASE("every row of the wire table has its own name, and no version lacks a packet type") {
  std::set<std::string_view> names;
  std::set<std::pair<Version, PacketType>> types;
  for (const auto& row : wire_vectors()) {
    CHECK_MESSAGE(names.insert(row.name).second, row.name);
    if (row.packet() != nullptr) types.insert({row.version, type(*row.packet())});
  }
  CHECK(wire_vectors().size() >= 300);
  CHECK(types.size() == 14 + 14 + 15);
}

TEST_CASE("every row of the wire table decodes to its packet or its reason code") {
  for (const auto& row : wire_vectors()) {
    CAPTURE(row.name);
    const auto bytes = row.bytes();
    const auto result = decode(row.version, frame_of(bytes));
    if (row.packet() != nullptr) {
      CHECK_MESSAGE(result.has_value(), (result ? "" : result.error().what));
      if (result) CHECK(*result == *row.packet());
    } else {
      CHECK_FALSE(result.has_value());
      if (!result) CHECK_MESSAGE(result.error().code == *row.error(), result.error().what);
    }
  }
}

TEST_CASE("decode_publish reads what decode reads") {
  for (const auto& row : wire_vectors()) {
    const auto bytes = row.bytes();
    const auto frame = frame_of(bytes);
    if (static_cast<PacketType>(frame.type_bits()) != PacketType::publish) continue;
    CAPTURE(row.name);
    const auto publish = decode_publish(row.version, frame);
    const auto packet = decode(row.version, frame);
    REQUIRE(publish.has_value() == packet.has_value());
    if (publish) CHECK(Packet(*publish) == *packet);
  }
}

TEST_CASE("a packet that ends early is not taken for the whole one, wherever it ends") {
  for (const auto& row : wire_vectors()) {
    if (row.packet() == nullptr || !row.is_canonical) continue;
    const auto bytes = row.bytes();
    const auto whole = frame_of(bytes);
    for (std::size_t size = 0; size < whole.body.size(); ++size) {
      auto part = whole;
      part.body = whole.body.first(size);
      const auto result = decode(row.version, part);
      CAPTURE(row.name);
      CAPTURE(size);
      if (result) CHECK(*result != *row.packet());
    }
  }
}

TEST_CASE("a byte too many is never ignored") {
  for (const auto& row : wire_vectors()) {
    if (row.packet() == nullptr) continue;
    const auto bytes = row.bytes();
    const auto body = frame_of(bytes).body;
    const auto longer = Bytes::concat({body, as_bytes("x")});
    const FrameView frame{std::to_integer<std::uint8_t>(bytes.span()[0]), longer.span(), 0};
    const auto result = decode(row.version, frame);
    CAPTURE(row.name);
    if (result) CHECK(*result != *row.packet());
  }
}

TEST_CASE("strings and payloads of a packet are slices of one block") {
  const auto result = decode_wire(Version::v5_0, "32 [ ('topic') 0001 [ 03('t') ] 'payload' ]");
  REQUIRE(result);
  const auto& publish = std::get<Publish>(*result);
  CHECK(publish.payload.data() == publish.topic.data() + 5 + 2 + 1 + 4);
  CHECK(publish.properties.wire().data() == publish.topic.data() + 5 + 2 + 1);
}

TEST_CASE("the packet does not need the frame any more") {
  Bytes bytes = parse_wire("30 [ ('a') 'payload' ]");
  const auto result = decode(Version::v3_1_1, frame_of(bytes));
  bytes = Bytes();
  REQUIRE(result);
  CHECK(std::get<Publish>(*result).payload.view() == "payload");
}

TEST_CASE("a topic of 65,535 bytes is taken [MQTT-4.7.3-3]") {
  const std::string topic(65'535, 't');
  const auto result = decode_wire(Version::v3_1_1, "30 [ ('" + topic + "') 'x' ]");
  REQUIRE(result);
  CHECK(std::get<Publish>(*result).topic.view() == topic);
}

TEST_CASE("a refused CONNECT is answered in the version it speaks") {
  const auto version_of = [](std::string_view wire) {
    const auto bytes = parse_wire(wire);
    return answer_version(frame_of(bytes));
  };
  CHECK(version_of("10 [ ('MQTT') 05 FF ]") == Version::v5_0);
  CHECK(version_of("10 [ ('MQTT') 06 02 ]") == Version::v5_0);
  CHECK(version_of("10 [ ('MQTX') 05 02 ]") == Version::v5_0);
  CHECK(version_of("10 [ ('MQTT') 04 FF ]") == Version::v3_1_1);
  CHECK(version_of("10 [ ('MQTT') 84 02 ]") == Version::v3_1_1);
  CHECK(version_of("10 [ ('MQIsdp') 05 ]") == Version::v3_1_1);
  CHECK(version_of("10 00") == Version::v3_1_1);
}
