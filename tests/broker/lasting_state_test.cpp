#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/pair.hpp"

using namespace mqtt;
using namespace mqtt::test;

// What a broker with a store knows after a crash at rest: everything, as if nothing had happened.

namespace {

using Texts = std::vector<std::string>;
constexpr auto kQos1 = Qos::at_least_once;
constexpr auto kQos2 = Qos::exactly_once;

Properties expiry(std::uint32_t seconds) {
  return PropertiesBuilder().add(property::session_expiry_interval, seconds).build();
}

ClientSessionOptions client(std::string_view client_id, std::uint32_t seconds = 3600) {
  ClientSessionOptions options;
  options.connect.client_id = Bytes::copy(client_id);
  options.connect.clean_start = false;
  options.connect.properties = expiry(seconds);
  return options;
}

ClientSessionOptions with_will(std::string_view client_id, std::uint32_t seconds,
                               std::uint32_t delay) {
  ClientSessionOptions options = client(client_id, seconds);
  options.connect.will =
      Will{.topic = Bytes::copy("will"),
           .payload = Bytes::copy(client_id),
           .properties = PropertiesBuilder().add(property::will_delay_interval, delay).build(),
           .qos = kQos1};
  return options;
}

struct System {
  Pair pair;
  System() : pair(options()) {}
  static PairOptions options() {
    PairOptions options;
    options.broker.has_store = true;
    return options;
  }
  PairClient& online(const ClientSessionOptions& options) {
    PairClient& added = pair.add(options);
    added.connect();
    pair.settle();
    return added;
  }
  void back(PairClient& client) {
    client.connect();
    pair.settle();
  }
  void crash() {
    pair.settle();
    pair.crash();
    pair.settle();
  }
};

}  // namespace

TEST_CASE("A session is there again after a crash, with every option of its subscriptions") {
  System system;
  PairClient& owner = system.online(client("owner"));
  owner.subscribe("own", {.qos = kQos1, .no_local = true}, 3);
  owner.subscribe("kept/+", {.qos = kQos2, .retain_as_published = true}, 7);
  owner.subscribe("gone", {.qos = kQos1});
  system.pair.settle();
  owner.unsubscribe("gone");
  system.crash();
  system.back(owner);
  CHECK(owner.connacks.back().session_present);
  owner.publish(kQos1, "own", "no");
  PairClient& other = system.online(client("other"));
  other.publish(kQos2, "kept/x", "yes", true);
  other.publish(kQos1, "own", "too");
  other.publish(kQos1, "gone", "no");
  system.pair.settle();
  Texts got = owner.take_messages();  // QoS 1 does not wait for a commit, QoS 2 does.
  std::ranges::sort(got);
  CHECK(got == Texts{"kept/x=yesr#7", "own=too#3"});
}

TEST_CASE("Retained messages are there again after a crash, replaced and removed ones not") {
  System system;
  PairClient& publisher = system.online(client("publisher"));
  publisher.publish(kQos1, "a", "old", true);
  publisher.publish(Qos::at_most_once, "a", "new", true);
  publisher.publish(kQos1, "b", "gone", true);
  publisher.publish(kQos1, "b", "", true);
  publisher.publish(kQos2, "c", "kept", true);
  system.crash();
  PairClient& reader = system.online(client("reader"));
  reader.subscribe("#");
  system.pair.settle();
  Texts got = reader.take_messages();
  std::ranges::sort(got);
  CHECK(got == Texts{"a=newr", "c=keptr"});
  // Once more: what was stored before the first crash is not lost by the second.
  system.crash();
  PairClient& second = system.online(client("second"));
  second.subscribe("c");
  system.pair.settle();
  CHECK(second.take_messages() == Texts{"c=keptr"});
}

TEST_CASE("No Local holds for one's own retained messages after a crash too [MQTT-3.8.3-3]") {
  System system;
  PairClient& publisher = system.online(client("publisher"));
  publisher.publish(kQos1, "t", "mine", true);
  system.crash();
  system.back(publisher);
  publisher.subscribe("t", {.qos = kQos1, .no_local = true});
  system.pair.settle();
  CHECK(publisher.take_messages().empty());
}

TEST_CASE("The server's own messages are not stored") {
  System system;
  system.pair.broker().publish_from_server("$SYS/broker/uptime", "1 seconds", true,
                                           system.pair.now());
  CHECK(system.pair.changes() == 0);
}

TEST_CASE("A crash ends connections without DISCONNECT: wills are published, at once or in time") {
  System system;
  PairClient& watcher = system.online(client("watcher"));
  watcher.subscribe("will", {.qos = kQos1});
  system.online(with_will("short", 0, 0));
  system.online(with_will("long", 3600, 0));
  system.online(with_will("delayed", 3600, 60));
  PairClient& left = system.online(with_will("left", 3600, 0));
  left.disconnect();
  system.crash();
  system.back(watcher);
  Texts got = watcher.take_messages();
  std::ranges::sort(got);
  CHECK(got == Texts{"will=long", "will=short"});
  system.pair.pass(Seconds(59));
  CHECK(watcher.take_messages().empty());
  system.pair.pass(Seconds(2));
  CHECK(watcher.take_messages() == Texts{"will=delayed"});
  system.crash();
  system.back(watcher);
  CHECK(watcher.take_messages().empty());  // none of them comes twice
}

TEST_CASE("A will that is due in a while goes out in time although the server crashed meanwhile") {
  System system;
  PairClient& watcher = system.online(client("watcher"));
  watcher.subscribe("will", {.qos = kQos1});
  PairClient& mortal = system.online(with_will("mortal", 3600, 60));
  mortal.cut();
  system.pair.pass(Seconds(30));
  system.crash();
  system.back(watcher);
  system.pair.pass(Seconds(29));
  CHECK(watcher.take_messages().empty());
  system.pair.pass(Seconds(2));
  CHECK(watcher.take_messages() == Texts{"will=mortal"});
}

TEST_CASE("A session expires in its time over a crash [MQTT-4.1.0-2]") {
  System system;
  PairClient& offline = system.online(client("offline", 100));
  offline.disconnect();
  PairClient& online = system.online(client("online", 100));
  system.pair.pass(Seconds(60));
  system.crash();
  system.pair.pass(Seconds(50));
  system.back(offline);
  system.back(online);
  CHECK_FALSE(offline.connacks.back().session_present);
  CHECK(online.connacks.back().session_present);
}

TEST_CASE("A session that a clean start or an expiry of 0 has ended does not come back") {
  System system;
  PairClient& first = system.online(client("first"));
  first.subscribe("t");
  PairClient& second = system.online(client("second"));
  second.subscribe("t");
  system.pair.settle();
  second.disconnect(ReasonCode::success, expiry(0));
  system.pair.settle();
  first.cut();
  ClientSessionOptions anew = client("first", 0);
  anew.connect.clean_start = true;
  system.online(anew);
  system.crash();
  CHECK(system.pair.broker().sessions() == 0);
  CHECK(system.pair.broker().subscriptions() == 0);
}

TEST_CASE("A shared subscription goes on after a crash, and what waited for a member is still its own") {
  System system;
  PairClient& one = system.online(client("one"));
  one.subscribe("$share/g/t", {.qos = kQos1});
  system.pair.settle();
  one.cut();
  PairClient& publisher = system.online(client("publisher"));
  publisher.publish(kQos1, "t", "waits");
  system.crash();
  PairClient& two = system.online(client("two"));
  two.subscribe("$share/g/t", {.qos = kQos1});
  system.pair.settle();
  system.back(one);
  CHECK(one.take_messages() == Texts{"t=waits"});
  one.cut();
  system.pair.settle();
  publisher.connect();
  publisher.publish(kQos1, "t", "goes on");
  system.pair.settle();
  CHECK(two.take_messages() == Texts{"t=goes on"});
}

TEST_CASE("Messages that expired while the server was down are not delivered [MQTT-3.3.2-5]") {
  System system;
  PairClient& sleeper = system.online(client("sleeper"));
  sleeper.subscribe("t", {.qos = kQos1});
  system.pair.settle();
  sleeper.cut();
  PairClient& publisher = system.online(client("publisher"));
  publisher.publish(kQos1, "t", "short", false,
                    PropertiesBuilder().add(property::message_expiry_interval, 10U).build());
  publisher.publish(kQos1, "t", "long", false,
                    PropertiesBuilder().add(property::message_expiry_interval, 100U).build());
  system.crash();
  system.pair.pass(Seconds(20));
  system.back(sleeper);
  REQUIRE(sleeper.messages.size() == 1);
  CHECK(sleeper.messages[0].properties.find(property::message_expiry_interval) == 80U);
}

TEST_CASE("Nothing stays behind in a store whose clients have left") {
  System system;
  PairClient& sleeper = system.online(client("sleeper"));
  sleeper.subscribe("t", {.qos = kQos2});
  PairClient& publisher = system.online(client("publisher"));
  for (int i = 0; i < 40; ++i) publisher.publish(i % 2 == 0 ? kQos1 : kQos2, "t", "x");
  system.pair.settle();
  CHECK(sleeper.messages.size() == 40);
  sleeper.cut();
  for (int i = 0; i < 40; ++i) publisher.publish(i % 2 == 0 ? kQos1 : kQos2, "t", "x");
  system.pair.settle();
  ClientSessionOptions anew = client("sleeper", 0);
  anew.connect.clean_start = true;
  system.online(anew);
  publisher.disconnect(ReasonCode::success, expiry(0));
  system.pair.settle();
  CHECK(system.pair.stored().empty());
}
