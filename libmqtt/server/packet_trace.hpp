#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "libmqtt/base/output.hpp"
#include "libmqtt/codec/framer.hpp"
#include "libmqtt/codec/packet.hpp"

namespace mqtt::server {

/// Reads along with one connection, from its first byte, and tells of every packet in either
/// direction: for the log's debug lines. It has framers and decodes of its own, so that a
/// connection that nobody traces pays nothing.
class PacketTrace {
 public:
  explicit PacketTrace(std::uint32_t maximum_packet_size);

  /// The packets that are whole with these bytes: "received PUBLISH, id 3, ...".
  std::vector<std::string> received(std::span<const std::byte> bytes);
  /// The first `count` bytes of `output` have been written: "sent PUBACK, id 3".
  std::vector<std::string> sent(const Output& output, std::size_t count);

 private:
  struct Direction {
    const char* verb;
    Framer framer;
    bool is_over = false;  ///< What came is no stream of packets.
  };
  void read(Direction& direction, std::span<const std::byte> bytes,
            std::vector<std::string>& lines);

  Direction incoming_;
  Direction outgoing_;
  Version version_ = Version::v3_1_1;  ///< Until CONNECT says.
};

}  // namespace mqtt::server
