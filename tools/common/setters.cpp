#include "tools/common/setters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>

#include "libmqtt/base/utf8.hpp"
#include "libmqtt/codec/topic.hpp"
#include "tools/common/terminal.hpp"

namespace cli {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// C0, DEL or C1; `sequence` is one code point in UTF-8.
bool is_control(std::string_view sequence) {
  if (sequence.size() == 1) return sequence[0] < ' ' || sequence[0] == '\x7F';
  return sequence.size() == 2 && sequence[0] == '\xC2' && sequence[1] < '\xA0';
}

/// U+FDD0..U+FDEF, and the last two of each plane.
bool is_non_character(std::string_view sequence) {
  if (sequence.starts_with("\xEF\xB7")) return sequence[2] >= '\x90' && sequence[2] <= '\xAF';
  const bool is_last = sequence.ends_with("\xBF\xBE") || sequence.ends_with("\xBF\xBF");
  if (!is_last) return false;
  return sequence[0] == '\xEF' || (sequence.size() == 4 && (sequence[1] & 0x0F) == 0x0F);
}

std::string range_text(const Range& range) {
  if (range.most == std::numeric_limits<std::uint64_t>::max()) {
    return fmt::format("{} ({} or more)", range.noun, range.least);
  }
  return fmt::format("{} ({}..{})", range.noun, range.least, range.most);
}

template <class Target>
Setter seconds_setter(Target& target, Zero zero) {
  return [&target, zero](Words words) -> Complaint {
    const auto duration = parse_seconds(words[0]);
    if (!duration) return duration.error();
    if (*duration == mqtt::Duration::zero() && zero == Zero::refused) {
      return is_not(words[0], "number of seconds above 0");
    }
    target = *duration;
    return {};
  };
}

}  // namespace

std::expected<std::uint64_t, Complaint> parse_number(std::string_view text, const Range& range) {
  std::uint64_t number = 0;
  const bool fits =
      is_digits(text) &&
      std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{};
  if (!fits || number < range.least || number > range.most) {
    return std::unexpected(is_not(text, range_text(range)));
  }
  return number;
}

std::expected<mqtt::Duration, Complaint> parse_seconds(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string fraction(point == std::string_view::npos ? "0" : text.substr(point + 1));
  const bool is_plain = is_digits(whole) && whole.size() <= 9 && is_digits(fraction);
  if (!is_plain) return std::unexpected(is_not(text, "number of seconds, like 2 or 0.25"));
  fraction.resize(9, '0');
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  std::from_chars(whole.data(), whole.data() + whole.size(), seconds);
  std::from_chars(fraction.data(), fraction.data() + fraction.size(), nanoseconds);
  return mqtt::Seconds(seconds) + std::chrono::nanoseconds(nanoseconds);
}

Complaint check_topic_name(std::string_view word) {
  if (mqtt::is_valid_topic_name(word)) return {};
  if (word.empty()) return "the topic is empty";
  std::string_view reason = "not valid UTF-8 without NUL";
  if (word.size() > 65'535) reason = "longer than 65,535 bytes";
  if (word.find_first_of("+#") != std::string_view::npos) reason = "+ and # are for subscribers";
  return fmt::format("{} is not a topic to publish to: {}", quoted(word), reason);
}

Complaint check_topic_word(std::string_view word) {
  constexpr std::ptrdiff_t kMostSlashes = 200;  // mosquitto's limit.
  if (Complaint complaint = check_topic_name(word); !complaint.empty()) return complaint;
  std::string_view reason;
  if (std::ranges::count(word, '/') > kMostSlashes) reason = "more than 200 slashes";
  for (std::string_view rest = word; !rest.empty();) {
    const std::size_t length = mqtt::utf8_sequence_length(rest);
    if (is_control(rest.substr(0, length))) reason = "a control character in it";
    if (is_non_character(rest.substr(0, length))) reason = "a code point in it that is none";
    rest.remove_prefix(length);
  }
  if (reason.empty()) return {};
  return fmt::format("{} is not a topic to publish to: {}", quoted(word), reason);
}

Complaint is_not(std::string_view word, std::string_view what) {
  return fmt::format("{} is not a {}", quoted(word), what);
}

Setter set_flag(bool& target, bool value) {
  return [&target, value](Words) -> Complaint {
    target = value;
    return {};
  };
}

Setter set_text(std::string& target) {
  return [&target](Words words) -> Complaint {
    target = words[0];
    return {};
  };
}

Setter set_text(std::optional<std::string>& target) {
  return [&target](Words words) -> Complaint {
    target = words[0];
    return {};
  };
}

Setter add_text(std::vector<std::string>& target) {
  return [&target](Words words) -> Complaint {
    target.push_back(words[0]);
    return {};
  };
}

Setter set_seconds(mqtt::Duration& target, Zero zero) { return seconds_setter(target, zero); }
Setter set_seconds(std::optional<mqtt::Duration>& target, Zero zero) {
  return seconds_setter(target, zero);
}

}  // namespace cli
