#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// Reads JSON text (RFC 8259) token by token and checks it on the way, without recursion, copies or
/// numbers that lose digits: tokens are slices of the text. Strings must be well-formed UTF-8.
class JsonReader {
 public:
  enum class Kind : std::uint8_t {
    begin_object,
    end_object,
    begin_array,
    end_array,
    name,    ///< Of a member; its value follows. `text` is what stands between the quotes.
    string,  ///< `text` is what stands between the quotes.
    number,
    literal,  ///< true, false or null.
    end,      ///< The text was one JSON value.
    error,    ///< It is not JSON; nothing follows.
  };
  struct Token {
    Kind kind{};
    std::string_view text{};  ///< As it came.
    std::size_t begin = 0;    ///< Where the token, with its quotes, stands in the text ...
    std::size_t end = 0;      ///< ... and ends.
  };

  explicit JsonReader(std::string_view text) : text_(text) {}

  Token next();
  /// The objects and arrays that are open.
  std::size_t depth() const { return open_.size(); }
  /// Reads on to the end of the value that `first` begins; returns that value's text. Empty when it
  /// is broken.
  std::string_view skip(const Token& first);

 private:
  enum class Expect : std::uint8_t {
    value,
    value_or_end,
    name,
    name_or_end,
    comma_or_end,
    nothing
  };

  void skip_blanks();
  bool separate();
  Token value();
  Token open(Kind kind);
  Token close(char bracket);
  Token string(Kind kind);
  Token name();
  Token number();
  Token literal();
  Token token(Kind kind, std::size_t begin);
  Token fail();
  bool skip_digits();
  bool skip_escape();
  bool is_at(char c) const { return at_ < text_.size() && text_[at_] == c; }
  void value_is_over() { expect_ = open_.empty() ? Expect::nothing : Expect::comma_or_end; }

  std::string_view text_;
  std::size_t at_ = 0;
  Expect expect_ = Expect::value;
  bool has_failed_ = false;
  std::vector<char> open_;  ///< The brackets that would close them.
};

bool is_json(std::string_view text);

/// What a string token's text stands for, escapes resolved; a lone surrogate becomes U+FFFD.
std::string json_string_value(std::string_view text);

}  // namespace cli
