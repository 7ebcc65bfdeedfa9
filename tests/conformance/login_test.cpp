#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/conformance/peer.hpp"
#include "tests/conformance/scram_client.hpp"
#include "tests/support/temp_dir.hpp"

// User name and password in CONNECT, and what goes on while they are being checked.

using namespace conformance;
using namespace conformance::wire;

namespace {

/// 64 MiB and three passes: some 0.1 s of a processor. "password" with "somesalt" and another hash.
const std::string kSlow =
    ":$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4\n";

struct House {
  explicit House(const std::string& users, std::vector<std::string> arguments = {})
      : broker(support::BrokerProcess::Kind::mq_broker_lite, with(users, std::move(arguments))) {}
  std::vector<std::string> with(const std::string& users, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--password-file", directory.write("users", users)});
    return arguments;
  }

  support::TempDir directory;
  support::BrokerProcess broker;
};

bool can_test() { return can_start_own_broker("needs a password file"); }

ConnectFields as(std::string_view user, std::string_view password) {
  return {.client_id = unique("client"),
          .username = std::string(user),
          .password = std::string(password)};
}

/// The code in the answer to this CONNECT.
unsigned answer_to(const House& house, Level level, const ConnectFields& fields) {
  Peer peer(level, house.broker.port());
  const Received connack = peer.request(connect(level, fields));
  CHECK(connack.type == kConnack);
  CHECK((connack.reason_code == 0 || peer.is_closed()));
  return connack.reason_code;
}

}  // namespace

TEST_CASE("refused credentials: 4 and 5 in 3.1.1, 0x86 and 0x87 in 5.0") {
  if (!can_test()) return;
  const House house(scram_line("user"));
  for (const Level level : {Level::v3_1, Level::v3_1_1, Level::v5_0}) {
    const bool is_5 = level == Level::v5_0;
    const unsigned bad_user = is_5 ? 0x86 : 4;
    CHECK(answer_to(house, level, as("user", "pencil")) == 0);
    CHECK(answer_to(house, level, as("user", "Pencil")) == bad_user);
    CHECK(answer_to(house, level, as("user", "")) == bad_user);
    CHECK(answer_to(house, level, as("nobody", "pencil")) == bad_user);
    CHECK(answer_to(house, level, as("", "")) == bad_user);
    CHECK(answer_to(house, level, {.client_id = unique("c"), .username = "user"}) == bad_user);
    CHECK(answer_to(house, level, {.client_id = unique("c")}) == (is_5 ? 0x87 : 5));
  }
  // A password without a user name (5.0 only) names nobody.
  CHECK(answer_to(house, Level::v5_0, {.client_id = unique("c"), .password = "pencil"}) == 0x87);
}

TEST_CASE("anonymous clients beside a password file only where that is said") {
  if (!can_test()) return;
  const House house(scram_line("user"), {"--allow-anonymous"});
  CHECK(answer_to(house, Level::v5_0, {.client_id = unique("c")}) == 0);
  CHECK(answer_to(house, Level::v5_0, as("user", "wrong")) == 0x86);
}

TEST_CASE("what comes right behind CONNECT is handled once its password has been checked") {
  if (!can_test()) return;
  const House house(scram_line("user"));
  for (const Level level : {Level::v3_1_1, Level::v5_0}) {
    Peer peer(level, house.broker.port());
    peer.send(connect(level, as("user", "pencil")) + subscribe(level, 7, {{"early", 0}}) +
              publish(level, {.topic = "early", .payload = "bird"}) + pingreq());
    CHECK(peer.read().type == kConnack);
    CHECK(peer.read().type == kSuback);
    CHECK(peer.read().type == kPingresp);
    CHECK(peer.read().payload == "bird");
    Peer wrong(level, house.broker.port());
    wrong.send(connect(level, as("user", "wrong")) + pingreq());
    CHECK(wrong.read().reason_code != 0);
    CHECK(wrong.read().type == kClosed);
  }
}

TEST_CASE("a flood of logins is refused as busy beyond a limit and holds up nobody who is in") {
  if (!can_test()) return;
  const House house("slow" + kSlow, {"--allow-anonymous"});
  Peer inside(Level::v5_0, house.broker.port());
  inside.connect("inside");
  CHECK(inside.subscribe("news", 0) == 0);
  std::vector<std::unique_ptr<Peer>> flood;
  for (int i = 0; i < 700; ++i) {
    const Level level = i % 2 == 0 ? Level::v5_0 : Level::v3_1_1;
    flood.push_back(std::make_unique<Peer>(level, house.broker.port()));
    flood.back()->send(connect(level, as(i % 3 == 0 ? "slow" : "nobody", "wrong")));
  }
  CHECK(inside.request(publish(Level::v5_0, {.topic = "news"})).topic == "news");
  CHECK(flood[698]->read().reason_code == 0x89);
  CHECK(flood[698]->is_closed());
  CHECK(flood[699]->read().reason_code == 3);
  CHECK(flood[699]->is_closed());
  flood.clear();  // Checks that nobody waits for are dropped.
  CHECK(inside.is_alive());
}

TEST_CASE("a client that goes while its password is being checked is missed by nobody") {
  if (!can_test()) return;
  const House house("slow" + kSlow, {"--allow-anonymous"});
  for (int i = 0; i < 2; ++i) {
    Peer peer(Level::v5_0, house.broker.port());
    peer.send(connect(Level::v5_0, as("slow", "wrong")));
    peer.drop();
  }
  Peer inside(Level::v5_0, house.broker.port());
  inside.connect("inside");
  CHECK(answer_to(house, Level::v5_0, as("slow", "wrong")) == 0x86);  // Behind the other two.
  CHECK(inside.is_alive());
}
