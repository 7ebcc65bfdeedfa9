#include "libmqtt/base/escape.hpp"

#include "libmqtt/base/utf8.hpp"

namespace mqtt {
namespace {

constexpr bool is_plain_ascii(unsigned char c) { return c >= 0x20 && c < 0x7F; }

/// U+0080 to U+009F: some terminals take them for the start of an escape sequence.
bool is_c1_control(std::string_view character) {
  return character.size() == 2 && character[0] == '\xC2' &&
         static_cast<unsigned char>(character[1]) < 0xA0;
}

void append_hex(std::string& out, char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  out += "\\x";
  out += kDigits[value >> 4];
  out += kDigits[value & 0x0F];
}

}  // namespace

void append_escaped(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t plain = 0;
    while (plain < bytes.size() && is_plain_ascii(static_cast<unsigned char>(bytes[plain])))
      ++plain;
    out.append(bytes.substr(0, plain));
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    const std::size_t length = utf8_sequence_length(bytes);
    const std::string_view character = bytes.substr(0, length > 0 ? length : 1);
    if (length > 1 && !is_c1_control(character)) {
      out.append(character);
    } else {
      for (const char byte : character) append_hex(out, byte);
    }
    bytes.remove_prefix(character.size());
  }
}

std::string escaped(std::string_view bytes) {
  std::string out;
  append_escaped(out, bytes);
  return out;
}

std::string quoted(std::string_view bytes) {
  constexpr std::size_t kLimit = 64;
  if (bytes.size() <= kLimit) return "'" + escaped(bytes) + "'";
  std::size_t cut = kLimit;
  while (cut > kLimit - 4 && (static_cast<unsigned char>(bytes[cut]) & 0xC0) == 0x80) --cut;
  return "'" + escaped(bytes.substr(0, cut)) + "...'";
}

}  // namespace mqtt
