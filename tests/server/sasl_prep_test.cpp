#include "libmqtt/server/sasl_prep.hpp"

#include <doctest/doctest.h>

#include <string>

using mqtt::server::sasl_prep;

TEST_CASE("SASLprep leaves ASCII and letters alone, case included (RFC 4013 §3)") {
  for (const char* text : {"user", "USER", "pass word", "~!@#$%^&*()_+", "gr\xC3\xBC\xC3\x9F",
                           "\xE2\x82\xAC", "\xF0\x9F\x94\x91"})
    CHECK(sasl_prep(text) == text);
}

TEST_CASE("SASLprep drops invisible characters and makes every space a space (RFC 4013 §2.1)") {
  CHECK(sasl_prep("I\xC2\xADX") == "IX");
  CHECK(sasl_prep("a\xC2\xA0"
                  "b\xE3\x80\x80"
                  "c") == "a b c");
  CHECK(sasl_prep("\xEF\xBB\xBFx\xE2\x80\x8D") == "x");
}

TEST_CASE("SASLprep refuses control characters, private use, non-characters (RFC 4013 §2.3)") {
  for (const std::string text :
       {"\x07", "a\tb", "\x7F", "\xC2\x85", "\xE2\x80\xAE", "\xEE\x80\x80", "\xEF\xBF\xBE",
        "\xF0\x9F\xBF\xBF", "\xF3\xA0\x80\x81", "\xEF\xBF\xBD"})
    CHECK_FALSE(sasl_prep(text));
  CHECK_FALSE(sasl_prep(std::string("a\0b", 3)));
}

TEST_CASE("SASLprep refuses what is not UTF-8 and what leaves nothing") {
  for (const char* text : {"\xFF", "a\xC3", "\xED\xA0\x80", "", "\xC2\xAD"})
    CHECK_FALSE(sasl_prep(text));
}
