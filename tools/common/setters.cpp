#include "tools/common/setters.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "libmqtt/codec/topic.hpp"
#include "tools/common/terminal.hpp"

namespace cli {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
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
