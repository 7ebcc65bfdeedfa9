#include "libmqtt/server/packet_trace.hpp"

#include <doctest/doctest.h>

#include <array>

#include "libmqtt/codec/encode.hpp"

using namespace mqtt;
using mqtt::server::PacketTrace;
using Lines = std::vector<std::string>;

namespace {

Output encoded(Version version, std::initializer_list<Packet> packets) {
  Output output;
  for (const Packet& packet : packets) encode(version, packet, output);
  return output;
}

std::vector<std::byte> bytes_of(const Output& output) {
  std::array<std::span<const std::byte>, 64> pieces;
  std::vector<std::byte> bytes;
  for (const auto& piece : std::span(pieces).first(output.gather(pieces)))
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  return bytes;
}

const Connect kConnect{.version = Version::v5_0, .client_id = Bytes::copy("c")};

}  // namespace

TEST_CASE("packets that come are told when they are whole, in the version of their CONNECT") {
  PacketTrace trace(kMaximumPacketSize);
  const auto bytes = bytes_of(encoded(
      Version::v5_0, {kConnect, Publish{.topic = Bytes::copy("t"), .payload = Bytes::copy("p")},
                      Disconnect{.reason_code = ReasonCode::disconnect_with_will_message}}));
  Lines all;
  for (const std::byte byte : bytes)
    for (std::string& line : trace.received({&byte, 1})) all.push_back(std::move(line));
  CHECK(all == Lines{"received CONNECT, version 5, client id 'c', clean start 1, keep alive 0",
                     "received PUBLISH, id 0, QoS 0, retain 0, dup 0, topic 't', 1 bytes",
                     "received DISCONNECT, Disconnect with Will Message"});
}

TEST_CASE("packets that go are told when the last of their bytes has gone, shared payloads too") {
  PacketTrace trace(kMaximumPacketSize);
  trace.received(bytes_of(encoded(Version::v5_0, {kConnect})));
  Output output =
      encoded(Version::v5_0,
              {Puback{.packet_id = 1},
               Publish{.topic = Bytes::copy("t"), .payload = Bytes::copy(std::string(5000, 'x'))}});
  const std::size_t last = output.size() - 1;
  CHECK(trace.sent(output, last) == Lines{"sent PUBACK, id 1"});
  output.consume(last);
  CHECK(trace.sent(output, 1) ==
        Lines{"sent PUBLISH, id 0, QoS 0, retain 0, dup 0, topic 't', 5000 bytes"});
}

TEST_CASE("what is no packet is told, and what is no stream of packets ends the trace") {
  PacketTrace trace(100);
  const std::array bad{std::byte{0x30}, std::byte{0x00}};
  const Lines told = trace.received(bad);
  REQUIRE(told.size() == 1);
  CHECK(told[0].starts_with("received a packet of type 3 that is not valid: "));
  const std::array endless{std::byte{0x30}, std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF},
                           std::byte{0xFF}};
  CHECK(trace.received(endless).empty());
  CHECK(trace.received(bad).empty());
}
