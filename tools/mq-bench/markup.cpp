#include "tools/mq-bench/markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "libmqtt/base/escape.hpp"

namespace mq_bench {
namespace {

/// Characters of three bytes in UTF-8 that stay no text: U+FFFE and U+FFFF, and those for the
/// direction of writing, U+202A to U+202E and U+2066 to U+2069.
bool is_unfit(std::string_view bytes) {
  constexpr std::array<std::string_view, 11> kUnfit{"\xEF\xBF\xBE", "\xEF\xBF\xBF", "\xE2\x80\xAA",
                                                    "\xE2\x80\xAB", "\xE2\x80\xAC", "\xE2\x80\xAD",
                                                    "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA7",
                                                    "\xE2\x81\xA8", "\xE2\x81\xA9"};
  return std::ranges::find(kUnfit, bytes.substr(0, 3)) != kUnfit.end();
}

std::string_view entity_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace

std::string markup(std::string_view text) {
  const std::string shown = mqtt::escaped(text);
  std::string out;
  for (std::string_view rest = shown; !rest.empty();) {
    const bool is_out = is_unfit(rest);
    const std::size_t length = is_out ? 3 : 1;
    if (is_out) {
      for (const char byte : rest.substr(0, length))
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
    } else if (const std::string_view entity = entity_of(rest.front()); !entity.empty()) {
      out += entity;
    } else {
      out += rest.front();
    }
    rest.remove_prefix(length);
  }
  return out;
}

}  // namespace mq_bench
