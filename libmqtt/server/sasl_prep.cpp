#include "libmqtt/server/sasl_prep.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "libmqtt/base/utf8.hpp"

namespace mqtt::server {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

/// RFC 3454 table B.1: mapped to nothing.
constexpr std::array kNothing = {
    Range{0x00AD, 0x00AD}, Range{0x034F, 0x034F}, Range{0x1806, 0x1806}, Range{0x180B, 0x180D},
    Range{0x200B, 0x200D}, Range{0x2060, 0x2060}, Range{0xFE00, 0xFE0F}, Range{0xFEFF, 0xFEFF}};
/// Table C.1.2: mapped to a space.
constexpr std::array kSpaces = {Range{0x00A0, 0x00A0}, Range{0x1680, 0x1680},
                                Range{0x2000, 0x200A}, Range{0x202F, 0x202F},
                                Range{0x205F, 0x205F}, Range{0x3000, 0x3000}};
/// Tables C.2 to C.9, but for the last two code points of each plane.
constexpr std::array kProhibited = {
    Range{0x0000, 0x001F},   Range{0x007F, 0x009F},   Range{0x0340, 0x0341},
    Range{0x06DD, 0x06DD},   Range{0x070F, 0x070F},   Range{0x180E, 0x180E},
    Range{0x200E, 0x200F},   Range{0x2028, 0x202E},   Range{0x2061, 0x2063},
    Range{0x206A, 0x206F},   Range{0x2FF0, 0x2FFB},   Range{0xE000, 0xF8FF},
    Range{0xFDD0, 0xFDEF},   Range{0xFFF9, 0xFFFD},   Range{0x1D173, 0x1D17A},
    Range{0xE0001, 0xE0001}, Range{0xE0020, 0xE007F}, Range{0xF0000, 0x10FFFF}};

bool is_in(std::span<const Range> table, char32_t code) {
  return std::ranges::any_of(
      table, [code](const Range& range) { return code >= range.first && code <= range.last; });
}

bool is_prohibited(char32_t code) {
  return is_in(kProhibited, code) || (code & 0xFFFEU) == 0xFFFEU;
}

/// The code point of a well-formed sequence.
char32_t decode(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first;
  char32_t code = first & (0x7FU >> sequence.size());
  for (const char next : sequence.substr(1))
    code = code << 6U | (static_cast<unsigned>(next) & 63U);
  return code;
}

}  // namespace

std::expected<std::string, std::string> sasl_prep(std::string_view text) {
  std::string prepared;
  while (!text.empty()) {
    const std::size_t size = utf8_sequence_length(text);
    if (size == 0) return std::unexpected("a password that is not UTF-8");
    const std::string_view sequence = text.substr(0, size);
    const char32_t code = decode(sequence);
    if (is_in(kSpaces, code)) {
      prepared += ' ';
    } else if (!is_in(kNothing, code)) {
      if (is_prohibited(code)) return std::unexpected("a password with control characters");
      prepared += sequence;
    }
    text.remove_prefix(size);
  }
  if (prepared.empty()) return std::unexpected("an empty password");
  return prepared;
}

}  // namespace mqtt::server
