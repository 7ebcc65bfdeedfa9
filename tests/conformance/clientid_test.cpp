// Client identifiers: what is taken, what is made up, and whose session it is.

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

wire::ConnectFields lasting(Level level, const std::string& client_id, bool clean = false) {
  wire::ConnectFields fields{.client_id = client_id, .clean = clean};
  if (level == Level::v5_0) fields.properties = wire::property(0x11, wire::four_bytes(600));
  return fields;
}

}  // namespace

TEST_CASE_TEMPLATE("ids of 1 to 23 letters and digits are taken [MQTT-3.1.3-5]", V, V311, V50) {
  const std::string all = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (std::size_t size = 1; size <= 23; ++size) {
    const std::size_t start = size * 7 % (all.size() - 23);
    Peer peer(V::level);
    peer.connect(all.substr(start, size));
  }
  for (std::size_t start = 0; start < all.size(); start += 23) {
    Peer peer(V::level);
    peer.connect(all.substr(start, 23));
  }
}

TEST_CASE_TEMPLATE("a session belongs to its client id [MQTT-3.1.3-2]", V, V311, V50) {
  const std::string topic = unique("owner");
  const std::string id = unique("a");
  Peer owner(V::level);
  owner.connect(lasting(V::level, id));
  owner.subscribe(topic, 1);
  owner.disconnect();
  Peer publisher = connected(V::level);
  publisher.publish({.topic = topic, .payload = "for the owner"});

  for (const std::string& other_id : {id + "x", "x" + id, "A" + id.substr(1)}) {
    Peer other(V::level);
    CHECK_FALSE(other.connect(lasting(V::level, other_id)).session_present);
    CHECK(other.pending().empty());
  }
  Peer back(V::level);
  CHECK(back.connect(lasting(V::level, id)).session_present);
  CHECK(back.read().payload == "for the owner");
}

TEST_CASE_TEMPLATE(
    "clients without an id get one each [MQTT-3.1.3-6] [3.1.1:MQTT-3.1.3-7] [5.0:MQTT-3.2.2-16]", V,
    V311, V50) {
  const std::string topic = unique("nameless");
  Peer first(V::level);
  const auto first_answer = first.connect({.client_id = "", .clean = true});
  Peer second(V::level);
  const auto second_answer = second.connect({.client_id = "", .clean = true});
  CHECK(first.is_alive());
  CHECK(second.is_alive());
  first.subscribe(topic, 0);
  second.publish({.topic = topic});
  CHECK(first.read().topic == topic);
  CHECK(second.pending().empty());
  if (V::level == Level::v5_0) {
    const auto id = first_answer.property(0x12);
    REQUIRE(id);
    CHECK_FALSE(id->empty());
    CHECK(second_answer.property(0x12) != id);
  }
}

TEST_CASE("in 5.0 the id made up is told and as good as the client's own [5.0:MQTT-3.1.3-7]") {
  Peer nameless(Level::v5_0);
  const auto id = nameless.connect(lasting(Level::v5_0, std::string())).property(0x12);
  REQUIRE(id);
  const std::string topic = unique("made-up");
  nameless.subscribe(topic, 1);
  nameless.disconnect();
  Peer publisher = connected(Level::v5_0);
  publisher.publish({.topic = topic, .payload = "kept"});

  Peer named(Level::v5_0);
  const auto connack = named.connect(lasting(Level::v5_0, *id));
  CHECK(connack.session_present);
  CHECK_FALSE(connack.property(0x12));
  CHECK(named.read().payload == "kept");
}

TEST_CASE(
    "3.1.1 refuses an empty id with a session that stays by return code 2 [3.1.1:MQTT-3.1.3-8] "
    "[3.1.1:MQTT-3.1.3-9] [3.1.1:MQTT-3.1.3-7]") {
  Peer peer(Level::v3_1_1);
  const auto connack =
      peer.request(wire::connect(Level::v3_1_1, {.client_id = "", .clean = false}));
  CHECK(connack.bytes == wire::hex("20 02 00 02"));
  CHECK(peer.is_closed());
}

TEST_CASE_TEMPLATE(
    "an id that the server does not want is refused and told so [3.1.1:MQTT-3.1.3-9] "
    "[5.0:MQTT-3.1.3-8]",
    V, V311, V50) {
  if (!can_start_own_broker("needs --clientid-prefixes")) return;
  const support::BrokerProcess broker(support::BrokerProcess::Kind::mq_broker_lite,
                                      {"--clientid-prefixes", "maison-"});
  Peer refused(V::level, broker.port());
  const auto connack = refused.request(wire::connect(V::level, {.client_id = "garage"}));
  CHECK(connack.bytes == wire::hex(V::level == Level::v5_0 ? "20 03 00 85 00" : "20 02 00 02"));
  CHECK(refused.is_closed());
  Peer accepted(V::level, broker.port());
  accepted.connect("maison-salon");
}
