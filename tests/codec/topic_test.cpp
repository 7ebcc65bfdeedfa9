#include "libmqtt/codec/topic.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace mqtt;
using namespace std::literals;

TEST_CASE("topic names") {
  for (const auto topic : {"a"sv, "/"sv, "//"sv, "a/b"sv, "/a/"sv, " "sv, "a b"sv, "$SYS/x"sv,
                           "Cuisine/\xC3\xA9"sv, "\xEF\xBB\xBF"sv}) {
    CAPTURE(topic);
    CHECK(is_valid_topic_name(topic));
    CHECK(is_valid_topic_filter(topic));
  }
  CHECK_FALSE(is_valid_topic_name(""));                  // [MQTT-4.7.3-1]
  CHECK_FALSE(is_valid_topic_name("a\0b"sv));            // [MQTT-4.7.3-2]
  CHECK(is_valid_topic_name(std::string(65'535, 'a')));  // [MQTT-4.7.3-3]
  CHECK_FALSE(is_valid_topic_name(std::string(65'536, 'a')));
  CHECK_FALSE(is_valid_topic_name("\xED\xA0\x80"));
  for (const auto topic : {"#", "+", "a/#", "a/+/b", "a#", "a+b"}) {
    CHECK_FALSE(is_valid_topic_name(topic));  // [MQTT-4.7.0-1]
  }
}

TEST_CASE("'#' stands alone in the last level [MQTT-4.7.1-1]") {
  for (const auto filter : {"#", "/#", "a/#", "a/b/#", "+/#"}) CHECK(is_valid_topic_filter(filter));
  for (const auto filter : {"a#", "#/", "#/a", "a/#/b", "##", "a/#b", "a/b#"}) {
    CHECK_FALSE(is_valid_topic_filter(filter));
  }
}

TEST_CASE("'+' stands alone in a level [MQTT-4.7.1-2]") {
  for (const auto filter : {"+", "/+", "+/", "+/+", "a/+/b", "+/a/#"}) {
    CHECK(is_valid_topic_filter(filter));
  }
  for (const auto filter : {"a+", "+a", "a/+b", "++", "+#", "a/b+/c"}) {
    CHECK_FALSE(is_valid_topic_filter(filter));
  }
}

TEST_CASE("filters are valid text too") {
  CHECK_FALSE(is_valid_topic_filter(""));
  CHECK_FALSE(is_valid_topic_filter("a/\xFF/#"));
  CHECK_FALSE(is_valid_topic_filter("a\0/#"sv));
  CHECK_FALSE(is_valid_topic_filter(std::string(65'536, 'a')));
}

TEST_CASE("a filter without wildcards matches itself only [MQTT-4.7.3-4]") {
  CHECK(matches("a/b", "a/b"));
  CHECK_FALSE(matches("a/b", "a/B"));
  CHECK_FALSE(matches("a/b", "a"));
  CHECK_FALSE(matches("a/b", "a/b/"));
  CHECK_FALSE(matches("a/b/", "a/b"));
  CHECK_FALSE(matches("a//b", "a/b"));
  CHECK_FALSE(matches("/a", "a"));
  CHECK_FALSE(matches("\xC3\xA9", "e\xCC\x81"));
}

TEST_CASE("'+' matches exactly one level, an empty one too") {
  CHECK(matches("a/+", "a/b"));
  CHECK(matches("a/+", "a/"));
  CHECK_FALSE(matches("a/+", "a"));
  CHECK_FALSE(matches("a/+", "a/b/c"));
  CHECK(matches("+", "a"));
  CHECK_FALSE(matches("+", "/a"));
  CHECK(matches("+/+", "/a"));
  CHECK(matches("/+", "/a"));
  CHECK(matches("a/+/c", "a/b/c"));
  CHECK_FALSE(matches("a/+/c", "a/b/d"));
}

TEST_CASE("'#' matches any levels and the parent level [MQTT-4.7.1-1]") {
  CHECK(matches("#", "a"));
  CHECK(matches("#", "/"));
  CHECK(matches("a/#", "a"));
  CHECK(matches("a/#", "a/"));
  CHECK(matches("a/#", "a/b/c"));
  CHECK_FALSE(matches("a/#", "ab"));
  CHECK_FALSE(matches("a/#", "b/a"));
  CHECK(matches("+/#", "a"));
  CHECK(matches("a/+/#", "a/b"));
  CHECK_FALSE(matches("a/+/#", "a"));
}

TEST_CASE("a leading wildcard does not match a leading '$' [MQTT-4.7.2-1]") {
  CHECK_FALSE(matches("#", "$SYS/x"));
  CHECK_FALSE(matches("+/x", "$SYS/x"));
  CHECK_FALSE(matches("+", "$SYS"));
  CHECK(matches("$SYS/#", "$SYS/x"));
  CHECK(matches("$SYS/+", "$SYS/x"));
  CHECK(matches("a/+", "a/$b"));
}

TEST_CASE("shared filters are split into name and filter") {
  const auto parts = split_shared("$share/group/a/+/#");
  REQUIRE(parts);
  CHECK(parts->share_name == "group");
  CHECK(parts->filter == "a/+/#");
  CHECK(split_shared("$share/g//a")->filter == "/a");
  CHECK(split_shared("$share/g//")->filter == "/");
}

TEST_CASE(
    "shared filters need a name without wildcards and a filter [MQTT-4.8.2-1] [MQTT-4.8.2-2]") {
  for (const auto filter : {"$share/", "$share//a", "$share/g", "$share/g/", "$share/+/a",
                            "$share/#/a", "$share/g+/a", "$share/g#/a"}) {
    CAPTURE(filter);
    CHECK(is_shared(filter));
    CHECK_FALSE(split_shared(filter));
    CHECK_FALSE(is_valid_topic_filter(filter));
  }
  CHECK_FALSE(is_valid_topic_filter("$share/g/a#"));
  CHECK(is_valid_topic_filter("$share/g/a/#"));
}

TEST_CASE("only a first level of exactly $share is shared") {
  for (const auto filter : {"$share", "share/g/a", "$shared/g/a", "/$share/g/a", "$SHARE/g/a"}) {
    CAPTURE(filter);
    CHECK_FALSE(is_shared(filter));
    CHECK_FALSE(split_shared(filter));
    CHECK(is_valid_topic_filter(filter));
  }
}
