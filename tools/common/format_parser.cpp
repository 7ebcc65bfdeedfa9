#include "tools/common/format_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "libmqtt/base/utf8.hpp"
#include "tools/common/terminal.hpp"

namespace cli {
namespace {

using Field = FormatStep::Field;
using mqtt::PropertyId;

/// A width pads that many bytes for every message: far above any use, far below exhausting memory.
constexpr std::size_t kLargestWidth = 65'535;
constexpr std::string_view kSeparators = "!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~";
constexpr std::string_view kIncomplete = "Incomplete format specifier.";
constexpr const char* kIsoTime = "%Y-%m-%dT%H:%M:%S%z";

struct Letter {
  char letter;
  Field field;
  PropertyId property{};
};
constexpr std::array kLetters = {
    Letter{'t', Field::topic},
    Letter{'p', Field::payload},
    Letter{'x', Field::lower_hex},
    Letter{'X', Field::upper_hex},
    Letter{'l', Field::length},
    Letter{'q', Field::qos},
    Letter{'r', Field::retain},
    Letter{'m', Field::packet_id},
    Letter{'j', Field::json},
    Letter{'J', Field::json_of_json},
    Letter{'b', Field::base64},
    Letter{'f', Field::float4},
    Letter{'d', Field::float8},
    Letter{'I', Field::local_time},
    Letter{'U', Field::unix_time},
    Letter{'A', Field::number_property, PropertyId::topic_alias},
    Letter{'E', Field::number_property, PropertyId::message_expiry_interval},
    Letter{'F', Field::number_property, PropertyId::payload_format_indicator},
    Letter{'S', Field::number_property, PropertyId::subscription_identifier},
    Letter{'C', Field::text_property, PropertyId::content_type},
    Letter{'R', Field::text_property, PropertyId::response_topic},
    Letter{'D', Field::correlation_data},
    Letter{'P', Field::user_properties},
};

struct EscapeLetter {
  char letter;
  char meaning;
};
constexpr std::array kEscapes = {
    EscapeLetter{'\\', '\\'},  EscapeLetter{'0', '\0'}, EscapeLetter{'a', '\a'},
    EscapeLetter{'e', '\x1b'}, EscapeLetter{'n', '\n'}, EscapeLetter{'r', '\r'},
    EscapeLetter{'t', '\t'},   EscapeLetter{'v', '\v'},
};

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::expected<std::vector<FormatStep>, std::string> run() {
    while (!rest_.empty() && error_.empty()) read_next();
    if (!error_.empty()) return std::unexpected(std::move(error_));
    return std::move(steps_);
  }

 private:
  void read_next() {
    const char c = rest_.front();
    if (c == '%') return read_specifier();
    if (c == '@') return read_time_specifier();
    if (c == '\\') return read_escape();
    add_literal(take(1));
  }

  void read_specifier() {
    rest_.remove_prefix(1);
    FormatStep step;
    step.left = take_if('-');
    step.zeros = take_if('0');
    step.width = take_number().value_or(0);
    if (take_if('.')) step.precision = static_cast<int>(take_number().value_or(0));
    if (!error_.empty()) return;
    // A separator is no letter, so that what stands here is one or the other.
    if (!rest_.empty() && kSeparators.contains(rest_.front())) step.separator = take(1).front();
    if (rest_.empty()) return fail(kIncomplete);
    if (take_if('%')) return add_literal("%");
    const auto* letter = std::ranges::find(kLetters, rest_.front(), &Letter::letter);
    if (letter == kLetters.end()) return fail_at_character("format");
    step.field = letter->field;
    step.property = letter->property;
    if (step.field == Field::local_time) step.text = kIsoTime;
    rest_.remove_prefix(1);
    steps_.push_back(std::move(step));
  }

  void read_time_specifier() {
    rest_.remove_prefix(1);
    if (rest_.empty()) return fail(kIncomplete);
    if (take_if('@')) return add_literal("@");
    if (take_if('N')) return steps_.push_back({.field = Field::nanoseconds});
    steps_.push_back({.field = Field::local_time, .text = fmt::format("%{}", take(1))});
  }

  void read_escape() {
    rest_.remove_prefix(1);
    if (rest_.empty()) return fail("Incomplete escape specifier.");
    const auto* escape = std::ranges::find(kEscapes, rest_.front(), &EscapeLetter::letter);
    if (escape == kEscapes.end()) return fail_at_character("escape");
    rest_.remove_prefix(1);
    add_literal({&escape->meaning, 1});
  }

  void add_literal(std::string_view text) {
    if (steps_.empty() || steps_.back().field != Field::literal) steps_.emplace_back();
    steps_.back().text += text;
  }

  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  bool take_if(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<std::size_t> take_number() {
    std::size_t number = 0;
    const char* const begin = rest_.data();
    const auto [end, error] = std::from_chars(begin, begin + rest_.size(), number);
    if (end == begin) return std::nullopt;
    const std::string_view digits = take(static_cast<std::size_t>(end - begin));
    if (error != std::errc() || number > kLargestWidth) {
      fail(fmt::format("Invalid field width '{}'.", digits.substr(0, 20)));
    }
    return number;
  }

  void fail(std::string_view sentence) {
    if (error_.empty()) error_ = sentence;
  }
  void fail_at_character(std::string_view what) {
    const std::size_t length = std::max<std::size_t>(mqtt::utf8_sequence_length(rest_), 1);
    fail(fmt::format("Invalid {} specifier {}.", what, quoted(rest_.substr(0, length))));
  }

  std::string_view rest_;
  std::vector<FormatStep> steps_;
  std::string error_;
};

}  // namespace

std::expected<std::vector<FormatStep>, std::string> parse_format(std::string_view text) {
  return Parser(text).run();
}

}  // namespace cli
