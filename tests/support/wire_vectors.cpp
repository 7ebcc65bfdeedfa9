#include "tests/support/wire_vectors.hpp"

#include <cassert>
#include <cstddef>
#include <string>

namespace mqtt::test {
namespace {

/// Reads the notation of WireVector::wire up to its end or the bracket that closes this group.
class WireParser {
 public:
  explicit WireParser(std::string_view wire) : rest_(wire) {}

  std::string group(char closing) {
    std::string out;
    while (!rest_.empty()) {
      const char next = take();
      if (next == closing) return out;
      if (next == '\'') {
        while (rest_[0] != '\'') out += take();
        take();
      } else if (next == '(') {
        const auto inner = group(')');
        out += static_cast<char>(inner.size() >> 8);
        out += static_cast<char>(inner.size());
        out += inner;
      } else if (next == '[') {
        const auto inner = group(']');
        out += variable_byte(inner.size()) + inner;
      } else if (next != ' ') {
        out += static_cast<char>(digit(next) << 4 | digit(take()));
      }
    }
    assert(closing == '\0');
    return out;
  }

 private:
  char take() {
    const char next = rest_.at(0);
    rest_.remove_prefix(1);
    return next;
  }
  static unsigned digit(char c) {
    const auto value = std::string_view("0123456789ABCDEF").find(c);
    assert(value != std::string_view::npos);
    return static_cast<unsigned>(value);
  }
  static std::string variable_byte(std::size_t value) {
    std::string out;
    do {
      const auto low = value % 128;
      value /= 128;
      out += static_cast<char>(value > 0 ? low + 128 : low);
    } while (value > 0);
    return out;
  }

  std::string_view rest_;
};

}  // namespace

Bytes parse_wire(std::string_view wire) { return Bytes::copy(WireParser(wire).group('\0')); }

Bytes WireVector::bytes() const { return parse_wire(wire); }

const std::vector<WireVector>& wire_vectors() {
  static const auto all = [] {
    auto rows = wire_vectors_3();
    for (auto& row : wire_vectors_5()) rows.push_back(std::move(row));
    for (auto& row : wire_vectors_refused()) rows.push_back(std::move(row));
    return rows;
  }();
  return all;
}

}  // namespace mqtt::test
