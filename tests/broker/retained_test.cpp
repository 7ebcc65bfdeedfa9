#include "libmqtt/broker/retained.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "libmqtt/codec/topic.hpp"
#include "tests/broker/topic_table.hpp"

namespace mqtt::broker {
namespace {

constexpr TimePoint kNow{Seconds(1'000)};

MessagePtr message(std::string_view topic, std::string_view payload = "x",
                   TimePoint expires = kNever) {
  Message made;
  made.topic = Bytes::copy(topic);
  made.payload = Bytes::copy(payload);
  made.expires = expires;
  made.retain = true;
  return MessagePtr::make(std::move(made));
}

using Topics = std::vector<std::string>;

/// The topics found, in ascending order; one found twice stands twice.
Topics found(Retained& store, std::string_view filter, TimePoint now = kNow) {
  Topics topics;
  store.match(filter, now, [&](const MessagePtr& m) { topics.emplace_back(m->topic.view()); });
  std::ranges::sort(topics);
  return topics;
}

TEST_CASE("a filter finds the retained topics that the standard says") {
  for (const TopicRow& row : kTopicTable) {
    CAPTURE(row.filter);
    CAPTURE(row.topic);
    Retained store;
    CHECK(found(store, row.filter).empty());
    store.set(message(row.topic));
    CHECK(found(store, row.filter).size() == (row.matches ? 1 : 0));
  }
}

TEST_CASE("among all topics of the table a filter finds what it matches, each once") {
  Retained store;
  std::map<std::string, bool> topics;
  for (const TopicRow& row : kTopicTable) {
    store.set(message(row.topic));
    topics[std::string(row.topic)] = true;
  }
  CHECK(store.size() == topics.size());
  for (const TopicRow& row : kTopicTable) {
    CAPTURE(row.filter);
    Topics expected;
    for (const auto& [topic, kept] : topics) {
      if (matches(row.filter, topic)) expected.push_back(topic);
    }
    CHECK(found(store, row.filter) == expected);
  }
}

TEST_CASE("the last retained message of a topic replaces the one before [MQTT-3.3.1-5]") {
  Retained store;
  store.set(message("a/b", "old"));
  store.set(message("a/b", "newer"));
  CHECK(store.size() == 1);
  for (const std::string_view filter : {"a/b", "a/+", "#"}) {
    std::vector<std::string> payloads;
    store.match(filter, kNow,
                [&](const MessagePtr& m) { payloads.emplace_back(m->payload.view()); });
    CHECK(payloads == std::vector<std::string>{"newer"});
  }
}

TEST_CASE("an empty retained message removes its topic and no other [MQTT-3.3.1-6]") {
  Retained store;
  for (const auto topic : {"a", "a/b", "a/b/c", "b"}) store.set(message(topic));
  CHECK(store.erase("a/b"));
  CHECK_FALSE(store.erase("a/b"));
  CHECK_FALSE(store.erase("c"));
  CHECK(found(store, "#") == Topics{"a", "a/b/c", "b"});
  CHECK(found(store, "a/#") == Topics{"a", "a/b/c"});
}

TEST_CASE("what has expired is not found, and goes when a search meets it (5.0 §3.3.2.3.3)") {
  Retained store;
  store.set(message("a/now", "x", kNow));
  store.set(message("a/later", "x", kNow + Duration(1)));
  store.set(message("b", "x", kNow));
  CHECK(found(store, "a/+", kNow - Duration(1)) == Topics{"a/later", "a/now"});
  CHECK(found(store, "a/+") == Topics{"a/later"});
  CHECK(store.size() == 2);
  CHECK(found(store, "b").empty());
  CHECK(store.size() == 1);
  CHECK(found(store, "a/#", kNow + Seconds(1)).empty());
  CHECK(store.size() == 0);
  CHECK(store.bytes() == 0);
  CHECK(store.nodes() == 0);
}

TEST_CASE("bytes are the sum of what the messages cost") {
  Retained store;
  store.set(message("a", "12345"));
  const std::size_t first = store.bytes();
  CHECK(first == message("a", "12345")->cost());
  store.set(message("b", "1"));
  store.set(message("a", "1"));
  CHECK(store.bytes() == first - 4 + message("b", "1")->cost());
  store.erase("a");
  store.erase("b");
  CHECK(store.bytes() == 0);
}

TEST_CASE("the visitor may change the store: it gets what matched when the search began") {
  Retained store;
  for (const auto topic : {"a/1", "a/2", "a/3"}) store.set(message(topic));
  Topics visited;
  store.match("a/+", kNow, [&](const MessagePtr& m) {
    visited.emplace_back(m->topic.view());
    for (const auto topic : {"a/1", "a/2", "a/3"}) store.erase(topic);
    store.set(message("a/4"));
    CHECK(found(store, "#") == Topics{"a/4"});
  });
  CHECK(visited.size() == 3);
  CHECK(store.size() == 1);
}

TEST_CASE("a topic of 65,535 slashes is kept and found without recursion") {
  Retained store;
  const std::string slashes(65'535, '/');
  store.set(message(slashes));
  CHECK(found(store, "#").size() == 1);
  CHECK(found(store, "/+/#").size() == 1);
  CHECK(found(store, slashes).size() == 1);
  CHECK(store.erase(slashes));
  CHECK(store.nodes() == 0);
}

TEST_CASE("the store equals the naive matcher through thousands of random changes") {
  std::mt19937 engine(7);
  const auto below = [&](std::uint32_t limit) {
    return static_cast<std::uint32_t>(engine() % limit);
  };
  const auto path = [&](std::uint32_t choices) {
    static constexpr std::string_view levels[] = {"a", "b", "", "$", "c", "+", "#"};
    std::string text;
    for (std::uint32_t depth = below(4);; --depth) {
      const std::uint32_t choice = below(choices);
      text += levels[choice];
      if (choice == 6 || depth == 0) break;
      text += '/';
    }
    return text.empty() ? "a" : text;
  };
  Retained store(7);
  std::map<std::string, TimePoint> model;
  TimePoint now = kNow;
  for (int round = 0; round < 10'000; ++round) {
    now += Seconds(1);
    const std::string topic = path(5);
    if (below(3) > 0) {
      const TimePoint expires = below(2) == 0 ? kNever : now + Seconds(below(50));
      store.set(message(topic, "x", expires));
      model[topic] = expires;
    } else {
      CHECK(static_cast<bool>(store.erase(topic)) == (model.erase(topic) > 0));
    }
    const std::string filter = path(7);
    CAPTURE(filter);
    std::erase_if(
        model, [&](const auto& kept) { return kept.second <= now && matches(filter, kept.first); });
    Topics expected;
    for (const auto& [kept, expires] : model) {
      if (matches(filter, kept)) expected.push_back(kept);
    }
    CHECK(found(store, filter, now) == expected);
    CHECK(store.size() == model.size());
  }
  for (const auto& [topic, expires] : model) CHECK(store.erase(topic));
  CHECK(store.nodes() == 0);
  CHECK(store.bytes() == 0);
}

TEST_CASE("messages expire in the order of their time, replaced ones not with the old time") {
  Retained store;
  const auto at = [](int seconds) { return kNow + Seconds(seconds); };
  CHECK(store.next_expiry() == kNever);
  store.set(message("a", "x", at(5)));
  store.set(message("b", "x", at(3)));
  store.set(message("c", "x", at(4)));
  store.set(message("b", "later", at(9)));
  store.set(message("c", "for ever"));
  CHECK(store.expire(at(4), 100));
  CHECK(store.size() == 3);
  CHECK(store.next_expiry() == at(5));
  CHECK(store.expire(at(5), 100));
  CHECK(found(store, "#") == Topics{"b", "c"});
  store.erase("b");
  CHECK(store.expire(at(10), 100));
  CHECK(store.size() == 1);
  CHECK(store.next_expiry() == kNever);
}

TEST_CASE("a topic that is set again and again does not grow the list of what expires") {
  Retained store;
  for (int i = 0; i < 100'000; ++i) store.set(message("t", "x", kNow + Seconds(1'000'000 - i)));
  int looks = 0;
  while (store.next_expiry() < kNever) {
    store.expire(kNow + Seconds(2'000'000), 1);
    ++looks;
  }
  CHECK(looks < 200);
  CHECK(store.size() == 0);
}

}  // namespace
}  // namespace mqtt::broker
