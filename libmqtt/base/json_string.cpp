#include "libmqtt/base/json_string.hpp"

#include "libmqtt/base/utf8.hpp"

namespace mqtt {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

/// The length of the text at the front that needs no look at its bytes one by one.
std::size_t plain_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size()) {
    const auto c = static_cast<unsigned char>(text[length]);
    if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\') break;
    ++length;
  }
  return length;
}

/// `prefix` is "\u00", or "\\x" for a byte that is not text.
void append_hex(std::string& out, std::string_view prefix, char byte) {
  const auto value = static_cast<unsigned char>(byte);
  out += prefix;
  out += kDigits[value >> 4];
  out += kDigits[value & 0x0F];
}

void append_ascii(std::string& out, char c, JsonEscape escape) {
  constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
  constexpr std::string_view kNames = "\"\\bfnrt";
  if (const std::size_t at = kNamed.find(c); at != std::string_view::npos) {
    out += '\\';
    out += kNames[at];
  } else if (c < 0x20 || (c == 0x7F && escape == JsonEscape::controls)) {
    append_hex(out, "\\u00", c);
  } else {
    out += c;
  }
}

void append_character(std::string& out, std::string_view character, JsonEscape escape) {
  if (character.size() == 1) return append_ascii(out, character[0], escape);
  const bool is_c1 = character.size() == 2 && character[0] == '\xC2' &&
                     static_cast<unsigned char>(character[1]) < 0xA0;
  if (is_c1 && escape == JsonEscape::controls) return append_hex(out, "\\u00", character[1]);
  out.append(character);
}

}  // namespace

bool is_json_text(std::string_view text) {
  while (true) {
    text.remove_prefix(plain_length(text));
    if (text.empty()) return true;
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

void append_json_string(std::string& out, std::string_view text, JsonEscape escape) {
  out += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_length(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0) {
      append_hex(out, "\\\\x", text[0]);
      text.remove_prefix(1);
    } else {
      append_character(out, text.substr(0, length), escape);
      text.remove_prefix(length);
    }
  }
  out += '"';
}

}  // namespace mqtt
