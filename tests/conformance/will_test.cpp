// Wills: when they are published, when they are not, and what they are published as.

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

constexpr auto k5 = Level::v5_0;

std::string expiry(std::uint32_t seconds) {
  return wire::property(0x11, wire::four_bytes(seconds));
}
std::string delay(std::uint32_t seconds) { return wire::property(0x18, wire::four_bytes(seconds)); }

/// One that hears what is published to `topic`.
Peer watcher_of(Level level, const std::string& topic, unsigned qos = 2) {
  Peer watcher = connected(level);
  watcher.subscribe(topic, qos);
  return watcher;
}

/// A client whose id and will topic are `name`.
Peer mortal(Level level, const std::string& name, wire::ConnectFields fields = {}) {
  fields.client_id = name;
  if (!fields.will) fields.will = {.topic = name};
  fields.will->topic = name;
  Peer peer(level);
  peer.connect(fields);
  return peer;
}

/// Whether the watcher got nothing before what is published now.
bool is_silent(Peer& watcher, const std::string& topic) {
  connected(watcher.level()).publish({.topic = topic, .payload = "marker"});
  return watcher.read().payload == "marker";
}

}  // namespace

TEST_CASE_TEMPLATE(
    "the will is published when the connection ends without DISCONNECT [3.1.1:MQTT-3.1.2-8] "
    "[5.0:MQTT-3.1.2-7] [5.0:MQTT-3.1.2-8]",
    V, V311, V50) {
  const std::string name = unique("lost");
  Peer watcher = watcher_of(V::level, name);
  SUBCASE("reset") { mortal(V::level, name).drop(); }
  SUBCASE("closed") { mortal(V::level, name); }
  SUBCASE("ended by the server for a protocol error") {
    Peer client = mortal(V::level, name);
    client.send(fatal_packet());
    CHECK(client.is_closed());
  }
  const auto will = watcher.read();
  CHECK(will.topic == name);
  CHECK(will.payload == "will");
}

TEST_CASE_TEMPLATE(
    "after DISCONNECT the will is not published [3.1.1:MQTT-3.1.2-8] [3.1.1:MQTT-3.1.2-10] "
    "[5.0:MQTT-3.1.2-8] [5.0:MQTT-3.1.2-10]",
    V, V311, V50) {
  const std::string name = unique("orderly");
  Peer watcher = watcher_of(V::level, name);
  mortal(V::level, name).disconnect();
  CHECK(is_silent(watcher, name));
}

TEST_CASE(
    "a will taken back by DISCONNECT does not come at the session's end [5.0:MQTT-3.1.2-10]") {
  const std::string name = unique("taken-back");
  Peer watcher = watcher_of(k5, name);
  mortal(k5, name, {.properties = expiry(1)}).disconnect();
  let_a_second_pass();
  CHECK(is_silent(watcher, name));
}

TEST_CASE("DISCONNECT 0x04 and any failure code leave the will [5.0:MQTT-3.1.2-8]") {
  for (const unsigned code : {0x04U, 0x80U, 0x82U, 0x99U}) {
    const std::string name = unique("with-will");
    Peer watcher = watcher_of(k5, name);
    mortal(k5, name).disconnect(code);
    CHECK(watcher.read().payload == "will");
  }
}

TEST_CASE_TEMPLATE(
    "once published, the will is gone from the session [3.1.1:MQTT-3.1.2-10] [5.0:MQTT-3.1.2-10]",
    V, V311, V50) {
  const std::string name = unique("once");
  Peer watcher = watcher_of(V::level, name);
  wire::ConnectFields lasting{.clean = false};
  if (V::level == Level::v5_0) lasting.properties = expiry(600);
  mortal(V::level, name, lasting).drop();
  CHECK(watcher.read().payload == "will");
  // Back in the same session without a will, and lost again.
  lasting.client_id = name;
  Peer back(V::level);
  CHECK(back.connect(lasting).session_present);
  back.send(fatal_packet());
  CHECK(back.is_closed());
  CHECK(is_silent(watcher, name));
}

TEST_CASE_TEMPLATE("without the will flag nothing is published [3.1.1:MQTT-3.1.2-12]", V, V311,
                   V50) {
  // A broker of its own, where nobody else's will can come in between.
  std::optional<support::BrokerProcess> own;
  if (is_our_broker()) own.emplace(support::BrokerProcess::Kind::mq_broker_lite);
  const std::uint16_t port = own ? own->port() : broker_port();
  Peer watcher(V::level, port);
  watcher.connect(unique("watcher"));
  watcher.subscribe("#", 0);
  watcher.pending();
  Peer client(V::level, port);
  client.connect(unique("will-less"));
  client.send(fatal_packet());
  CHECK(client.is_closed());
  CHECK(watcher.pending().empty());
}

TEST_CASE_TEMPLATE(
    "a will without retain is a plain message [3.1.1:MQTT-3.1.2-16] [5.0:MQTT-3.1.2-14]", V, V311,
    V50) {
  const std::string name = unique("plain");
  Peer watcher = watcher_of(V::level, name);
  mortal(V::level, name).drop();
  CHECK_FALSE(watcher.read().retain);
  CHECK(watcher_of(V::level, name).pending().empty());
}

TEST_CASE_TEMPLATE(
    "a will with retain becomes the retained message [3.1.1:MQTT-3.1.2-17] [5.0:MQTT-3.1.2-15]", V,
    V311, V50) {
  const std::string name = unique("retained");
  Peer watcher = watcher_of(V::level, name);
  mortal(V::level, name, {.will = {{.payload = "last words", .retain = true}}}).drop();
  CHECK(watcher.read().payload == "last words");
  const auto retained = watcher_of(V::level, name).read();
  CHECK(retained.payload == "last words");
  CHECK(retained.retain);
  connected(V::level).publish({.topic = name, .retain = true});
}

TEST_CASE_TEMPLATE("a will goes out at its own QoS [3.1.1:MQTT-3.1.2-8] [5.0:MQTT-3.1.2-8]", V,
                   V311, V50) {
  for (const unsigned qos : {0U, 1U, 2U}) {
    const std::string name = unique("qos");
    Peer watcher = watcher_of(V::level, name);
    mortal(V::level, name, {.will = {{.qos = qos}}}).drop();
    CHECK(watcher.read().qos == qos);
  }
}

TEST_CASE_TEMPLATE("a will may be empty and may be binary [3.1.1:MQTT-3.1.2-8] [5.0:MQTT-3.1.2-8]",
                   V, V311, V50) {
  for (const std::string& payload : {std::string(), std::string("\0\xFF\xC0", 3)}) {
    const std::string name = unique("payload");
    Peer watcher = watcher_of(V::level, name);
    mortal(V::level, name, {.will = {{.payload = payload}}}).drop();
    const auto will = watcher.read();
    CHECK(will.type == 3);
    CHECK(will.payload == payload);
  }
}

TEST_CASE("a delayed will waits for its delay [5.0:MQTT-3.1.2-8]") {
  const std::string name = unique("delayed");
  Peer watcher = watcher_of(k5, name);
  Peer client = mortal(k5, name, {.properties = expiry(600), .will = {{.properties = delay(1)}}});
  const auto start = std::chrono::steady_clock::now();
  client.disconnect(0x04);
  CHECK(watcher.read().payload == "will");
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::seconds(1));

  const std::string patient = unique("patient");
  Peer other = watcher_of(k5, patient);
  mortal(k5, patient, {.properties = expiry(600), .will = {{.properties = delay(600)}}})
      .disconnect(0x04);
  let_a_second_pass();
  CHECK(is_silent(other, patient));
}

TEST_CASE("a delayed will comes at the latest with the session's end [5.0:MQTT-3.1.2-8]") {
  const wire::ConnectFields::Will slow{.properties = delay(600)};
  SUBCASE("which is the connection's") {
    const std::string name = unique("no-session");
    Peer watcher = watcher_of(k5, name);
    mortal(k5, name, {.will = slow}).drop();
    CHECK(watcher.read().payload == "will");
  }
  SUBCASE("which is a second later") {
    const std::string name = unique("one-second");
    Peer watcher = watcher_of(k5, name);
    mortal(k5, name, {.properties = expiry(1), .will = slow}).drop();
    CHECK(watcher.read().payload == "will");
  }
  SUBCASE("which DISCONNECT brings about") {
    const std::string name = unique("disconnect");
    Peer watcher = watcher_of(k5, name);
    mortal(k5, name, {.properties = expiry(600), .will = slow}).disconnect(0x04, expiry(0));
    CHECK(watcher.read().payload == "will");
  }
  SUBCASE("which a clean start brings about") {
    const std::string name = unique("clean-start");
    Peer watcher = watcher_of(k5, name);
    mortal(k5, name, {.properties = expiry(600), .will = slow}).disconnect(0x04);
    CHECK(is_silent(watcher, name));
    Peer back(k5);
    back.connect(name, true);
    CHECK(watcher.read().payload == "will");
  }
}

TEST_CASE(
    "a return before the delay is over cancels the will [5.0:MQTT-3.1.3-9] [5.0:MQTT-3.1.2-8]") {
  const std::string name = unique("returned");
  Peer watcher = watcher_of(k5, name);
  const wire::ConnectFields fields{
      .clean = false, .properties = expiry(600), .will = {{.properties = delay(1)}}};
  mortal(k5, name, fields).disconnect(0x04);
  Peer back(k5);
  CHECK(
      back.connect({.client_id = name, .clean = false, .properties = expiry(600)}).session_present);
  let_a_second_pass();
  CHECK(is_silent(watcher, name));
  // Nor does it come when that connection, which has no will, is lost.
  back.send(fatal_packet());
  CHECK(back.is_closed());
  CHECK(is_silent(watcher, name));
}

TEST_CASE("the properties of a will go out with it [5.0:MQTT-3.1.3-10]") {
  const std::string name = unique("properties");
  Peer watcher = watcher_of(k5, name);
  const std::string properties =
      wire::user_property("b", "1") + wire::property(0x01, wire::byte(1)) +
      wire::property(0x02, wire::four_bytes(300)) + wire::user_property("a", "2") +
      wire::property(0x03, wire::field("text/plain")) +
      wire::property(0x08, wire::field("reply/to")) + wire::property(0x09, wire::field("id")) +
      wire::user_property("b", "3") + delay(0) + wire::user_property("", "");
  mortal(k5, name, {.will = {{.properties = properties}}}).drop();
  const auto will = watcher.read();
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(will.user_properties() == Pairs{{"b", "1"}, {"a", "2"}, {"b", "3"}, {"", ""}});
  CHECK(will.property(0x01) == wire::byte(1));
  CHECK(will.property(0x02) == wire::four_bytes(300));
  CHECK(will.property(0x03) == "text/plain");
  CHECK(will.property(0x08) == "reply/to");
  CHECK(will.property(0x09) == "id");
  CHECK_FALSE(will.property(0x18));
}

TEST_CASE("a will's expiry counts from its publication and ends it [5.0:MQTT-3.1.2-8]") {
  const std::string name = unique("expiry");
  Peer absent(k5);
  absent.connect({.client_id = name + "-reader", .properties = expiry(600)});
  absent.subscribe(name, 1);
  absent.disconnect();
  const wire::ConnectFields::Will brief{.qos = 1,
                                        .properties = wire::property(0x02, wire::four_bytes(1))};
  Peer watcher = watcher_of(k5, name);
  mortal(k5, name, {.will = brief}).drop();
  CHECK(watcher.read().property(0x02) == wire::four_bytes(1));
  let_a_second_pass();
  Peer back(k5);
  CHECK(back.connect(name + "-reader", false).session_present);
  CHECK(back.pending().empty());
}
