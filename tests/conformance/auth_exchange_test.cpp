#include <doctest/doctest.h>

#include <string>

#include "tests/conformance/delivery.hpp"
#include "tests/conformance/scram_client.hpp"
#include "tests/support/temp_dir.hpp"

// Enhanced authentication (5.0 §4.12) with the one method that our broker has.

using namespace conformance;
using namespace conformance::wire;

namespace {

constexpr unsigned kContinue = 0x18;
constexpr unsigned kAgain = 0x19;

/// Our broker with a password file: "user" and "other" may use SCRAM ("pencil"), "old" may not.
struct House {
  support::TempDir directory;
  support::BrokerProcess broker{
      support::BrokerProcess::Kind::mq_broker_lite,
      {"--allow-anonymous", "--password-file",
       directory.write("users", scram_line("user") + scram_line("other") +
                                    "old:$6$eB9xn4TLZAMULRGc$"
                                    "1zKKJ2+wSdQA4smJJxO8+5Fk9Nxc3xmeXDs/zYehWvrvid+djCKtl7sC4ayuxs"
                                    "JgCvW8FlvLNDC/J2ELt9FC0A==\n")}};
};

bool can_test() { return can_start_own_broker("needs a password file with SCRAM entries"); }

std::string connect_with(std::string_view data, std::string_view more = {}) {
  return connect(Level::v5_0, {.client_id = unique("client"),
                               .properties = scram_properties(data) + std::string(more)});
}

/// The data of an AUTH that continues.
std::string data_of(const Received& auth) {
  CHECK(auth.type == kAuth);
  CHECK(auth.reason_code == kContinue);
  CHECK(auth.property(id::authentication_method) == "SCRAM-SHA-256");
  return auth.property(id::authentication_data).value_or("");
}

Peer logged_in(const House& house, std::string_view user = "user") {
  Peer peer(Level::v5_0, house.broker.port());
  ScramClient client(user, "pencil");
  const std::string first = data_of(peer.request(connect_with(client.first())));
  const Received connack = peer.request(scram_auth(kContinue, client.final(first)));
  REQUIRE(connack.type == kConnack);
  REQUIRE(connack.reason_code == 0);
  return peer;
}

/// The answer to a whole exchange that began with `first`.
Received finish(Peer& peer, ScramClient& client, const Received& first) {
  return peer.request(scram_auth(kContinue, client.final(data_of(first))));
}

}  // namespace

TEST_CASE(
    "the server's AUTH continues until CONNACK, and each packet names the method "
    "[5.0:MQTT-4.12.0-2] [5.0:MQTT-4.12.0-5]") {
  if (!can_test()) return;
  const House house;
  Peer peer(Level::v5_0, house.broker.port());
  ScramClient client("user", "pencil");
  const Received first = peer.request(connect_with(client.first()));
  const Received connack = finish(peer, client, first);
  CHECK(connack.type == kConnack);
  CHECK(connack.reason_code == 0);
  CHECK(connack.property(id::authentication_method) == "SCRAM-SHA-256");
  CHECK(connack.property(id::authentication_data) == client.expected());
  CHECK(peer.is_alive());
}

TEST_CASE(
    "AUTH carries no Reason String and no User Property, however small the client's packets "
    "[5.0:MQTT-3.15.2-2] [5.0:MQTT-3.15.2-3]") {
  if (!can_test()) return;
  const House house;
  Peer generous(Level::v5_0, house.broker.port());
  ScramClient probe("user", "pencil");
  const Received auth = generous.request(connect_with(probe.first()));
  const auto size = static_cast<std::uint32_t>(auth.bytes.size());
  for (const std::uint32_t maximum : {size + 100, size + 1}) {
    Peer peer(Level::v5_0, house.broker.port());
    ScramClient client("user", "pencil");
    const Received first = peer.request(
        connect_with(client.first(), property(id::maximum_packet_size, four_bytes(maximum))));
    CHECK(first.bytes.size() <= maximum);
    CHECK_FALSE(first.property(id::reason_string));
    CHECK(first.user_properties().empty());
    const Received connack = finish(peer, client, first);
    CHECK(connack.type == kConnack);
    CHECK(connack.bytes.size() <= maximum);
  }
  Peer narrow(Level::v5_0, house.broker.port());
  narrow.send(connect_with(probe.first(), property(id::maximum_packet_size, four_bytes(20))));
  CHECK(narrow.is_closed());
}

TEST_CASE("a client that sends no data at first is asked for it [5.0:MQTT-4.12.0-2]") {
  if (!can_test()) return;
  const House house;
  Peer peer(Level::v5_0, house.broker.port());
  ScramClient client("user", "pencil");
  CHECK(data_of(peer.request(connect_with(""))).empty());
  const Received first = peer.request(scram_auth(kContinue, client.first()));
  CHECK(finish(peer, client, first).reason_code == 0);
}

TEST_CASE(
    "a wrong password, an unknown user and one without SCRAM look alike and are refused "
    "[5.0:MQTT-4.12.0-4]") {
  if (!can_test()) return;
  const House house;
  for (const std::string user : {"user", "nobody", "old"}) {
    std::string salt;
    for (int round = 0; round < 2; ++round) {
      Peer peer(Level::v5_0, house.broker.port());
      ScramClient client(user, "wrong");
      const Received first = peer.request(connect_with(client.first()));
      const std::string data = data_of(first);
      CHECK(scram_field(data, 'i') == "4096");
      CHECK(scram_field(data, 's').size() == 24);
      CHECK((salt.empty() || scram_field(data, 's') == salt));
      salt = scram_field(data, 's');
      const Received connack = finish(peer, client, first);
      CHECK(connack.type == kConnack);
      CHECK(connack.reason_code == 0x87);
      CHECK(peer.is_closed());
    }
  }
}

TEST_CASE("what is no SCRAM message is refused, and another method in AUTH as well") {
  if (!can_test()) return;
  const House house;
  Peer nonsense(Level::v5_0, house.broker.port());
  CHECK(nonsense.request(connect_with("nonsense")).reason_code == 0x87);
  CHECK(nonsense.is_closed());
  Peer changed(Level::v5_0, house.broker.port());
  ScramClient client("user", "pencil");
  const std::string first = data_of(changed.request(connect_with(client.first())));
  CHECK(changed.request(scram_auth(kContinue, client.final(first), "SCRAM-SHA-1")).reason_code ==
        0x8C);
  CHECK(changed.is_closed());
}

TEST_CASE("other methods are refused although there is one [5.0:MQTT-4.12.0-1]") {
  if (!can_test()) return;
  const House house;
  for (const std::string name : {"SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "scram-sha-256", ""}) {
    Peer peer(Level::v5_0, house.broker.port());
    const Received connack = peer.request(connect(
        Level::v5_0, {.client_id = unique("client"), .properties = scram_properties("x", name)}));
    CHECK(connack.type == kConnack);
    CHECK(connack.reason_code == 0x8C);
    CHECK(peer.is_closed());
  }
}

TEST_CASE("messages go on while a client authenticates again [5.0:MQTT-4.12.0-5]") {
  if (!can_test()) return;
  const House house;
  Peer peer = logged_in(house);
  for (int round = 0; round < 2; ++round) {
    ScramClient client("user", "pencil");
    const Received first = peer.request(scram_auth(kAgain, client.first()));
    CHECK(peer.subscribe("news", 0) == 0);
    CHECK(peer.request(publish(Level::v5_0, {.topic = "news"})).topic == "news");
    const Received last = finish(peer, client, first);
    CHECK(last.type == kAuth);
    CHECK(last.reason_code == 0);
    CHECK(last.property(id::authentication_method) == "SCRAM-SHA-256");
    CHECK(last.property(id::authentication_data) == client.expected());
  }
  CHECK(peer.is_alive());
}

TEST_CASE("authenticating again and failing ends the connection [5.0:MQTT-4.12.1-2]") {
  if (!can_test()) return;
  const House house;
  const auto ends_with = [](Peer& peer, const Received& last, unsigned reason_code) {
    CHECK(last.type == kDisconnect);
    CHECK(last.reason_code == reason_code);
    CHECK(peer.is_closed());
  };
  Peer wrong = logged_in(house);
  ScramClient guess("user", "wrong");
  ends_with(wrong, finish(wrong, guess, wrong.request(scram_auth(kAgain, guess.first()))), 0x87);
  Peer another = logged_in(house);
  ScramClient other("other", "pencil");
  ends_with(another, finish(another, other, another.request(scram_auth(kAgain, other.first()))),
            0x87);
  Peer method = logged_in(house);
  ends_with(method, method.request(scram_auth(kAgain, "n,,n=user,r=x", "PLAIN")), 0x8C);
  Peer early = logged_in(house);  // Nothing to go on with.
  ends_with(early, early.request(scram_auth(kContinue, "c=biws,r=x,p=x")), 0x82);
  Peer success = logged_in(house);
  ends_with(success, success.request(scram_auth(0, "")), 0x82);
}

TEST_CASE("who came without a method has none later, password or not [5.0:MQTT-4.12.0-7]") {
  if (!can_test()) return;
  const House house;
  for (const bool with_password : {false, true}) {
    Peer peer(Level::v5_0, house.broker.port());
    ConnectFields fields{.client_id = unique("client")};
    if (with_password) {
      fields.username = "user";
      fields.password = "pencil";
    }
    peer.connect(fields);
    const Received end = peer.request(scram_auth(kAgain, ScramClient("user", "pencil").first()));
    CHECK(end.type == kDisconnect);
    CHECK(end.reason_code == 0x82);
    CHECK(peer.is_closed());
  }
}
