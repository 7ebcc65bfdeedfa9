#include "libmqtt/server/packet_trace.hpp"

#include <algorithm>
#include <array>

#include "libmqtt/codec/decode.hpp"
#include "libmqtt/codec/encode.hpp"
#include "libmqtt/codec/packet_text.hpp"

namespace mqtt::server {

PacketTrace::PacketTrace(std::uint32_t maximum_packet_size)
    : incoming_(maximum_packet_size), outgoing_(kMaximumPacketSize) {}

std::vector<std::string> PacketTrace::received(std::span<const std::byte> bytes) {
  std::vector<std::string> lines;
  incoming_.feed(bytes);
  read(incoming_, "received", lines);
  return lines;
}

std::vector<std::string> PacketTrace::sent(const Output& output, std::size_t count) {
  std::vector<std::string> lines;
  std::array<std::span<const std::byte>, 64> pieces;  // as many as one write takes
  const std::size_t filled = output.gather(pieces);
  for (std::size_t i = 0; i < filled && count > 0; ++i) {
    const auto piece = pieces[i].first(std::min(pieces[i].size(), count));
    count -= piece.size();
    outgoing_.feed(piece);
    read(outgoing_, "sent", lines);
  }
  return lines;
}

void PacketTrace::read(Framer& framer, const char* verb, std::vector<std::string>& lines) {
  for (;;) {
    const auto frame = framer.next();
    if (!frame || !*frame) return;  // What is wrong with it is told by who reads it in earnest.
    const auto packet = decode(version_, **frame);
    if (packet)
      if (const auto* connect = std::get_if<Connect>(&*packet)) version_ = connect->version;
    lines.push_back(std::string(verb) + " " +
                    (packet ? packet_text(*packet)
                            : "a packet of type " + std::to_string((*frame)->type_bits()) +
                                  " that is not valid: " + std::string(packet.error().what)));
  }
}

}  // namespace mqtt::server
