#include "tools/mq-sub/json_text.hpp"

#include <fmt/format.h>

#include <iterator>

#include "libmqtt/base/utf8.hpp"

namespace mq_sub {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

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

void append_unicode_escape(std::string& out, unsigned code) {
  fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
}

void append_ascii(std::string& out, char c, Escape escape) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const bool is_control = c < 0x20 || (c == 0x7F && escape == Escape::controls);
  if (is_control) return append_unicode_escape(out, static_cast<unsigned char>(c));
  out += c;
}

void append_character(std::string& out, std::string_view character, Escape escape) {
  if (character.size() == 1) return append_ascii(out, character[0], escape);
  const bool is_c1 = character.size() == 2 && character[0] == '\xC2' &&
                     static_cast<unsigned char>(character[1]) < 0xA0;
  if (is_c1 && escape == Escape::controls) {
    return append_unicode_escape(out, static_cast<unsigned char>(character[1]));
  }
  out.append(character);
}

}  // namespace

bool is_json_text(std::string_view text) {
  while (true) {
    text.remove_prefix(plain_length(text));
    if (text.empty()) return true;
    const std::size_t length = mqtt::utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

void append_json_string(std::string& out, std::string_view text, Escape escape) {
  out += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_length(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = mqtt::utf8_sequence_length(text);
    append_character(out, text.substr(0, length), escape);
    text.remove_prefix(length);
  }
  out += '"';
}

void append_json_member(std::string& out, std::string_view name, std::string_view data,
                        Escape escape) {
  fmt::format_to(std::back_inserter(out), "\"{}\":", name);
  if (is_json_text(data)) return append_json_string(out, data, escape);
  fmt::format_to(std::back_inserter(out), "null,\"{}_base64\":\"", name);
  append_base64(out, data);
  out += '"';
}

void append_base64(std::string& out, std::string_view bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(bytes.size() < 3 ? bytes.size() : 3)) {
    unsigned group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= bytes.size() ? kBase64[group >> (18 - 6 * i) & 0x3F] : '=';
    }
  }
}

}  // namespace mq_sub
