#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mqtt::net {

/// Letters of ASCII compare without their case, as in HTTP field names and URL schemes.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// The head of an HTTP/1.1 message (RFC 9112 §2.1): its first line and its fields.
class HttpHead {
 public:
  /// `text`: everything up to the empty line, which may be there or not. Nothing when a line is no
  /// field, or holds a control character.
  static std::optional<HttpHead> parse(std::string text);

  std::string_view first_line() const;
  /// The values of all fields of this name, joined by commas (RFC 9110 §5.3); nothing when there is
  /// none. The case of `name` does not matter.
  std::optional<std::string> field(std::string_view name) const;
  unsigned count(std::string_view name) const;
  /// Whether the comma-separated list in the fields of this name has the element, in any case.
  bool has_element(std::string_view name, std::string_view element) const;

 private:
  explicit HttpHead(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

/// The status in the first line of an HTTP answer, "HTTP/1.1 403 Forbidden", and what may be shown
/// of the line: "HTTP 403 Forbidden". Nothing when it is not HTTP/1.
struct HttpStatus {
  unsigned code = 0;
  std::string text;
};
std::optional<HttpStatus> http_status(std::string_view first_line);

/// The element at the front of a comma-separated list, without the blanks around it; `list` becomes
/// what follows it.
std::string_view next_element(std::string_view& list);

/// Collects the bytes of a head as they come, up to the empty line and not further, in bounded
/// memory.
class HttpHeadCollector {
 public:
  static constexpr std::size_t kMaximumSize = 8192;
  enum class Status : std::uint8_t { incomplete, complete, too_large };

  /// Takes what belongs to the head; returns how many bytes that were.
  std::size_t receive(std::string_view bytes);
  Status status() const { return status_; }
  const std::string& text() const { return text_; }
  /// False once the bytes cannot be the beginning of an HTTP answer.
  bool may_be_answer() const;

 private:
  std::string text_;
  Status status_ = Status::incomplete;
};

}  // namespace mqtt::net
