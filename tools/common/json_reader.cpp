#include "tools/common/json_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "libmqtt/base/utf8.hpp"

namespace cli {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

constexpr std::string_view kEscapes = "\"\\/bfnrt";
constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";

void append_utf8(std::string& out, std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0 | code >> 6);
  } else {
    if (code < 0x1'0000) {
      add(0xE0 | code >> 12);
    } else {
      add(0xF0 | code >> 18);
      add(0x80 | (code >> 12 & 0x3F));
    }
    add(0x80 | (code >> 6 & 0x3F));
  }
  add(0x80 | (code & 0x3F));
}

bool is_high_surrogate(std::uint32_t code) { return code >= 0xD800 && code < 0xDC00; }
bool is_low_surrogate(std::uint32_t code) { return code >= 0xDC00 && code < 0xE000; }

/// The four digits behind "\u" at the front of text, which is then behind them; a second escape
/// that completes a surrogate pair goes with it.
std::uint32_t take_code(std::string_view& text) {
  const auto take = [](std::string_view digits) {
    std::uint32_t code = 0;
    std::from_chars(digits.data(), digits.data() + 4, code, 16);
    return code;
  };
  const std::uint32_t code = take(text.substr(2));
  text.remove_prefix(6);
  if (is_high_surrogate(code) && text.starts_with("\\u")) {
    const std::uint32_t low = take(text.substr(2));
    if (is_low_surrogate(low)) {
      text.remove_prefix(6);
      return 0x1'0000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
  }
  return is_high_surrogate(code) || is_low_surrogate(code) ? 0xFFFD : code;
}

}  // namespace

JsonReader::Token JsonReader::next() {
  if (has_failed_) return fail();
  skip_blanks();
  if (expect_ == Expect::nothing) {
    return at_ == text_.size() ? token(Kind::end, at_) : fail();
  }
  if (expect_ == Expect::comma_or_end && separate()) skip_blanks();
  if (at_ == text_.size()) return fail();
  switch (expect_) {
    case Expect::comma_or_end:
      return close(text_[at_]);
    case Expect::value_or_end:
      return is_at(']') ? close(']') : value();
    case Expect::name_or_end:
      return is_at('}') ? close('}') : name();
    case Expect::name:
      return name();
    default:
      return value();
  }
}

std::string_view JsonReader::skip(const Token& first) {
  Token last = first;
  const bool is_nested = first.kind == Kind::begin_object || first.kind == Kind::begin_array;
  if (is_nested) {
    const std::size_t outside = depth() - 1;
    while (depth() > outside && last.kind != Kind::error) last = next();
  }
  return last.kind == Kind::error ? std::string_view()
                                  : text_.substr(first.begin, last.end - first.begin);
}

void JsonReader::skip_blanks() {
  at_ = std::min(text_.find_first_not_of(" \t\n\r", at_), text_.size());
}

/// Steps over the comma between two members or elements.
bool JsonReader::separate() {
  if (!is_at(',')) return false;
  ++at_;
  expect_ = open_.back() == '}' ? Expect::name : Expect::value;
  return true;
}

JsonReader::Token JsonReader::value() {
  switch (text_[at_]) {
    case '{':
      return open(Kind::begin_object);
    case '[':
      return open(Kind::begin_array);
    case '"':
      return string(Kind::string);
    default:
      return is_at('-') || is_digit(text_[at_]) ? number() : literal();
  }
}

JsonReader::Token JsonReader::open(Kind kind) {
  const bool is_object = kind == Kind::begin_object;
  open_.push_back(is_object ? '}' : ']');
  expect_ = is_object ? Expect::name_or_end : Expect::value_or_end;
  ++at_;
  return token(kind, at_ - 1);
}

JsonReader::Token JsonReader::close(char bracket) {
  if (open_.empty() || bracket != open_.back()) return fail();
  open_.pop_back();
  value_is_over();
  ++at_;
  return token(bracket == '}' ? Kind::end_object : Kind::end_array, at_ - 1);
}

JsonReader::Token JsonReader::name() {
  if (!is_at('"')) return fail();
  const Token name = string(Kind::name);
  skip_blanks();
  if (has_failed_ || !is_at(':')) return fail();
  ++at_;
  expect_ = Expect::value;
  return name;
}

JsonReader::Token JsonReader::string(Kind kind) {
  const std::size_t begin = at_++;
  while (!is_at('"')) {
    if (at_ == text_.size() || static_cast<unsigned char>(text_[at_]) < 0x20) return fail();
    if (is_at('\\')) {
      if (!skip_escape()) return fail();
      continue;
    }
    const std::size_t length = mqtt::utf8_sequence_length(text_.substr(at_));
    if (length == 0) return fail();
    at_ += length;
  }
  ++at_;
  value_is_over();
  Token result = token(kind, begin);
  result.text = text_.substr(begin + 1, at_ - begin - 2);
  return result;
}

bool JsonReader::skip_escape() {
  const std::string_view rest = text_.substr(at_ + 1);
  if (rest.empty()) return false;
  if (kEscapes.contains(rest[0])) {
    at_ += 2;
    return true;
  }
  if (rest[0] != 'u' || rest.size() < 5) return false;
  at_ += 6;
  return std::ranges::all_of(rest.substr(1, 4), is_hex);
}

bool JsonReader::skip_digits() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  return at_ > begin;
}

JsonReader::Token JsonReader::number() {
  const std::size_t begin = at_;
  if (is_at('-')) ++at_;
  if (is_at('0')) {
    ++at_;
  } else if (!skip_digits()) {
    return fail();
  }
  if (is_at('.')) {
    ++at_;
    if (!skip_digits()) return fail();
  }
  if (is_at('e') || is_at('E')) {
    ++at_;
    if (is_at('+') || is_at('-')) ++at_;
    if (!skip_digits()) return fail();
  }
  value_is_over();
  return token(Kind::number, begin);
}

JsonReader::Token JsonReader::literal() {
  constexpr std::array<std::string_view, 3> kLiterals = {"true", "false", "null"};
  const auto* found = std::ranges::find_if(
      kLiterals, [&](std::string_view word) { return text_.substr(at_).starts_with(word); });
  if (found == kLiterals.end()) return fail();
  const std::size_t begin = at_;
  at_ += found->size();
  value_is_over();
  return token(Kind::literal, begin);
}

JsonReader::Token JsonReader::token(Kind kind, std::size_t begin) {
  return {.kind = kind, .text = text_.substr(begin, at_ - begin), .begin = begin, .end = at_};
}

JsonReader::Token JsonReader::fail() {
  has_failed_ = true;
  return {.kind = Kind::error, .begin = at_, .end = at_};
}

bool is_json(std::string_view text) {
  JsonReader reader(text);
  auto kind = reader.next().kind;
  while (kind != JsonReader::Kind::end && kind != JsonReader::Kind::error) {
    kind = reader.next().kind;
  }
  return kind == JsonReader::Kind::end;
}

std::string json_string_value(std::string_view text) {
  std::string value;
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    value += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.size() < 2) break;
    if (text[1] == 'u') {
      append_utf8(value, take_code(text));
    } else {
      value += kMeanings[kEscapes.find(text[1])];
      text.remove_prefix(2);
    }
  }
  return value;
}

}  // namespace cli
