#include "libmqtt/server/packet_trace.hpp"

#include <algorithm>
#include <array>

#include "libmqtt/codec/decode.hpp"
#include "libmqtt/codec/encode.hpp"
#include "libmqtt/codec/packet_text.hpp"

namespace mqtt::server {

PacketTrace::PacketTrace(std::uint32_t maximum_packet_size)
    : incoming_{"received", Framer(maximum_packet_size)},
      outgoing_{"sent", Framer(kMaximumPacketSize)} {}

std::vector<std::string> PacketTrace::received(std::span<const std::byte> bytes) {
  std::vector<std::string> lines;
  read(incoming_, bytes, lines);
  return lines;
}

std::vector<std::string> PacketTrace::sent(const Output& output, std::size_t count) {
  std::vector<std::string> lines;
  std::array<std::span<const std::byte>, 64> pieces;  // as many as one write takes
  const std::size_t filled = output.gather(pieces);
  for (std::size_t i = 0; i < filled && count > 0; ++i) {
    const auto piece = pieces[i].first(std::min(pieces[i].size(), count));
    count -= piece.size();
    read(outgoing_, piece, lines);
  }
  return lines;
}

void PacketTrace::read(Direction& direction, std::span<const std::byte> bytes,
                       std::vector<std::string>& lines) {
  if (direction.is_over) return;
  direction.framer.feed(bytes);
  for (;;) {
    const auto frame = direction.framer.next();
    direction.is_over = !frame;  // What is wrong is told by who reads it in earnest.
    if (!frame || !*frame) return;
    const auto packet = decode(version_, **frame);
    if (packet)
      if (const auto* connect = std::get_if<Connect>(&*packet)) version_ = connect->version;
    lines.push_back(std::string(direction.verb) + " " +
                    (packet ? packet_text(*packet)
                            : "a packet of type " + std::to_string((*frame)->type_bits()) +
                                  " that is not valid: " + std::string(packet.error().what)));
  }
}

}  // namespace mqtt::server
