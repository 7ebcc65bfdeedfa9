#include "libmqtt/base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace mqtt {
namespace {

constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;

/// Whether all eight bytes are ASCII and none is U+0000. The subtraction borrows out of a zero byte
/// and so sets a high bit; a false alarm only sends the word down the slow path.
bool is_plain_ascii(std::uint64_t word) { return ((word | (word - kOnes)) & kHighBits) == 0; }

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

/// The second byte decides between overlong forms, surrogates and values above U+10FFFF.
bool is_second_byte(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0 && second <= 0xBF;
    case 0xED:
      return second >= 0x80 && second <= 0x9F;
    case 0xF0:
      return second >= 0x90 && second <= 0xBF;
    case 0xF4:
      return second >= 0x80 && second <= 0x8F;
    default:
      return is_continuation(second);
  }
}

std::size_t length_by_lead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) return 3;
  return lead <= 0xF4 ? 4 : 0;
}

}  // namespace

std::size_t utf8_sequence_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = length_by_lead(lead);
  if (length <= 1) return length;
  if (text.size() < length || !is_second_byte(lead, static_cast<unsigned char>(text[1]))) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(static_cast<unsigned char>(text[i]))) return 0;
  }
  return length;
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    if (text.size() >= sizeof(std::uint64_t)) {
      std::uint64_t word;
      std::memcpy(&word, text.data(), sizeof word);
      if (is_plain_ascii(word)) {
        text.remove_prefix(sizeof word);
        continue;
      }
    }
    // 0 for surrogates [MQTT-1.5.4-1], in 3.1.1 [MQTT-1.5.3-1]
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0 || text[0] == '\0') return false;  // [MQTT-1.5.4-2], in 3.1.1 [MQTT-1.5.3-2]
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace mqtt
