#include "libmqtt/net/http_head.hpp"

#include <algorithm>
#include <utility>

#include "libmqtt/base/escape.hpp"

namespace mqtt::net {
namespace {
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kBlanks = " \t";

bool is_control(char c) { return (c >= '\0' && c < ' ' && c != '\t') || c == '\x7F'; }

/// RFC 9110 §5.6.2; nothing else may stand before the colon, so that two readers of one head cannot
/// see different fields.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The line at the front; `text` becomes what follows its end.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find(kLineEnd), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + kLineEnd.size(), text.size()));
  return line;
}

/// The value of the field, when the line is one of this name.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  const std::size_t colon = line.find(':');
  if (!equal_ignoring_case(line.substr(0, colon), name)) return std::nullopt;
  return trimmed(line.substr(colon + 1));
}
}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<HttpHead> HttpHead::parse(std::string text) {
  while (text.ends_with(kLineEnd)) text.resize(text.size() - kLineEnd.size());
  std::string_view rest = text;
  const std::string_view first = next_line(rest);
  if (first.empty() || std::ranges::any_of(first, is_control)) return std::nullopt;
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return std::nullopt;
    if (std::ranges::any_of(line, is_control)) return std::nullopt;
  }
  return HttpHead(std::move(text));
}

std::string_view HttpHead::first_line() const {
  std::string_view rest = text_;
  return next_line(rest);
}

std::optional<std::string> HttpHead::field(std::string_view name) const {
  std::optional<std::string> joined;
  std::string_view rest = text_;
  next_line(rest);
  while (!rest.empty()) {
    const auto value = value_of(next_line(rest), name);
    if (!value) continue;
    joined = joined ? *joined + ", " + std::string(*value) : std::string(*value);
  }
  return joined;
}

unsigned HttpHead::count(std::string_view name) const {
  unsigned found = 0;
  std::string_view rest = text_;
  next_line(rest);
  while (!rest.empty())
    if (value_of(next_line(rest), name)) ++found;
  return found;
}

bool HttpHead::has_element(std::string_view name, std::string_view element) const {
  const auto value = field(name);
  std::string_view list = value ? *value : std::string_view();
  while (!list.empty())
    if (equal_ignoring_case(next_element(list), element)) return true;
  return false;
}

std::optional<HttpStatus> http_status(std::string_view first_line) {
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr std::size_t kCode = 9;  // After "HTTP/1.1 ".
  if (!first_line.starts_with(kVersion) || first_line.size() < kCode + 3) return std::nullopt;
  HttpStatus status;
  for (const char c : first_line.substr(kCode, 3)) {
    if (c < '0' || c > '9') return std::nullopt;
    status.code = status.code * 10 + static_cast<unsigned>(c - '0');
  }
  constexpr std::size_t kLongest = 80;  ///< Of a peer's words.
  status.text = "HTTP " + escaped(trimmed(first_line.substr(kCode, kLongest)));
  return status;
}

std::string_view next_element(std::string_view& list) {
  const std::size_t end = std::min(list.find(','), list.size());
  const std::string_view element = trimmed(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return element;
}

std::size_t HttpHeadCollector::receive(std::string_view bytes) {
  if (status_ != Status::incomplete) return 0;
  const std::size_t before = text_.size();
  text_ += bytes.substr(0, kMaximumSize - before);
  // The end may have begun in what came earlier.
  const std::size_t overlap = std::min(before, kHeadEnd.size() - 1);
  const std::size_t end = text_.find(kHeadEnd, before - overlap);
  if (end != std::string::npos) {
    text_.resize(end + kHeadEnd.size());
    status_ = Status::complete;
  } else if (text_.size() == kMaximumSize) {
    status_ = Status::too_large;
  }
  return text_.size() - before;
}

bool HttpHeadCollector::may_be_answer() const {
  constexpr std::string_view kBeginning = "HTTP/";
  return kBeginning.starts_with(std::string_view(text_).substr(0, kBeginning.size()));
}

}  // namespace mqtt::net
