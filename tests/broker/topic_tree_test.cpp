#include "libmqtt/broker/topic_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "libmqtt/codec/topic.hpp"
#include "tests/broker/sessions.hpp"
#include "tests/broker/topic_table.hpp"

namespace mqtt::broker {
namespace {

const Match& only_match(TopicTree& tree, std::string_view topic) {
  const MatchList& list = tree.match(topic);
  REQUIRE(list.matches.size() == 1);
  return list.matches.front();
}

/// Sessions that get a copy, each as often as it gets one, in ascending order.
std::vector<std::uint32_t> receivers(TopicTree& tree, std::string_view topic) {
  std::vector<std::uint32_t> numbers;
  for (const Match& match : tree.match(topic).matches) numbers.push_back(match.session.index);
  std::ranges::sort(numbers);
  return numbers;
}

using Numbers = std::vector<std::uint32_t>;

TEST_CASE("filters match topics as the standard says, asked once and again from the cache") {
  for (const TopicRow& row : kTopicTable) {
    CAPTURE(row.filter);
    CAPTURE(row.topic);
    CHECK(matches(row.filter, row.topic) == row.matches);
    TopicTree tree;
    tree.add(row.filter, subscription(1));
    CHECK(tree.match(row.topic).matches.size() == (row.matches ? 1 : 0));
    CHECK(tree.match(row.topic).matches.size() == (row.matches ? 1 : 0));
    CHECK(tree.remove(row.filter, session(1)));
    CHECK(tree.match(row.topic).matches.empty());
  }
}

TEST_CASE("all filters of the table together match as each alone") {
  TopicTree tree;
  std::set<std::string_view> filters;
  for (const TopicRow& row : kTopicTable) filters.insert(row.filter);
  std::uint32_t number = 0;
  for (const auto filter : filters) tree.add(filter, subscription(number++));
  for (const TopicRow& row : kTopicTable) {
    CAPTURE(row.topic);
    Numbers expected;
    number = 0;
    for (const auto filter : filters) {
      if (matches(filter, row.topic)) expected.push_back(number);
      ++number;
    }
    CHECK(receivers(tree, row.topic) == expected);
  }
}

TEST_CASE("subscribing again to the same filter replaces every option [MQTT-3.8.4-3]") {
  for (const std::string_view filter : {"a/b", "a/+", "#"}) {
    CAPTURE(filter);
    TopicTree tree;
    Subscription first = subscription(1, Qos::exactly_once, 7);
    first.options.retain_as_published = true;
    first.options.no_local = true;
    CHECK(tree.add(filter, first));
    CHECK_FALSE(only_match(tree, "a/b").takes_own);
    CHECK_FALSE(tree.add(filter, subscription(1, Qos::at_least_once)));
    const Match& match = only_match(tree, "a/b");
    CHECK(match.qos == Qos::at_least_once);
    CHECK(match.identifier == 0);
    CHECK_FALSE(match.retain_as_published);
    CHECK(match.takes_own);
    CHECK(tree.size() == 1);
  }
}

TEST_CASE("overlapping filters give one copy at the highest QoS [MQTT-3.3.4-2]") {
  TopicTree tree;
  tree.add("a/#", subscription(1, Qos::exactly_once));
  tree.add("a/+", subscription(1, Qos::at_most_once));
  tree.add("a/b", subscription(1, Qos::at_least_once));
  CHECK(only_match(tree, "a/b").qos == Qos::exactly_once);
  CHECK(tree.remove("a/#", session(1)));
  CHECK(only_match(tree, "a/b").qos == Qos::at_least_once);
}

TEST_CASE("copies with different subscription identifiers stay apart [MQTT-3.3.4-5]") {
  TopicTree tree;
  tree.add("a/#", subscription(1, Qos::at_most_once, 1));
  tree.add("a/+", subscription(1, Qos::at_least_once, 2));
  tree.add("+/b", subscription(1, Qos::exactly_once, 1));
  tree.add("a/b", subscription(1, Qos::at_least_once));
  std::map<std::uint32_t, Qos> copies;
  for (const Match& match : tree.match("a/b").matches) copies[match.identifier] = match.qos;
  CHECK(tree.match("a/b").matches.size() == 3);
  CHECK(copies == std::map<std::uint32_t, Qos>{
                      {0, Qos::at_least_once}, {1, Qos::exactly_once}, {2, Qos::at_least_once}});
}

TEST_CASE("one merged subscription that asks for Retain As Published is enough [MQTT-3.3.1-13]") {
  TopicTree tree;
  Subscription keeping = subscription(1);
  keeping.options.retain_as_published = true;
  tree.add("a/b", subscription(1));
  tree.add("a/+", keeping);
  CHECK(only_match(tree, "a/b").retain_as_published);
  CHECK(tree.remove("a/+", session(1)));
  CHECK_FALSE(only_match(tree, "a/b").retain_as_published);
}

TEST_CASE("own messages come by the subscriptions without No Local, at their QoS [MQTT-3.8.3-3]") {
  TopicTree tree;
  Subscription no_local = subscription(1, Qos::exactly_once);
  no_local.options.no_local = true;
  tree.add("a/+", no_local);
  CHECK_FALSE(only_match(tree, "a/b").takes_own);
  tree.add("a/#", subscription(1, Qos::at_least_once));
  const Match& match = only_match(tree, "a/b");
  CHECK(match.qos == Qos::exactly_once);
  CHECK(match.takes_own);
  CHECK(match.own_qos == Qos::at_least_once);
}

TEST_CASE("only an equal filter is removed [MQTT-3.10.4-1]") {
  TopicTree tree;
  tree.add("a/+", subscription(1));
  tree.add("a/b", subscription(2));
  CHECK_FALSE(tree.remove("a/b", session(1)));
  CHECK_FALSE(tree.remove("a/#", session(1)));
  CHECK_FALSE(tree.remove("a/b/c", session(2)));
  CHECK_FALSE(tree.remove("+", session(2)));
  CHECK_FALSE(tree.remove("a", session(2)));
  CHECK(receivers(tree, "a/b") == Numbers{1, 2});
}

TEST_CASE("a session's key counts as a whole: an index used again is somebody else") {
  TopicTree tree;
  Subscription again = subscription(1);
  ++again.session.generation;
  Subscription elsewhere = subscription(1);
  elsewhere.session.shard = 1;
  for (const std::string_view filter : {"a", "+"}) {
    CHECK(tree.add(filter, subscription(1)));
    CHECK(tree.add(filter, again));
    CHECK(tree.add(filter, elsewhere));
  }
  CHECK(tree.match("a").matches.size() == 3);
  CHECK(tree.remove("a", again.session));
  CHECK(tree.remove("+", again.session));
  CHECK(tree.match("a").matches.size() == 2);
}

TEST_CASE("what the cache knows follows every change that concerns the topic") {
  TopicTree tree;
  tree.add("a/b", subscription(1));
  tree.add("x/+", subscription(9));
  CHECK(receivers(tree, "a/b") == Numbers{1});
  CHECK(receivers(tree, "a/c").empty());
  tree.add("a/b", subscription(2));
  CHECK(receivers(tree, "a/b") == Numbers{1, 2});
  tree.add("a/#", subscription(3));
  CHECK(receivers(tree, "a/b") == Numbers{1, 2, 3});
  CHECK(receivers(tree, "a/c") == Numbers{3});
  tree.remove("a/b", session(1));
  CHECK(receivers(tree, "a/b") == Numbers{2, 3});
  tree.remove("a/#", session(3));
  CHECK(receivers(tree, "a/b") == Numbers{2});
  CHECK(receivers(tree, "a/c").empty());
  tree.add_shared("g", "a/+", subscription(4));
  CHECK(tree.match("a/b").groups.size() == 1);
  tree.remove_shared("g", "a/+", session(4));
  CHECK(tree.match("a/b").groups.empty());
}

TEST_CASE("a change to an exact filter leaves the other topics in the cache") {
  TopicTree tree;
  tree.add("a/+", subscription(1));
  for (int i = 0; i < 10; ++i) tree.match("a/" + std::to_string(i));
  CHECK(tree.footprint().cached_topics == 10);
  tree.add("a/3", subscription(2));
  CHECK(tree.footprint().cached_topics == 9);
  CHECK(receivers(tree, "a/3") == Numbers{1, 2});
}

TEST_CASE("a shared subscription is not the plain one of the same filter (5.0 §4.8.2)") {
  TopicTree tree;
  CHECK(tree.add("a/b", subscription(1)));
  CHECK(tree.add_shared("g", "a/b", subscription(1)));
  CHECK(tree.add_shared("h", "a/b", subscription(1)));
  CHECK_FALSE(tree.add_shared("g", "a/b", subscription(1, Qos::at_least_once)));
  CHECK(tree.size() == 3);
  CHECK(tree.match("a/b").matches.size() == 1);
  CHECK(tree.match("a/b").groups.size() == 2);
  CHECK_FALSE(tree.remove_shared("i", "a/b", session(1)));
  CHECK_FALSE(tree.remove_shared("g", "a/c", session(1)));
  CHECK_FALSE(tree.remove_shared("g", "a/b", session(2)));
  CHECK(tree.remove("a/b", session(1)));
  CHECK(tree.match("a/b").matches.empty());
  CHECK(tree.match("a/b").groups.size() == 2);
  CHECK(tree.remove_shared("g", "a/b", session(1)));
  CHECK(tree.remove_shared("h", "a/b", session(1)));
  CHECK(tree.match("a/b").groups.empty());
  CHECK(tree.size() == 0);
}

TEST_CASE("a group is listed once however many members it has, and keeps its turns") {
  TopicTree tree;
  for (std::uint32_t n = 0; n < 3; ++n) tree.add_shared("g", "a/#", subscription(n));
  tree.add_shared("g", "a/+", subscription(5));  // Another filter is another group.
  REQUIRE(tree.match("a/b").groups.size() == 2);
  CHECK(tree.match("a/b/c").groups.size() == 1);
  SharedGroup* group = tree.match("a/b/c").groups.front();
  CHECK(group->share_name() == "g");
  CHECK(group->filter() == "a/#");
  Numbers turns;
  for (int i = 0; i < 4; ++i) {
    const auto* member =
        tree.match("a/b/c").groups.front()->pick([](const SharedGroup::Member&) { return true; });
    turns.push_back(member->session.index);
    tree.add("a/+/c", subscription(6));  // Unrelated to the group.
  }
  CHECK(turns == Numbers{0, 1, 2, 0});
}

TEST_CASE("ten thousand sessions on overlapping filters merge to one copy each") {
  TopicTree tree;
  constexpr std::uint32_t session_count = 10'000;
  for (std::uint32_t n = 0; n < session_count; ++n) {
    CHECK(tree.add("a/b", subscription(n, Qos::at_most_once)));
    CHECK(tree.add("a/+", subscription(n, Qos::at_least_once)));
  }
  const MatchList& list = tree.match("a/b");
  CHECK(list.matches.size() == session_count);
  CHECK(std::ranges::all_of(list.matches,
                            [](const Match& m) { return m.qos == Qos::at_least_once; }));
  for (std::uint32_t n = 0; n < session_count; ++n) {
    CHECK(tree.remove("a/b", session(session_count - 1 - n)));
    CHECK(tree.remove("a/+", session(n)));
  }
  CHECK(tree.size() == 0);
}

TEST_CASE(
    "a topic and a filter of 65,535 bytes, all of them slashes, are walked without recursion") {
  TopicTree tree;
  const std::string slashes(65'535, '/');
  std::string pluses;
  while (pluses.size() < 65'534) pluses += "+/";
  pluses += '+';
  tree.add(slashes, subscription(1));
  tree.add(slashes.substr(1) + "#", subscription(2));
  tree.add(pluses, subscription(3));
  CHECK(receivers(tree, slashes) == Numbers{1, 2});
  CHECK(receivers(tree, slashes.substr(0, 32'767)) == Numbers{3});
  CHECK(tree.remove(slashes.substr(1) + "#", session(2)));
  CHECK(tree.remove(pluses, session(3)));
  CHECK(tree.footprint().nodes == 0);
}

// ---- against the naive matcher, with a fixed sequence of pseudo-random numbers

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

  std::string topic() { return levels(false); }
  std::string filter() { return levels(true); }

 private:
  std::string levels(bool with_wildcards) {
    static constexpr std::string_view choices[] = {"a", "b", "", "$", "a longer level", "+", "#"};
    std::string text;
    for (std::uint32_t depth = below(4);; --depth) {
      const std::uint32_t choice = below(with_wildcards ? 7 : 5);
      text += choices[choice];
      if (choice == 6 || depth == 0) break;
      text += '/';
    }
    return text.empty() ? "a" : text;
  }
  std::mt19937 engine_;
};

/// What the tree should answer, by trying every subscription.
struct Model {
  using Copies =
      std::map<std::pair<std::uint32_t, std::uint32_t>, std::tuple<Qos, bool, bool, Qos>>;
  using Groups = std::set<std::pair<std::string, std::string>>;

  std::map<std::pair<std::string, std::uint32_t>, Subscription> plain;
  std::map<std::pair<std::string, std::string>, std::set<std::uint32_t>> shared;

  std::size_t size() const {
    std::size_t sum = plain.size();
    for (const auto& [group, members] : shared) sum += members.size();
    return sum;
  }
  Copies copies(std::string_view topic) const {
    Copies result;
    for (const auto& [key, held] : plain) {
      if (!matches(key.first, topic)) continue;
      const SubscribeOptions& options = held.options;
      auto& [qos, retain, takes_own, own_qos] = result[{held.session.index, held.identifier}];
      qos = std::max(qos, options.qos);
      retain |= options.retain_as_published;
      if (options.no_local) continue;
      takes_own = true;
      own_qos = std::max(own_qos, options.qos);
    }
    return result;
  }
  Groups groups(std::string_view topic) const {
    Groups result;
    for (const auto& [group, members] : shared) {
      if (matches(group.second, topic)) result.insert(group);
    }
    return result;
  }
};

Subscription random_subscription(Dice& dice) {
  Subscription made = subscription(dice.below(40), Qos{static_cast<std::uint8_t>(dice.below(3))},
                                   dice.one_in(2) ? 0 : dice.below(3));
  made.options.no_local = dice.one_in(3);
  made.options.retain_as_published = dice.one_in(3);
  return made;
}

void change(TopicTree& tree, Model& model, Dice& dice) {
  const std::string filter = dice.filter();
  const Subscription chosen = random_subscription(dice);
  const std::uint32_t number = chosen.session.index;
  const bool adds = !dice.one_in(3);
  if (dice.one_in(4)) {
    const std::string name = dice.one_in(2) ? "g" : "h";
    auto& members = model.shared[{name, filter}];
    if (adds) {
      CHECK(tree.add_shared(name, filter, chosen) == members.insert(number).second);
    } else {
      CHECK(tree.remove_shared(name, filter, chosen.session) == (members.erase(number) > 0));
    }
    if (members.empty()) model.shared.erase({name, filter});
  } else if (adds) {
    CHECK(tree.add(filter, chosen) == !model.plain.contains({filter, number}));
    model.plain[{filter, number}] = chosen;
  } else {
    CHECK(tree.remove(filter, chosen.session) == (model.plain.erase({filter, number}) > 0));
  }
}

void compare(TopicTree& tree, const Model& model, const std::string& topic) {
  CAPTURE(topic);
  const MatchList& list = tree.match(topic);
  Model::Copies copies;
  for (const Match& m : list.matches) {
    copies[{m.session.index, m.identifier}] = {m.qos, m.retain_as_published, m.takes_own,
                                               m.own_qos};
  }
  Model::Groups groups;
  for (const SharedGroup* group : list.groups)
    groups.insert({group->share_name(), group->filter()});
  CHECK(list.matches.size() == copies.size());
  CHECK(list.groups.size() == groups.size());
  CHECK((copies == model.copies(topic)));
  CHECK((groups == model.groups(topic)));
}

TEST_CASE("the tree equals the naive matcher through thousands of random changes") {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    TopicTree tree(seed);
    Model model;
    for (int round = 0; round < 3'000; ++round) {
      change(tree, model, dice);
      compare(tree, model, dice.topic());
      if (dice.one_in(2)) compare(tree, model, dice.topic());
    }
    CHECK(tree.size() == model.size());
  }
}

TEST_CASE("memory comes back: after 100,000 random filters came and went the tree holds nothing") {
  Dice dice(42);
  TopicTree tree;
  std::set<std::pair<std::string, std::uint32_t>> held;
  for (int i = 0; i < 100'000; ++i) {
    std::string filter = dice.filter() + "/" + std::to_string(dice.below(5'000));
    if (filter.find('#') != std::string::npos) filter = dice.filter();
    const std::uint32_t number = dice.below(100);
    CHECK(tree.add(filter, subscription(number)) == held.insert({filter, number}).second);
    if (i % 3 == 0) tree.match(dice.topic());
    if (i % 2 == 0) {
      const auto victim = held.begin();
      CHECK(tree.remove(victim->first, session(victim->second)));
      held.erase(victim);
    }
  }
  CHECK(tree.size() == held.size());
  CHECK(tree.footprint().nodes > 1'000);
  for (const auto& [filter, number] : held) CHECK(tree.remove(filter, session(number)));
  const TopicTree::Footprint left = tree.footprint();
  CHECK(tree.size() == 0);
  CHECK(left.filters == 0);
  CHECK(left.nodes == 0);
  CHECK(left.levels == 0);
  CHECK(left.cached_topics == 0);
  CHECK(left.cached_bytes == 0);
}

}  // namespace
}  // namespace mqtt::broker
