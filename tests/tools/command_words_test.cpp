#include "tools/mq-sub/command_words.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using mq_sub::split_words;
using Words = std::vector<std::string>;

namespace {

Words words(std::string_view text) {
  const auto result = split_words(text);
  REQUIRE_MESSAGE(result.has_value(), text);
  return *result;
}

}  // namespace

TEST_CASE("a command is split at blanks, with quotes and backslashes") {
  CHECK(words("  logger -t\tmqtt\n") == Words{"logger", "-t", "mqtt"});
  CHECK(words("a 'b  c' \"d 'e'\"") == Words{"a", "b  c", "d 'e'"});
  CHECK(words("a'b'\"c\"d ''") == Words{"abcd", ""});
  CHECK(words("a\\ b \\\"c \"d\\\"e\\\\f\\g\"") == Words{"a b", "\"c", "d\"e\\f\\g"});
}

TEST_CASE("what a shell would do more is left alone") {
  CHECK(words("echo $HOME `id` *; rm > x | y &") ==
        Words{"echo", "$HOME", "`id`", "*;", "rm", ">", "x", "|", "y", "&"});
  CHECK(words("'a\\'") == Words{"a\\"});
}

TEST_CASE("half a quote, a last backslash and nothing at all are no commands") {
  CHECK(split_words("a 'b").error() == "'a 'b' has a quote or a backslash without its end");
  CHECK_FALSE(split_words("a \"b\\\""));
  CHECK_FALSE(split_words("a\\"));
  CHECK(split_words(" ").error() == "' ' is not a command");
  CHECK_FALSE(split_words("''"));
}
