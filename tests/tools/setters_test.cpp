#include "tools/common/setters.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace std::chrono_literals;

TEST_CASE("a number is plain decimal digits and nothing else") {
  const cli::Range range{"number", 0, 1'000'000};
  CHECK(cli::parse_number("0", range) == 0);
  CHECK(cli::parse_number("1000000", range) == 1'000'000);
  CHECK(cli::parse_number("007", range) == 7);
  for (const char* text : {"", " 1", "1 ", "+1", "-1", "0x10", "10x", "abc", "1.0", "1e3", "1,000",
                           "99999999999999999999999999", "\xD9\xA3"}) {
    CAPTURE(text);
    CHECK(!cli::parse_number(text, range));
  }
}

TEST_CASE("a number outside its range is told with the range") {
  CHECK(cli::parse_number("70000", {"port", 1, 65535}).error() ==
        "'70000' is not a port (1..65535)");
  CHECK(cli::parse_number("0", {"port", 1, 65535}).error() == "'0' is not a port (1..65535)");
  CHECK(cli::parse_number("x", {.noun = "count", .least = 1}).error() ==
        "'x' is not a count (1 or more)");
  CHECK(cli::parse_number("18446744073709551615", {.noun = "count"}) == 18446744073709551615ULL);
  CHECK(!cli::parse_number("18446744073709551616", {.noun = "count"}));
}

TEST_CASE("seconds may have a fraction, kept to the nanosecond") {
  CHECK(cli::parse_seconds("2") == mqtt::Duration(2s));
  CHECK(cli::parse_seconds("0.25") == mqtt::Duration(250ms));
  CHECK(cli::parse_seconds("1.000000001") == mqtt::Duration(1s + 1ns));
  CHECK(cli::parse_seconds("0.0000000019") == mqtt::Duration(1ns));
  CHECK(cli::parse_seconds("999999999") == mqtt::Duration(999'999'999s));
  for (const char* text : {"", ".", "1.", ".5", "-1", "1s", "1e3", "1.2.3", "1,5", "1000000000"}) {
    CAPTURE(text);
    CHECK(!cli::parse_seconds(text));
  }
}

TEST_CASE("zero seconds are refused where they would mean nothing") {
  mqtt::Duration target{};
  const std::string zero[] = {"0.000"};
  CHECK(cli::set_seconds(target)(zero) == "'0.000' is not a number of seconds above 0");
  CHECK(cli::set_seconds(target, cli::Zero::allowed)(zero) == "");
}

TEST_CASE("a refused value leaves the target as it was") {
  std::uint8_t qos = 1;
  const std::string words[] = {"3"};
  CHECK(cli::set_number(qos, {"QoS", 0, 2})(words) == "'3' is not a QoS (0..2)");
  CHECK(qos == 1);
}

TEST_CASE("a choice is one of its words exactly") {
  int target = 0;
  const cli::Setter set = cli::set_choice<int, int>(target, "version (3, 5)", {{"3", 3}, {"5", 5}});
  const std::string good[] = {"5"};
  const std::string bad[] = {"5 "};
  CHECK(set(good) == "");
  CHECK(target == 5);
  CHECK(set(bad) == "'5 ' is not a version (3, 5)");
}

TEST_CASE("why a topic cannot be published to is said in words") {
  CHECK(cli::check_topic_name("Maison/Capteurs/Cuisine é") == "");
  CHECK(cli::check_topic_name("") == "the topic is empty");
  CHECK(cli::check_topic_name("a/#") ==
        "'a/#' is not a topic to publish to: + and # are for subscribers");
  CHECK(cli::check_topic_name("a\xFF") ==
        "'a\\xff' is not a topic to publish to: not valid UTF-8 without NUL");
  CHECK(cli::check_topic_name(std::string(65'535, 'a')) == "");
  CHECK(cli::check_topic_name(std::string(65'536, 'a')).ends_with("longer than 65,535 bytes"));
}

TEST_CASE("a topic of the command line holds nothing that brokers close connections for") {
  for (const char* good :
       {"Maison/Capteurs/Cuisine é", "a/\xEE\x80\x80", "\xF0\x9F\xA6\x86", "\xC2\xA0"})
    CHECK(cli::check_topic_word(good) == "");
  for (const char* control : {"a\nb", "\x1B", "a\x7F", "\xC2\x85"})
    CHECK(cli::check_topic_word(control).ends_with(": a control character in it"));
  for (const char* none : {"\xEF\xBF\xBE", "a\xEF\xB7\x90", "\xF0\x9F\xBF\xBF", "\xF4\x8F\xBF\xBE"})
    CHECK(cli::check_topic_word(none).ends_with(": a code point in it that is none"));
  CHECK(cli::check_topic_word(std::string(200, '/')) == "");
  CHECK(cli::check_topic_word(std::string(201, '/')).ends_with(": more than 200 slashes"));
  CHECK(cli::check_topic_word("a/+").ends_with("+ and # are for subscribers"));
}

}  // namespace
