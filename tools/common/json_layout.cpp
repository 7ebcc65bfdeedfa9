#include "tools/common/json_layout.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>
#include <vector>

#include "libmqtt/base/utf8.hpp"
#include "tools/common/json_reader.hpp"

namespace cli {
namespace {

using Kind = JsonReader::Kind;
using Token = JsonReader::Token;

class Setter {
 public:
  Setter(std::string& out, JsonLayout layout, mqtt::JsonEscape escape)
      : out_(out), is_pretty_(layout == JsonLayout::pretty), escape_(escape) {}

  void append(const Token& token) {
    switch (token.kind) {
      case Kind::begin_object:
      case Kind::begin_array:
        begin_value();
        return open(token);
      case Kind::end_object:
      case Kind::end_array:
        return close(token);
      case Kind::name:
        separate();
        append_string(token.text);
        out_ += is_pretty_ ? ":\t" : ":";
        return;
      case Kind::string:
        begin_value();
        return append_string(token.text);
      default:
        begin_value();
        out_ += token.text;
    }
  }

 private:
  bool is_in_array() const { return !open_.empty() && open_.back() == '['; }

  /// Inside an object the name has separated its value already.
  void begin_value() {
    if (is_in_array()) separate();
  }

  void separate() {
    const bool is_first = std::exchange(is_first_, false);
    if (!is_first) out_ += ',';
    if (!is_pretty_) return;
    if (!is_in_array()) {
      break_line();
    } else if (!is_first) {
      out_ += ' ';
    }
  }

  void open(const Token& token) {
    out_ += token.text;
    open_ += token.text;
    is_first_ = true;
  }

  void close(const Token& token) {
    open_.pop_back();
    const bool is_empty = std::exchange(is_first_, false);
    if (is_pretty_ && token.kind == Kind::end_object && !is_empty) break_line();
    out_ += token.text;
  }

  void break_line() {
    out_ += '\n';
    out_.append(open_.size(), '\t');
  }

  /// `text` is already escaped as JSON needs it.
  void append_string(std::string_view text) {
    out_ += '"';
    while (escape_ == mqtt::JsonEscape::controls && !text.empty()) {
      const std::size_t plain = std::min(text.find_first_of("\x7f\xc2"), text.size());
      out_ += text.substr(0, plain);
      text.remove_prefix(plain);
      if (text.empty()) break;
      const std::size_t length = mqtt::utf8_sequence_length(text);
      const auto last = static_cast<unsigned char>(text[length - 1]);
      if (last < 0xA0) {
        fmt::format_to(std::back_inserter(out_), "\\u{:04x}", last);
      } else {
        out_ += text.substr(0, length);
      }
      text.remove_prefix(length);
    }
    out_ += text;
    out_ += '"';
  }

  std::string& out_;
  bool is_pretty_;
  mqtt::JsonEscape escape_;
  std::string open_;  ///< The brackets that are.
  bool is_first_ = true;
};

}  // namespace

void append_json(std::string& out, std::string_view json, JsonLayout layout,
                 mqtt::JsonEscape escape) {
  Setter setter(out, layout, escape);
  JsonReader reader(json);
  for (Token token = reader.next(); token.kind != Kind::end && token.kind != Kind::error;
       token = reader.next()) {
    setter.append(token);
  }
}

}  // namespace cli
