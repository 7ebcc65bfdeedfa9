#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mqtt::net::test {

/// What a test may want to get wrong about a frame. Written down by hand, apart from wslay.
struct WsFrame {
  unsigned first = 0x82;  ///< FIN and opcode: 0x82 a whole binary message, 0x02 its beginning.
  std::string payload;
  bool is_masked = true;
  unsigned length_code = 0;  ///< 126 or 127 where fewer would do; 0: the shortest.
};

inline std::string bytes_of(const WsFrame& frame) {
  const std::uint64_t size = frame.payload.size();
  const unsigned shortest = size < 126 ? static_cast<unsigned>(size) : size < 65'536 ? 126 : 127;
  const unsigned code = frame.length_code != 0 ? frame.length_code : shortest;
  std::string bytes{static_cast<char>(frame.first),
                    static_cast<char>(code | (frame.is_masked ? 0x80U : 0U))};
  const int length_bytes = code == 126 ? 2 : code == 127 ? 8 : 0;
  for (int i = length_bytes - 1; i >= 0; --i) bytes += static_cast<char>(size >> (8 * i));
  if (!frame.is_masked) return bytes + frame.payload;
  constexpr std::string_view kMask = "\x12\x34\x56\x78";
  bytes += kMask;
  for (std::size_t i = 0; i < frame.payload.size(); ++i)
    bytes += static_cast<char>(frame.payload[i] ^ kMask[i % kMask.size()]);
  return bytes;
}

/// As a client sends it.
inline std::string masked(unsigned first, std::string_view payload) {
  return bytes_of({.first = first, .payload = std::string(payload)});
}
/// As a server sends it.
inline std::string plain(unsigned first, std::string_view payload) {
  return bytes_of({.first = first, .payload = std::string(payload), .is_masked = false});
}

inline constexpr unsigned kBinary = 0x82;
inline constexpr unsigned kBinaryBegins = 0x02;
inline constexpr unsigned kContinues = 0x00;
inline constexpr unsigned kContinuationEnds = 0x80;
inline constexpr unsigned kText = 0x81;
inline constexpr unsigned kClose = 0x88;
inline constexpr unsigned kPing = 0x89;
inline constexpr unsigned kPong = 0x8A;

}  // namespace mqtt::net::test
