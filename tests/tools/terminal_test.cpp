#include "tools/common/terminal.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::string_literals;

TEST_CASE("printable text reaches a terminal unchanged, accents and emoji included") {
  CHECK(cli::printable("") == "");
  CHECK(cli::printable("Maison/Capteurs/Cuisine é 21,5 °C 🌡 \\ ~") ==
        "Maison/Capteurs/Cuisine é 21,5 °C 🌡 \\ ~");
}

TEST_CASE("control characters are shown, not obeyed") {
  CHECK(cli::printable("\x1b[2J") == "\\x1b[2J");
  CHECK(cli::printable("a\nb\tc\rd") == "a\\x0ab\\x09c\\x0dd");
  CHECK(cli::printable("\x7f") == "\\x7f");
  CHECK(cli::printable("a\0b"s) == "a\\x00b");
}

TEST_CASE("C1 controls are shown byte by byte although they are UTF-8") {
  CHECK(cli::printable("\u009b31m") == "\\xc2\\x9b31m");
  CHECK(cli::printable("\u0080\u009f") == "\\xc2\\x80\\xc2\\x9f");
  CHECK(cli::printable("\u00a0\u00bf") == "\u00a0\u00bf");
}

TEST_CASE("bytes that are not UTF-8 are shown, the text around them stays") {
  CHECK(cli::printable("\xff") == "\\xff");
  CHECK(cli::printable("a\xc3") == "a\\xc3");
  CHECK(cli::printable("\x9b"
                       "1mé") == "\\x9b1mé");
  CHECK(cli::printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(cli::printable("\xc0\x80") == "\\xc0\\x80");
}

TEST_CASE("append_printable keeps what is there already") {
  std::string out = "topic ";
  cli::append_printable(out, "\x1b");
  CHECK(out == "topic \\x1b");
}

TEST_CASE("a bad file descriptor is no terminal") { CHECK_FALSE(cli::is_terminal(-1)); }
