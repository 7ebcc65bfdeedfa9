#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libmqtt/base/time.hpp"
#include "tools/common/option.hpp"

namespace cli {

/// Puts an option's words into a field of the tool's options. The field must outlive the table.
using Setter = std::function<Complaint(Words)>;

/// The inclusive range of a number; `noun` names it in complaints: "port".
struct Range {
  std::string_view noun;
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
};

/// A whole number in plain decimal digits: no sign, no blank, no 0x, nothing behind it.
std::expected<std::uint64_t, Complaint> parse_number(std::string_view text, const Range& range);

/// Seconds with an optional fraction, "2" or "0.25" (below 10^9), to the nanosecond.
std::expected<mqtt::Duration, Complaint> parse_seconds(std::string_view text);

/// Why a word cannot be a topic to publish to; empty when it can.
Complaint check_topic_name(std::string_view word);

/// The same for a topic of the command line, where what brokers close connections for can only be
/// a slip: a control character, a non-character of Unicode, more than 200 slashes.
Complaint check_topic_word(std::string_view word);

/// "'abc' is not a port": the word escaped and shortened so that the message stays one line.
Complaint is_not(std::string_view word, std::string_view what);

Setter set_flag(bool& target, bool value = true);
Setter set_text(std::string& target);
Setter set_text(std::optional<std::string>& target);
/// Repeatable: appends.
Setter add_text(std::vector<std::string>& target);

enum class Zero { allowed, refused };
Setter set_seconds(mqtt::Duration& target, Zero zero = Zero::refused);
Setter set_seconds(std::optional<mqtt::Duration>& target, Zero zero = Zero::refused);

/// The type of the value that a target, optional or not, takes.
template <class T>
struct ValueOf {
  using type = T;
};
template <class T>
struct ValueOf<std::optional<T>> {
  using type = T;
};

/// `target`: an unsigned integer or an optional of one, wide enough for range.most.
template <class T>
Setter set_number(T& target, Range range) {
  return [&target, range](Words words) -> Complaint {
    const auto number = parse_number(words[0], range);
    if (!number) return number.error();
    target = static_cast<typename ValueOf<T>::type>(*number);
    return {};
  };
}

/// One of several words, each of which stands for a value; `noun` names it: "protocol version (…)".
template <class T, class Value>
Setter set_choice(T& target, std::string_view noun,
                  std::vector<std::pair<std::string_view, Value>> choices) {
  return [&target, noun, choices = std::move(choices)](Words words) -> Complaint {
    for (const auto& [word, value] : choices) {
      if (words[0] != word) continue;
      target = value;
      return {};
    }
    return is_not(words[0], noun);
  };
}

}  // namespace cli
