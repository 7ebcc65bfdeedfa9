#include "tests/conformance/delivery.hpp"

// Topic Names and Topic Filters (§4.7). The two versions number some statements differently.

using namespace conformance;
using namespace conformance::wire;

namespace {

/// A PUBLISH with this topic ends its connection, and `watcher` gets nothing.
void check_refuses_topic(Peer& watcher, const std::string& topic, unsigned reason_code) {
  CAPTURE(topic);
  for (const unsigned qos : {0U, 1U})
    check_ends_connection(watcher.level(),
                          publish(watcher.level(), {.topic = topic, .qos = qos, .packet_id = 1}),
                          reason_code);
  CHECK(watcher.pending().empty());
}

/// The topics of those messages, one to each of `topics`, that come to a subscriber to `filter`.
std::vector<std::string> matched(Level level, const std::string& filter,
                                 const std::vector<std::string>& topics) {
  Peer subscriber = connected(level);
  REQUIRE(subscriber.subscribe(filter, 0) == 0);
  Peer publisher = connected(level);
  for (const std::string& topic : topics) hand_over(publisher, {.topic = topic});
  std::vector<std::string> all;
  for (const Received& message : pending_publishes(subscriber))
    if (!message.retain) all.push_back(message.topic);  // not what other tests left
  return all;
}

using Topics = std::vector<std::string>;

}  // namespace

// Wildcards.

TEST_CASE_TEMPLATE(
    "a topic name with a wildcard ends the connection and goes nowhere [3.1.1:MQTT-4.7.1-1] "
    "[5.0:MQTT-4.7.0-1]",
    V, V311, V50) {
  const std::string root = unique("wild");
  Peer watcher = connected(V::level);
  watcher.subscribe(root + "/#", 0);
  for (const std::string bad : {"/#", "/+", "/a+", "/+/b", "/#/b", "/b#c"})
    check_refuses_topic(watcher, root + bad, ours(0x90));
}

TEST_CASE_TEMPLATE(
    "'#' elsewhere than alone in the last level is refused [3.1.1:MQTT-4.7.1-2] "
    "[5.0:MQTT-4.7.1-1]",
    V, V311, V50) {
  for (const std::string bad : {"a#", "#a", "##", "#/", "#/a", "a/#/", "a/#/b", "a/b#", "a/#b",
                                "/#/", "+#", "#+", "a/##", "#/#"})
    check_refuses_filter(V::level, bad);
}

TEST_CASE_TEMPLATE(
    "'#' matches the level before it and any number below [3.1.1:MQTT-4.7.1-2] "
    "[5.0:MQTT-4.7.1-1]",
    V, V311, V50) {
  const std::string root = unique("multi");
  const Topics below = {root, root + "/", root + "/a", root + "/a/b/c", root + "//"};
  Topics topics = below;
  topics.push_back(root + "x");
  topics.push_back("/" + root);
  CHECK(matched(V::level, root + "/#", topics) == below);
}

TEST_CASE_TEMPLATE(
    "'+' that does not fill its level is refused [3.1.1:MQTT-4.7.1-3] [5.0:MQTT-4.7.1-2]", V, V311,
    V50) {
  for (const std::string bad :
       {"a+", "+a", "++", "a/+b", "a/b+", "a/b+/c", "a/+b/#", "+/++", "/a+b/", "+a/+"})
    check_refuses_filter(V::level, bad);
}

TEST_CASE_TEMPLATE(
    "'+' matches exactly one level, at any place [3.1.1:MQTT-4.7.1-3] [5.0:MQTT-4.7.1-2]", V, V311,
    V50) {
  const std::string root = unique("single");
  const Topics topics = {root,           root + "/",        root + "/a", root + "/a/b",
                         root + "/a/b/", root + "//b",      "/" + root,  root + "/a/b/c",
                         "x/" + root,    "x/" + root + "/a"};
  CHECK(matched(V::level, root + "/+", topics) == Topics{root + "/", root + "/a"});
  CHECK(matched(V::level, root + "/+/b", topics) == Topics{root + "/a/b", root + "//b"});
  CHECK(matched(V::level, "+/" + root, topics) == Topics{"/" + root, "x/" + root});
  CHECK(matched(V::level, "+/" + root + "/#", topics) ==
        Topics{"/" + root, "x/" + root, "x/" + root + "/a"});
  CHECK(matched(V::level, root + "/+/+/+", topics) == Topics{root + "/a/b/", root + "/a/b/c"});
}

// Topics beginning with '$'.

TEST_CASE_TEMPLATE(
    "a filter that begins with a wildcard matches no topic that begins with '$' "
    "[MQTT-4.7.2-1]",
    V, V311, V50) {
  const std::string root = "$" + unique("hidden");
  const std::vector<std::string> wild = {"#", "+/x", "+/#", "+/+", "+/x/#"};
  std::vector<Peer> subscribers;
  for (const std::string& filter : wild) {
    subscribers.push_back(connected(V::level));
    subscribers.back().subscribe(filter, 0);
  }
  Peer named = connected(V::level);
  for (const std::string last : {"/#", "/+"}) named.subscribe(root + last, 0);
  Peer publisher = connected(V::level);
  publisher.publish({.topic = root + "/x", .payload = "hidden", .retain = true});
  for (const std::string& filter : wild) {
    subscribers.push_back(connected(V::level));  // for the retained one
    subscribers.back().send(subscribe(V::level, 7, {{filter, 0}}));
  }
  for (Peer& subscriber : subscribers)
    for (const Received& packet : subscriber.pending()) CHECK_FALSE(packet.topic.starts_with("$"));
  const auto seen = pending_publishes(named);
  if (is_our_broker()) CHECK_FALSE(seen.empty());
  publisher.publish({.topic = root + "/x", .retain = true});
}

TEST_CASE_TEMPLATE("a '$' is special in the first level only, and only in front", V, V311, V50) {
  const std::string root = unique("dollar");
  const Topics topics = {root + "/$a", root + "/a$", root + "/$a/b"};
  CHECK(matched(V::level, root + "/+", topics) == Topics{root + "/$a", root + "/a$"});
  CHECK(matched(V::level, "+/$a/#", topics) == Topics{root + "/$a", root + "/$a/b"});
}

// The text itself.

TEST_CASE_TEMPLATE("empty topics and filters are refused [MQTT-4.7.3-1]", V, V311, V50) {
  check_refuses_filter(V::level, "");
  check_ends_connection(V::level, unsubscribe(V::level, 7, {""}));
  check_ends_connection(V::level, publish(V::level, {.topic = "", .payload = "x"}), ours(0x82));
}

TEST_CASE_TEMPLATE("one character is enough, a slash or a blank as well [MQTT-4.7.3-1]", V, V311,
                   V50) {
  for (const std::string topic : {"/", " ", "a", "?"})
    CHECK(matched(V::level, topic, {topic}) == Topics{topic});
  CHECK(matched(V::level, "+/+", {"/"}) == Topics{"/"});
}

TEST_CASE_TEMPLATE("U+0000 in a topic or a filter ends the connection [MQTT-4.7.3-2]", V, V311,
                   V50) {
  const std::string root = unique("null");
  Peer watcher = connected(V::level);
  watcher.subscribe(root + "/#", 0);
  for (const std::string& bad : {std::string("/a\0b", 4), std::string("/\0", 2)}) {
    check_refuses_topic(watcher, root + bad, 0x81);
    check_ends_connection(V::level, subscribe(V::level, 7, {{root + bad, 0}}), 0x81);
    check_ends_connection(V::level, unsubscribe(V::level, 7, {root + bad}), 0x81);
  }
}

TEST_CASE_TEMPLATE("topics and filters of 65535 bytes work [MQTT-4.7.3-3]", V, V311, V50) {
  const std::string root = unique("long") + "/";
  std::string topic = root;
  while (topic.size() < 65534) topic += "\xC3\xA9";
  if (topic.size() < 65535) topic += 'x';
  REQUIRE(topic.size() == 65535);
  CHECK(matched(V::level, topic, {topic}) == Topics{topic});
  CHECK(matched(V::level, root + "#", {topic}) == Topics{topic});
}

TEST_CASE_TEMPLATE("matching changes nothing in a topic or a filter [MQTT-4.7.3-4]", V, V311, V50) {
  const std::string root = unique("plain");
  const Topics topics = {root + "/Account",
                         root + "/ACCOUNT",
                         root + "/account",
                         root + "/account/",
                         root + "//account",
                         "/" + root + "/account",
                         root + "/ account",
                         root + "/account ",
                         root + "/\xC3\xA9",       // e acute
                         root + "/e\xCC\x81",      // e and a combining acute
                         root + "/\xEF\xBB\xBFx",  // with a byte order mark
                         root + "/x",
                         root + "/\xEF\xBD\x98",  // full-width x
                         root + "/./x",
                         root + "/%78"};
  for (const std::string& topic : topics) CHECK(matched(V::level, topic, topics) == Topics{topic});
}
