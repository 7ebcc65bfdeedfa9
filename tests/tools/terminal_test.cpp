#include "tools/common/terminal.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::string_literals;

TEST_CASE("printable text reaches a terminal unchanged, accents and emoji included") {
  CHECK(cli::escaped("") == "");
  CHECK(cli::escaped("Maison/Capteurs/Cuisine é 21,5 °C 🌡 \\ ~") ==
        "Maison/Capteurs/Cuisine é 21,5 °C 🌡 \\ ~");
}

TEST_CASE("control characters are shown, not obeyed") {
  CHECK(cli::escaped("\x1b[2J") == "\\x1b[2J");
  CHECK(cli::escaped("a\nb\tc\rd") == "a\\x0ab\\x09c\\x0dd");
  CHECK(cli::escaped("\x7f") == "\\x7f");
  CHECK(cli::escaped("a\0b"s) == "a\\x00b");
}

TEST_CASE("C1 controls are shown byte by byte although they are UTF-8") {
  CHECK(cli::escaped("\u009b31m") == "\\xc2\\x9b31m");
  CHECK(cli::escaped("\u0080\u009f") == "\\xc2\\x80\\xc2\\x9f");
  CHECK(cli::escaped("\u00a0\u00bf") == "\u00a0\u00bf");
}

TEST_CASE("bytes that are not UTF-8 are shown, the text around them stays") {
  CHECK(cli::escaped("\xff") == "\\xff");
  CHECK(cli::escaped("a\xc3") == "a\\xc3");
  CHECK(cli::escaped("\x9b"
                     "1mé") == "\\x9b1mé");
  CHECK(cli::escaped("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(cli::escaped("\xc0\x80") == "\\xc0\\x80");
}

TEST_CASE("append_escaped keeps what is there already") {
  std::string out = "topic ";
  cli::append_escaped(out, "\x1b");
  CHECK(out == "topic \\x1b");
}

TEST_CASE("a bad file descriptor is no terminal") { CHECK_FALSE(cli::is_terminal(-1)); }

TEST_CASE("quoted text is cut at a character, never inside one") {
  CHECK(cli::quoted("é\x1b") == "'é\\x1b'");
  CHECK(cli::quoted(std::string(64, 'a')) == "'" + std::string(64, 'a') + "'");
  CHECK(cli::quoted(std::string(65, 'a')) == "'" + std::string(64, 'a') + "...'");
  CHECK(cli::quoted(std::string(63, 'a') + "é") == "'" + std::string(63, 'a') + "...'");
  CHECK(cli::quoted(std::string(62, 'a') + "éé") == "'" + std::string(62, 'a') + "é...'");
}
