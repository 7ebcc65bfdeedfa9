#include "libmqtt/broker/access_parser.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "libmqtt/base/escape.hpp"
#include "libmqtt/base/utf8.hpp"
#include "libmqtt/codec/topic.hpp"

namespace mqtt::broker {
namespace {

/// The longest sensible line: a keyword or two and a filter.
constexpr std::size_t kLongestLine = 66'000;

std::unexpected<std::string> wrong(std::string text) { return std::unexpected(std::move(text)); }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\v\f";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

/// Takes the first word off a trimmed text, and the blanks behind it.
std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text = trimmed(text.substr(word.size()));
  return word;
}

}  // namespace

std::expected<std::shared_ptr<const Access>, std::string> Access::parse(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  AccessParser parser;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (auto added = parser.add_line(line); !added)
      return wrong(std::to_string(number) + ": " + added.error());
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return std::make_shared<const Access>(parser.take());
}

std::expected<void, std::string> AccessParser::add_line(std::string_view line) {
  if (line.size() > kLongestLine)
    return wrong("a line of more than " + std::to_string(kLongestLine) + " bytes");
  if (line.find('\0') != std::string_view::npos) return wrong("a NUL byte");
  std::string_view rest = trimmed(line);
  if (rest.empty() || rest.starts_with('#')) return {};
  const std::string_view word = take_word(rest);
  if (word == "user") return begin_user(rest);
  if (word == "topic" || word == "pattern") return add_rule(rest, word == "pattern");
  return wrong("unknown keyword " + quoted(word) +
               ": user, topic or pattern is meant to stand here");
}

std::expected<void, std::string> AccessParser::begin_user(std::string_view name) {
  if (name.empty()) return wrong("user without a name");
  if (!is_valid_utf8(name)) return wrong("a user name that is not UTF-8");
  rules_ = &access_.users_[std::string(name)];
  return {};
}

std::expected<void, std::string> AccessParser::add_rule(std::string_view text, bool is_pattern) {
  static constexpr std::array<std::pair<std::string_view, Access::Grants>, 4> kWords = {
      {{"read", Access::kRead},
       {"write", Access::kWrite},
       {"readwrite", Access::kRead | Access::kWrite},
       {"deny", Access::kDeny}}};
  const std::string_view keyword = is_pattern ? "pattern" : "topic";
  if (text.empty()) return wrong(std::string(keyword) + " without a filter");
  Access::Grants grants = Access::kRead | Access::kWrite;
  std::string_view filter = text;
  const std::string_view word = take_word(filter);
  const auto found = std::ranges::find(kWords, word, &decltype(kWords)::value_type::first);
  if (found != kWords.end()) {
    if (filter.empty()) return wrong(std::string(word) + " without a filter");
    grants = found->second;
  } else if (filter.empty()) {
    filter = word;
  } else {
    return wrong("unknown access " + quoted(word) +
                 ": read, write, readwrite or deny is meant to stand before a filter");
  }
  if (!is_valid_topic_filter(filter)) return wrong(quoted(filter) + " is not a valid topic filter");
  if (is_pattern)
    access_.patterns_.push_back({std::string(filter), grants});
  else if (has_wildcard(filter))
    rules_->wildcards.push_back({std::string(filter), grants});
  else
    rules_->exact[std::string(filter)] |= grants;
  return {};
}

}  // namespace mqtt::broker
