#include "libmqtt/broker/access.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "libmqtt/codec/topic.hpp"

using namespace mqtt::broker;

namespace {

using Rules = std::shared_ptr<const Access>;
const Identity kAnonymous{.username = "", .client_id = "c1"};
const Identity kAnna{.username = "anna", .client_id = "c1"};
const Identity kBert{.username = "bert", .client_id = "c2"};

Rules rules_of(std::string_view text) {
  auto rules = Access::parse(text);
  REQUIRE_MESSAGE(rules.has_value(), rules.error());
  return *rules;
}
std::string error_of(std::string_view text) {
  const auto rules = Access::parse(text);
  return rules ? "none" : rules.error();
}
bool writes(const Rules& rules, const Identity& who, std::string_view topic) {
  return rules->allows(Action::publish, who, topic);
}
bool reads(const Rules& rules, const Identity& who, std::string_view topic) {
  return rules->allows(Action::deliver, who, topic);
}
bool subscribes(const Rules& rules, const Identity& who, std::string_view filter) {
  return rules->allows(Action::subscribe, who, filter);
}

}  // namespace

TEST_CASE("An empty ACL file allows nothing") {
  for (const auto* text : {"", "\n\n", "# nobody\n", "user anna\n"}) {
    const Rules rules = rules_of(text);
    for (const Identity& who : {kAnonymous, kAnna}) {
      CHECK_FALSE(writes(rules, who, "a"));
      CHECK_FALSE(reads(rules, who, "a"));
      CHECK_FALSE(subscribes(rules, who, "#"));
    }
  }
}

TEST_CASE("Rules before the first user are for anonymous clients, the others for their user") {
  const Rules rules = rules_of(
      "topic read public/#\n"
      "user anna\n"
      "topic write in/+\n"
      "topic readwrite both\n"
      "topic neither/said\n"
      "user bert\n"
      "topic read out\n"
      "user anna\n"
      "topic read more\n");
  CHECK(reads(rules, kAnonymous, "public/a"));
  CHECK_FALSE(writes(rules, kAnonymous, "public/a"));
  CHECK_FALSE(reads(rules, kAnna, "public/a"));
  CHECK(writes(rules, kAnna, "in/1"));
  CHECK_FALSE(reads(rules, kAnna, "in/1"));
  for (const auto* topic : {"both", "neither/said"}) {
    CHECK(writes(rules, kAnna, topic));
    CHECK(reads(rules, kAnna, topic));
    CHECK_FALSE(reads(rules, kBert, topic));
  }
  CHECK(reads(rules, kAnna, "more"));  // a user's lines may stand in several places
  CHECK(reads(rules, kBert, "out"));
}

TEST_CASE("What is denied stays denied, whatever allows it and wherever it stands") {
  const Rules rules = rules_of(
      "pattern deny +/private/#\n"
      "user anna\n"
      "topic readwrite #\n"
      "topic deny secret\n"
      "topic read secret\n");
  CHECK(writes(rules, kAnna, "a"));
  CHECK_FALSE(reads(rules, kAnna, "secret"));
  CHECK_FALSE(writes(rules, kAnna, "a/private/b"));
}

TEST_CASE("Patterns put the client's names in, for every user") {
  const Rules rules = rules_of(
      "pattern read user/%u/#\n"
      "pattern write device-%c/+/data\n"
      "pattern readwrite %u/%c\n"
      "pattern read 100%/%x\n");
  CHECK(reads(rules, kAnna, "user/anna/x"));
  CHECK_FALSE(reads(rules, kAnna, "user/bert/x"));
  CHECK_FALSE(writes(rules, kAnna, "user/anna/x"));
  CHECK(reads(rules, kBert, "user/bert"));
  CHECK(writes(rules, kAnna, "device-c1/1/data"));
  CHECK_FALSE(writes(rules, kAnna, "device-c2/1/data"));
  CHECK_FALSE(writes(rules, kAnna, "device-c11/1/data"));
  CHECK(writes(rules, kAnonymous, "device-c1/1/data"));
  CHECK(writes(rules, kBert, "bert/c2"));
  CHECK(reads(rules, kAnna, "100%/%x"));
  CHECK_FALSE(reads(rules, kAnonymous, "user//x"));  // it has no name to put in
}

TEST_CASE("Wildcards and slashes in a name never reach a pattern") {
  const Rules rules = rules_of("pattern readwrite %u/data\npattern readwrite dev/%c\n");
  for (const auto* name : {"+", "#", "a/b", "x+", "#x"}) {
    const Identity as_user{.username = name, .client_id = "c"};
    const Identity as_client{.username = "anna", .client_id = name};
    CHECK_FALSE(writes(rules, as_user, std::string(name) + "/data"));
    CHECK_FALSE(reads(rules, as_user, "anna/data"));
    CHECK_FALSE(reads(rules, as_client, "dev/c1"));
    CHECK_FALSE(subscribes(rules, as_user, "bert/data"));
    CHECK_FALSE(subscribes(rules, as_client, "dev/#"));
  }
}

TEST_CASE("A name that can't be put in does not escape a pattern that denies") {
  const Rules rules = rules_of("pattern deny own/%u/#\nuser x+\ntopic readwrite #\n");
  const Identity who{.username = "x+", .client_id = "c"};
  CHECK(writes(rules, who, "other/x"));
  CHECK_FALSE(writes(rules, who, "own/x/y"));
  CHECK_FALSE(subscribes(rules, who, "own/x/#"));
}

TEST_CASE("Rules that begin with a wildcard leave $ topics alone [MQTT-4.7.2-1]") {
  const Rules rules = rules_of(
      "pattern readwrite %u/#\n"
      "user anna\ntopic read #\n"
      "user bert\ntopic read $SYS/#\n");
  CHECK_FALSE(reads(rules, kAnna, "$SYS/broker/uptime"));
  CHECK_FALSE(subscribes(rules, kAnna, "$SYS/#"));
  CHECK(reads(rules, kBert, "$SYS/broker/uptime"));
  CHECK(subscribes(rules, kBert, "$SYS/broker/#"));
  const Identity sly{.username = "$SYS", .client_id = "c"};
  CHECK_FALSE(reads(rules, sly, "$SYS/broker/uptime"));
  CHECK_FALSE(subscribes(rules, sly, "$SYS/#"));
}

TEST_CASE("A subscription is refused when it can't bring anything") {
  const Rules rules = rules_of(
      "user anna\n"
      "topic read house/+/temperature\n"
      "topic write commands/#\n"
      "user bert\n"
      "topic read #\n"
      "topic deny safe/#\n"
      "topic deny +/key\n");
  CHECK(subscribes(rules, kAnna, "#"));
  CHECK(subscribes(rules, kAnna, "house/#"));
  CHECK(subscribes(rules, kAnna, "house/cellar/temperature"));
  CHECK_FALSE(subscribes(rules, kAnna, "house/cellar/humidity"));
  CHECK_FALSE(subscribes(rules, kAnna, "commands/#"));
  CHECK_FALSE(subscribes(rules, kAnonymous, "house/#"));
  CHECK(subscribes(rules, kBert, "#"));
  CHECK(subscribes(rules, kBert, "+/+"));
  CHECK_FALSE(subscribes(rules, kBert, "safe/#"));
  CHECK_FALSE(subscribes(rules, kBert, "safe"));
  CHECK_FALSE(subscribes(rules, kBert, "a/key"));
}

TEST_CASE(
    "The file may come from anywhere: CRLF, tabs, blank lines, a byte order mark, spaces in "
    "names") {
  const Rules rules = rules_of(
      "\xEF\xBB\xBF# a house\r\n"
      "\r\n"
      "user  Anna Schmidt \r\n"
      "\ttopic\tread   garden shed/+  \r\n"
      "topic write x");
  const Identity who{.username = "Anna Schmidt", .client_id = "c"};
  CHECK(reads(rules, who, "garden shed/lamp"));
  CHECK(writes(rules, who, "x"));
  CHECK_FALSE(reads(rules, who, "x"));
}

TEST_CASE("What is wrong in an ACL file is told with its line") {
  CHECK(error_of("topic read a\n\ntopics b\n") ==
        "3: unknown keyword 'topics': user, topic or pattern is meant to stand here");
  CHECK(error_of("user\n") == "1: user without a name");
  CHECK(error_of("user \xFF\n") == "1: a user name that is not UTF-8");
  CHECK(error_of("topic\r\n") == "1: topic without a filter");
  CHECK(error_of("pattern deny \n") == "1: deny without a filter");
  CHECK(
      error_of("topic all a\n") ==
      "1: unknown access 'all': read, write, readwrite or deny is meant to stand before a filter");
  CHECK(error_of("topic read a/#/b\n") == "1: 'a/#/b' is not a valid topic filter");
  CHECK(error_of(std::string_view("topic a\nuser x\0y\n", 17)) == "2: a NUL byte");
  CHECK(error_of("user a\n" + std::string(10'000'000, 'x')) ==
        "2: a line of more than 66000 bytes");
  CHECK(error_of("topic \x1B[2J\n").find('\x1B') == std::string::npos);
}

TEST_CASE("A user's many rules are found by the topic") {
  std::string text = "user anna\n";
  for (int i = 0; i < 20'000; ++i) text += "topic read a/" + std::to_string(i) + "\n";
  text += "topic deny a/77\n";
  const Rules rules = rules_of(text);
  CHECK(reads(rules, kAnna, "a/19999"));
  CHECK_FALSE(reads(rules, kAnna, "a/20000"));
  CHECK_FALSE(reads(rules, kAnna, "a/77"));
}

TEST_CASE("A refused subscription would have brought nothing") {
  const std::vector<std::string> filters = {
      "#",    "+",   "a",   "b",   "a/#",   "+/a",  "a/+",  "a/b",  "b/#",  "+/+",  "$s/#",
      "$s/a", "+/#", "a/a", "b/a", "a/+/#", "%u/#", "a/%u", "%c/+", "+/%c", "$s/%u"};
  const std::vector<std::string> topics = {"a",   "b",   "c",    "a/a",  "a/b",   "a/c",
                                           "b/a", "c/c", "$s/a", "$s/b", "a/b/c", "b/a/a"};
  const Identity who{.username = "a", .client_id = "b"};
  std::mt19937 random(20261122);  // NOLINT(bugprone-random-generator-seed): the same every time
  const auto pick = [&](const auto& some) { return some[random() % some.size()]; };
  int refused = 0;
  int wrong = 0;
  for (int round = 0; round < 2'000; ++round) {
    std::string text = "user a\n";
    for (int rule = 0; rule < 4; ++rule) {
      const std::string filter = pick(filters);
      text += filter.find('%') == std::string::npos ? "topic " : "pattern ";
      text += (rule < 2 ? "read " : "deny ") + filter + "\n";
    }
    const Rules rules = rules_of(text);
    for (const std::string& filter : filters) {
      if (subscribes(rules, who, filter)) continue;
      ++refused;
      for (const std::string& topic : topics)
        if (mqtt::matches(filter, topic) && reads(rules, who, topic)) ++wrong;
    }
  }
  CHECK(refused > 1'000);
  CHECK(wrong == 0);
}
