#include "libmqtt/base/utf8.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

using namespace mqtt;
using namespace std::literals;

namespace {

/// Encodes a code point by the plain rule, surrogates included.
std::string utf8(std::uint32_t code) {
  const auto tail = [&](unsigned shift) {
    return static_cast<char>(0x80 | (code >> shift & 0x3F));
  };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0 | code >> 6), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

bool is_surrogate(std::uint32_t code) { return code >= 0xD800 && code <= 0xDFFF; }

}  // namespace

TEST_CASE("every code point but U+0000 and the surrogates is valid [MQTT-1.5.4-1] [MQTT-1.5.4-2]") {
  std::uint32_t wrong = 0;
  for (std::uint32_t code = 0; code <= 0x110'000; ++code) {
    const auto text = utf8(code);
    const bool is_scalar = code <= 0x10'FFFF && !is_surrogate(code);
    if (is_valid_utf8(text) != (is_scalar && code != 0)) ++wrong;
    if (utf8_sequence_length(text) != (is_scalar ? text.size() : 0)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("U+FEFF is an ordinary character [MQTT-1.5.4-3]") {
  CHECK(is_valid_utf8("\xEF\xBB\xBF"));
  CHECK(is_valid_utf8("a\xEF\xBB\xBF"));
}

TEST_CASE("overlong, cut and stray sequences are not valid") {
  for (const auto text : {"\x80"sv,
                          "\xBF"sv,
                          "\xC0\x80"sv,
                          "\xC1\xBF"sv,
                          "\xC2"sv,
                          "\xC2\x41"sv,
                          "\xE0\x9F\xBF"sv,
                          "\xE0\xA0"sv,
                          "\xE2\x82"sv,
                          "\xE2\x28\xA1"sv,
                          "\xE2\x82\x28"sv,
                          "\xED\xA0\x80"sv,
                          "\xED\xBF\xBF"sv,
                          "\xF0\x8F\xBF\xBF"sv,
                          "\xF0\x9F\x98"sv,
                          "\xF0\x9F\x98\x28"sv,
                          "\xF4\x90\x80\x80"sv,
                          "\xF5\x80\x80\x80"sv,
                          "\xF8\x88\x80\x80\x80"sv,
                          "\xFE"sv,
                          "\xFF"sv}) {
    CAPTURE(static_cast<int>(static_cast<unsigned char>(text[0])));
    CHECK_FALSE(is_valid_utf8(text));
    CHECK(utf8_sequence_length(text) == 0);
  }
  CHECK(utf8_sequence_length("") == 0);
  CHECK(utf8_sequence_length("\0"sv) == 1);
  CHECK(utf8_sequence_length("ab") == 1);
  CHECK(utf8_sequence_length("\xC3\xA9z") == 2);
}

TEST_CASE("a fault is found wherever it stands in a long text") {
  for (const auto fault : {"\0"sv, "\xFF"sv, "\xED\xA0\x80"sv, "\xC3"sv}) {
    for (std::size_t at = 0; at <= 40; ++at) {
      std::string text(40, 'a');
      CHECK(is_valid_utf8(text));
      text.insert(at, fault);
      CAPTURE(at);
      CHECK_FALSE(is_valid_utf8(text));
    }
  }
}

TEST_CASE("characters of several bytes are taken wherever they stand in a long text") {
  for (std::size_t at = 0; at <= 40; ++at) {
    std::string text(40, 'a');
    text.insert(at, "\xF0\x9F\x98\x80\xC3\xA9\x01");
    CHECK(is_valid_utf8(text));
  }
  CHECK(is_valid_utf8(""));
}
