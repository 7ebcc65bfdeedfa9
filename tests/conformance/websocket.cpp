#include "tests/conformance/websocket.hpp"

namespace conformance {
namespace {

std::size_t number(const std::string& bytes) {
  std::size_t value = 0;
  for (const char byte : bytes) value = value * 256 + static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

ReceivedFrame read_frame(support::RawConnection& connection) {
  const std::string head = connection.read_bytes(2);
  if (head.size() < 2) return {};
  ReceivedFrame frame;
  frame.first = static_cast<unsigned char>(head[0]);
  const unsigned second = static_cast<unsigned char>(head[1]);
  frame.is_masked = (second & 0x80U) != 0;
  std::size_t size = second & 0x7FU;
  if (size == 126) size = number(connection.read_bytes(2));
  if (size == 127) size = number(connection.read_bytes(8));
  const std::string mask = frame.is_masked ? connection.read_bytes(4) : std::string(4, '\0');
  frame.payload = connection.read_bytes(size);
  for (std::size_t i = 0; i < frame.payload.size(); ++i)
    frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i % 4]);
  return frame;
}

std::string read_head(support::RawConnection& connection) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const std::string byte = connection.read_bytes(1);
    if (byte.empty()) break;
    head += byte;
  }
  return head;
}

}  // namespace conformance
