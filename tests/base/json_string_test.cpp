#include "libmqtt/base/json_string.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace mqtt;
using namespace std::literals;

namespace {
std::string json(std::string_view text, JsonEscape escape = JsonEscape::controls) {
  std::string out;
  append_json_string(out, text, escape);
  return out;
}
}  // namespace

TEST_CASE("what JSON minds is escaped, all other text stays") {
  CHECK(json("") == R"("")");
  CHECK(json("plain text/é€😀") == R"("plain text/é€😀")");
  CHECK(json("a\"b\\c\b\f\n\r\t") == R"("a\"b\\c\b\f\n\r\t")");
  CHECK(json("\0\x1b\x1f"sv) == R"("\u0000\u001b\u001f")");
}

TEST_CASE("what a terminal would obey is escaped for people and kept for programs") {
  CHECK(json("\x7f\xc2\x9b") == R"("\u007f\u009b")");
  CHECK(json("\x7f\xc2\x9b", JsonEscape::none) == "\"\x7f\xc2\x9b\"");
  CHECK(json("\x1b", JsonEscape::none) == R"("\u001b")");
}

TEST_CASE("bytes that are not UTF-8 still give a JSON string") {
  CHECK(json("a\xff\xc3") == R"("a\\xff\\xc3")");
  CHECK(json("\xed\xa0\x80") == R"("\\xed\\xa0\\x80")");
  CHECK_FALSE(is_json_text("a\xff"));
  CHECK(is_json_text("a\0é"sv));
}
