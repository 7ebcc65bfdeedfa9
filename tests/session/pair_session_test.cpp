#include <doctest/doctest.h>

#include "tests/support/pair.hpp"

// What outlives a connection, and what ends with it: sessions, wills, messages, keep-alive.

using namespace mqtt;
using namespace mqtt::test;

namespace {

using Texts = std::vector<std::string>;
constexpr auto kQos0 = Qos::at_most_once;
constexpr auto kQos1 = Qos::at_least_once;
constexpr auto kQos2 = Qos::exactly_once;

ClientSessionOptions options_of(std::string_view client_id, Version version = Version::v5_0) {
  ClientSessionOptions options;
  options.connect.version = version;
  options.connect.client_id = Bytes::copy(client_id);
  return options;
}

Properties expiry(std::uint32_t seconds) {
  return PropertiesBuilder().add(property::session_expiry_interval, seconds).build();
}

/// A 5.0 session that is resumed within a minute, or one of 3.1.1 that stays.
ClientSessionOptions lasting(std::string_view client_id, Version version = Version::v5_0) {
  auto options = options_of(client_id, version);
  options.connect.clean_start = false;
  if (version == Version::v5_0) options.connect.properties = expiry(60);
  return options;
}

ClientSessionOptions with_will(std::uint32_t delay = 0, std::uint32_t session_expiry = 0) {
  auto options = options_of("mortal");
  options.connect.properties = expiry(session_expiry);
  Will will;
  will.topic = Bytes::copy("will");
  will.payload = Bytes::copy("gone");
  will.qos = kQos1;
  will.properties = PropertiesBuilder().add(property::will_delay_interval, delay).build();
  options.connect.will = std::move(will);
  return options;
}

/// A pair with one more client that is online and subscribed to everything.
struct Watched {
  explicit Watched(const PairOptions& options = {})
      : pair(options), watcher(pair.add(options_of("watcher"))) {
    go_online(watcher);
    watcher.subscribe("#");
    pair.settle();
  }
  PairClient& online(const ClientSessionOptions& options) {
    PairClient& client = pair.add(options);
    go_online(client);
    return client;
  }
  void go_online(PairClient& client) {
    client.connect();
    pair.settle();
    REQUIRE(client.session().is_online());
  }
  Texts seen() {
    pair.settle();
    return watcher.take_messages();
  }

  Pair pair;
  PairClient& watcher;
};

}  // namespace

TEST_CASE("A client that comes back finds its session and what it missed [MQTT-3.2.2-3]") {
  for (const auto version : {Version::v3_1, Version::v3_1_1, Version::v5_0}) {
    Watched scene;
    PairClient& client = scene.online(lasting("c", version));
    CHECK_FALSE(client.connacks.back().session_present);
    client.subscribe("t");
    scene.pair.settle();
    client.disconnect();
    scene.pair.settle();
    CHECK_FALSE(client.is_connected());
    scene.watcher.publish(kQos1, "t", "1");
    scene.watcher.publish(kQos0, "t", "not kept");
    scene.watcher.publish(kQos2, "t", "2");
    scene.pair.settle();
    scene.go_online(client);
    CHECK(client.connacks.back().session_present == (version != Version::v3_1));
    scene.watcher.publish(kQos1, "t", "3");
    scene.pair.settle();
    CHECK(client.take_messages() == Texts{"t=1", "t=2", "t=3"});
  }
}

TEST_CASE("A session expires so long after its connection as its owner said [MQTT-3.1.2-23]") {
  Watched scene;
  PairClient& client = scene.online(lasting("c"));
  client.subscribe("t");
  scene.pair.settle();
  client.cut();
  scene.pair.pass(Seconds(59));
  scene.go_online(client);
  CHECK(client.connacks.back().session_present);
  client.cut();
  scene.pair.pass(Seconds(61));
  scene.watcher.publish(kQos1, "t", "lost");
  scene.go_online(client);
  CHECK_FALSE(client.connacks.back().session_present);
  CHECK(client.take_messages().empty());
}

TEST_CASE("DISCONNECT may shorten the session's life") {
  Watched scene;
  PairClient& client = scene.online(lasting("c"));
  client.disconnect(ReasonCode::success, expiry(0));
  scene.pair.settle();
  CHECK(scene.pair.broker().sessions() == 1);
  scene.go_online(client);
  CHECK_FALSE(client.connacks.back().session_present);
}

TEST_CASE("A clean start forgets the session [MQTT-3.1.2-4]") {
  Watched scene;
  PairClient& before = scene.online(lasting("c"));
  before.subscribe("t");
  scene.pair.settle();
  before.cut();
  scene.watcher.publish(kQos1, "t", "missed");
  scene.pair.settle();
  PairClient& after = scene.online(options_of("c"));
  CHECK_FALSE(after.connacks.back().session_present);
  scene.watcher.publish(kQos1, "t", "live");
  scene.pair.settle();
  CHECK(after.take_messages().empty());
}

TEST_CASE("A client that connects again takes its session over [MQTT-3.1.4-3]") {
  Watched scene;
  PairClient& before = scene.online(lasting("c"));
  before.subscribe("t");
  scene.pair.settle();
  PairClient& after = scene.online(lasting("c"));
  CHECK(after.connacks.back().session_present);
  REQUIRE(before.server_disconnects.size() == 1);
  CHECK(before.server_disconnects[0].reason_code == ReasonCode::session_taken_over);
  CHECK_FALSE(before.is_connected());
  scene.watcher.publish(kQos1, "t", "x");
  scene.pair.settle();
  CHECK(before.take_messages().empty());
  CHECK(after.take_messages() == Texts{"t=x"});
}

TEST_CASE("A 3.1.1 client is taken over without a word") {
  Watched scene;
  PairClient& before = scene.online(options_of("c", Version::v3_1_1));
  PairClient& after = scene.online(options_of("c", Version::v3_1_1));
  CHECK_FALSE(before.is_connected());
  CHECK(before.failures.empty());
  CHECK(after.session().is_online());
}

TEST_CASE("A session that ends with its connection is not taken over but begun anew") {
  for (const auto version : {Version::v3_1_1, Version::v5_0}) {
    Watched scene;
    auto passing = options_of("c", version);
    PairClient& before = scene.online(passing);
    before.subscribe("t");
    scene.pair.settle();
    auto asks = options_of("c", version);
    asks.connect.clean_start = false;
    PairClient& after = scene.online(asks);
    CHECK_FALSE(after.connacks.back().session_present);
    scene.watcher.publish(kQos1, "t", "x");
    scene.pair.settle();
    CHECK(after.take_messages().empty());
  }
}

TEST_CASE("What has become too large for its receiver counts as delivered [MQTT-3.1.2-25]") {
  PairOptions narrow;
  narrow.broker.limits.maximum_in_flight = 1;
  Watched scene(narrow);
  PairClient& client = scene.online(lasting("c"));
  client.subscribe("t");
  scene.pair.settle();
  client.cut_after(100);
  scene.watcher.publish(kQos2, "t", std::string(200, 'x'));
  scene.watcher.publish(kQos2, "t", "short");
  scene.pair.settle();
  REQUIRE_FALSE(client.is_connected());
  auto options = lasting("c");
  options.connect.properties = PropertiesBuilder()
                                   .add(options.connect.properties)
                                   .add(property::maximum_packet_size, std::uint32_t{100})
                                   .build();
  PairClient& smaller = scene.online(options);
  CHECK(smaller.connacks.back().session_present);
  CHECK(smaller.take_messages() == Texts{"t=short"});
}

TEST_CASE("A message expires in the broker, and says how long it lasts [MQTT-3.3.2-5, 3.3.2-6]") {
  Watched scene;
  PairClient& client = scene.online(lasting("c"));
  client.subscribe("t");
  scene.pair.settle();
  client.cut();
  const auto publish = [&](std::uint32_t seconds, std::string_view payload) {
    scene.watcher.publish(
        kQos1, "t", payload, false,
        PropertiesBuilder().add(property::message_expiry_interval, seconds).build());
  };
  publish(10, "short");
  publish(30, "long");
  scene.pair.pass(Seconds(12));
  scene.go_online(client);
  CHECK(client.take_messages() == Texts{"t=long"});
  CHECK(client.messages.at(0).properties.find(property::message_expiry_interval) == 18);
}

TEST_CASE(
    "The will is published when the connection is lost, not when it is ended [MQTT-3.1.2-8]") {
  Watched scene;
  PairClient& client = scene.online(with_will());
  SUBCASE("lost") {
    client.cut();
    CHECK(scene.seen() == Texts{"will=gone"});
  }
  SUBCASE("ended [MQTT-3.1.2-10]") {
    client.disconnect();
    scene.pair.pass(Seconds(1'000));
    CHECK(scene.seen().empty());
  }
  SUBCASE("ended, asking for the will") {
    client.disconnect(ReasonCode::disconnect_with_will_message);
    CHECK(scene.seen() == Texts{"will=gone"});
  }
  SUBCASE("taken over") {
    scene.online(options_of("mortal"));
    CHECK(scene.seen() == Texts{"will=gone"});
  }
}

TEST_CASE("A delayed will waits, and a return in time cancels it [MQTT-3.1.3-9]") {
  Watched scene;
  PairClient& client = scene.online(with_will(20, 60));
  client.cut();
  scene.pair.pass(Seconds(19));
  CHECK(scene.seen().empty());
  SUBCASE("the time runs out") {
    scene.pair.pass(Seconds(1));
    CHECK(scene.seen() == Texts{"will=gone"});
    scene.go_online(client);
    scene.pair.pass(Seconds(100));
    CHECK(scene.seen().empty());
  }
  SUBCASE("the client returns") {
    scene.go_online(client);
    scene.pair.pass(Seconds(100));
    CHECK(scene.seen().empty());
  }
  SUBCASE("the client begins a new session: the old one's will is due at once") {
    scene.online(options_of("mortal"));
    CHECK(scene.seen() == Texts{"will=gone"});
  }
}

TEST_CASE("The end of the session does not wait for the will's delay [MQTT-3.1.2-8]") {
  Watched scene;
  PairClient& client = scene.online(with_will(60, 5));
  client.cut();
  scene.pair.pass(Seconds(5));
  CHECK(scene.seen() == Texts{"will=gone"});
}

TEST_CASE("A session with a delayed will that ends by takeover sends its will [MQTT-3.1.2-8]") {
  Watched scene;
  scene.online(with_will(60, 0));
  auto asks = options_of("mortal");
  asks.connect.clean_start = false;
  scene.online(asks);
  CHECK(scene.seen() == Texts{"will=gone"});
}

TEST_CASE("Silence for 1.5 times the Keep Alive ends a connection [MQTT-3.1.2-22]") {
  PairOptions silent;
  silent.cuts_are_silent = true;
  Watched scene(silent);
  auto options = with_will();
  options.connect.keep_alive = 10;
  PairClient& client = scene.online(options);
  client.cut();
  scene.pair.pass(std::chrono::milliseconds(14'900));
  CHECK(scene.seen().empty());
  scene.pair.pass(std::chrono::milliseconds(100));
  CHECK(scene.seen() == Texts{"will=gone"});
}

TEST_CASE("PINGREQ and PINGRESP keep an idle connection for ever [MQTT-3.12.4-1]") {
  for (const auto latency : {0, 4}) {
    PairOptions slow;
    slow.latency = Seconds(latency);
    Watched scene(slow);
    auto options = with_will();
    options.connect.keep_alive = 10;
    PairClient& client = scene.online(options);
    const auto moved = client.bytes_moved();
    scene.pair.pass(std::chrono::hours(1));
    CHECK(client.is_connected());
    CHECK(client.failures.empty());
    CHECK(scene.seen().empty());
    CHECK(client.bytes_moved() - moved >= 355 * 4);
  }
}

TEST_CASE("A server that is not heard of any more ends the client's connection") {
  PairOptions silent;
  silent.latency = Seconds(1);
  Watched scene(silent);
  auto options = options_of("c");
  options.connect.keep_alive = 10;
  PairClient& client = scene.online(options);
  // The answers come later than the client waits for them.
  scene.pair.set_latency(Seconds(15));
  scene.pair.pass(Seconds(25));
  REQUIRE(client.failures.size() == 1);
  CHECK(client.failures[0].code == ReasonCode::keep_alive_timeout);
  CHECK_FALSE(client.is_connected());
}

TEST_CASE("The id that a client was given finds its session again [MQTT-3.1.3-7]") {
  Watched scene;
  PairClient& client = scene.online(lasting(""));
  client.subscribe("t");
  scene.pair.settle();
  client.cut();
  scene.watcher.publish(kQos1, "t", "x");
  scene.pair.settle();
  scene.go_online(client);
  CHECK(client.connacks.back().session_present);
  CHECK(client.take_messages() == Texts{"t=x"});
}

TEST_CASE("A client without an id that wants to keep its session is refused in 3.1.1") {
  Pair pair;
  PairClient& client = pair.add(lasting("", Version::v3_1_1));
  client.connect();
  pair.settle();
  REQUIRE(client.connacks.size() == 1);
  CHECK(client.connacks[0].reason_code == ReasonCode::client_identifier_not_valid);
  CHECK_FALSE(client.is_connected());
}

TEST_CASE("Messages published offline go out in order once the line is there") {
  Watched scene;
  PairClient& client = scene.pair.add(options_of("c"));
  for (const auto qos : {kQos1, kQos0, kQos2, kQos1}) client.publish(qos, "t", "x");
  CHECK(client.session().waiting() == 4);
  scene.go_online(client);
  CHECK(client.finished.size() == 4);
  CHECK(scene.seen().size() == 4);
}
