#include "libmqtt/broker/filter_overlap.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "libmqtt/codec/topic.hpp"

using namespace mqtt;
using namespace mqtt::broker;

namespace {

/// Every path of up to `levels` levels out of these.
std::vector<std::string> paths(const std::vector<std::string>& words, int levels) {
  std::vector<std::string> all = words;
  std::size_t begin = 0;
  for (int level = 1; level < levels; ++level) {
    const std::size_t end = all.size();
    for (std::size_t i = begin; i < end; ++i)
      for (const std::string& word : words) all.push_back(all[i] + "/" + word);
    begin = end;
  }
  std::erase_if(all, [](const std::string& path) { return !is_valid_topic_filter(path); });
  return all;
}

}  // namespace

TEST_CASE("What two filters have in common is one filter") {
  CHECK(common_filter("a/#", "+/b") == "a/b");
  CHECK(common_filter("a/#", "a") == "a");
  CHECK(common_filter("a/+/c", "+/b/#") == "a/b/c");
  CHECK(common_filter("#", "a/+/#") == "a/+/#");
  CHECK_FALSE(common_filter("a/b", "a/c"));
  CHECK_FALSE(common_filter("a/+", "a"));
  CHECK_FALSE(common_filter("#", "$SYS/#"));  // [MQTT-4.7.2-1]
  CHECK(common_filter("$SYS/+", "$SYS/#") == "$SYS/+");
}

TEST_CASE("A filter covers another one when it matches all its topics") {
  CHECK(covers("#", "a/b"));
  CHECK(covers("a/#", "a"));
  CHECK(covers("a/#", "a/+/#"));
  CHECK(covers("+/b", "a/b"));
  CHECK_FALSE(covers("a/+", "a/#"));
  CHECK_FALSE(covers("a/b", "a/+"));
  CHECK_FALSE(covers("a/+", "a"));
  CHECK_FALSE(covers("#", "$SYS/#"));  // [MQTT-4.7.2-1]
  CHECK_FALSE(covers("+/x", "$SYS/x"));
}

TEST_CASE("Both agree with matching topic by topic") {
  // "z" stands for all the words that no filter names.
  const auto filters = paths({"a", "$b", "+", "#"}, 3);
  const auto topics = paths({"a", "$b", "z"}, 4);
  int differences = 0;
  for (const std::string& one : filters) {
    for (const std::string& other : filters) {
      const auto common = common_filter(one, other);
      bool is_covered = true;
      for (const std::string& topic : topics) {
        const bool both = matches(one, topic) && matches(other, topic);
        if (both != (common && matches(*common, topic))) ++differences;
        is_covered &= matches(one, topic) || !matches(other, topic);
      }
      if (is_covered != covers(one, other)) ++differences;
    }
  }
  CHECK(differences == 0);
}
