#include <doctest/doctest.h>

#include <csignal>

#include "tests/e2e/clients.hpp"

using namespace e2e;

namespace {

/// What every test needs, whoever it is: see subscribed().
constexpr std::string_view kReady = "pattern readwrite e2e/ready/#\n";

/// A broker with an ACL file that believes in any user name.
struct House {
  explicit House(const std::string& rules) : broker(configured(rules)) {}

  support::Configuration configured(const std::string& rules) const {
    const std::string file = directory.write("acl", std::string(kReady) + rules);
    return {{"listener 0 127.0.0.1", "allow_anonymous true", "acl_file " + file}};
  }

  support::TempDir directory;
  BrokerProcess broker;
};

Arguments as(const std::string& user, const Arguments& more) {
  Arguments all = {"-u", user};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

TEST_CASE("mosquitto's clients say and get what the ACL file allows them") {
  House house(
      "topic read public/#\n"
      "user anna\n"
      "topic readwrite #\n"
      "topic deny safe\n"
      "pattern write report/%u/%c\n");
  const std::uint16_t port = house.broker.port();
  auto anna =
      subscribed(port, as("anna", {"-v", "-t", "+/+", "-t", "report/#"}), Family::mosquitto);
  auto anybody = subscribed(port, {"-v", "-t", "+/+", "-C", "2"}, Family::mosquitto);
  publish(port, as("bert", {"-i", "b", "-t", "report/bert/b", "-m", "1", "-q", "1"}));
  const auto say = [&](const Arguments& arguments) {
    return support::run(pub(port, arguments, Family::mosquitto));
  };
  // 3.1.1 has no word for a refusal: the message is acknowledged and goes nowhere [MQTT-3.3.5-2].
  CHECK(say(as("bert", {"-i", "x", "-t", "report/bert/b", "-m", "2", "-q", "2"})).code == 0);
  CHECK(say({"-t", "public/x", "-m", "3", "-q", "1"}).code == 0);
  CHECK(say(as("anna", {"-t", "safe", "-m", "4", "-q", "1"})).code == 0);
  const Exit told = say(as("anna", {"-V", "5", "-t", "safe", "-m", "5", "-q", "1", "-r"}));
  CHECK(told.err.find("Not authorized") != std::string::npos);
  CHECK(say(as("anna", {"-t", "public/x", "-m", "6", "-q", "1"})).code == 0);
  CHECK(without_ready(anybody->wait().out) == "public/x 6\n");
  REQUIRE(anna->wait_for_line("public/x 6"));
  anna->signal(SIGTERM);
  CHECK(without_ready(anna->wait().out) == "report/bert/b 1\npublic/x 6\n");
}

TEST_CASE("A subscription that brings nothing is refused, in 3.1.1 with 0x80, in 5.0 with 0x87") {
  House house("user anna\ntopic write in/#\n");
  for (const auto* version : {"311", "5"}) {
    const Exit end = support::run(sub(
        house.broker.port(), as("anna", {"-V", version, "-t", "in/#", "-E"}), Family::mosquitto));
    CHECK(end.err.find("denied") != std::string::npos);
  }
}

TEST_CASE("A reload that revokes a right drops what waits for its client, and cuts nobody off") {
  House house("user anna\ntopic readwrite #\nuser bert\ntopic read #\n");
  const std::uint16_t port = house.broker.port();
  const Arguments bert = as("bert", {"-i", "bert", "-c", "-q", "1", "-t", "+", "-v", "-W", "30"});
  Arguments only_subscribe = bert;
  only_subscribe.emplace_back("-E");
  CHECK(support::run(sub(port, only_subscribe, Family::mosquitto)).code == 0);
  auto online = subscribed(port, as("bert", {"-t", "+", "-v"}), Family::mosquitto);
  for (const auto* topic : {"cellar", "attic"})
    publish(port, as("anna", {"-t", topic, "-m", "before", "-q", "1"}));
  REQUIRE(online->wait_for_line("attic before"));

  const auto said =
      house.broker.reload(house.configured("user anna\ntopic readwrite #\nuser bert\n"
                                           "topic read cellar\ntopic read end\n"));
  CHECK(said.find("are read again") != std::string::npos);
  for (const auto* topic : {"cellar", "attic", "end"})
    publish(port, as("anna", {"-t", topic, "-m", "after", "-q", "1"}));
  Process back(sub(port, bert, Family::mosquitto));
  REQUIRE(back.wait_for_line("end after"));
  back.signal(SIGTERM);
  CHECK(back.wait().out == "cellar before\ncellar after\nend after\n");
  REQUIRE(online->wait_for_line("end after"));
  online->signal(SIGTERM);
  CHECK(online->wait().out.find("attic after") == std::string::npos);
}

TEST_CASE("A reload with a broken ACL file changes nothing and says where it is broken") {
  House house("user anna\ntopic read #\n");
  const auto said = house.broker.reload(house.configured("user anna\ntopic reed #\n"));
  CAPTURE(said);
  CHECK(said.find("acl:3: unknown access 'reed'") != std::string::npos);
  const std::uint16_t port = house.broker.port();
  auto anna = subscribed(port, as("anna", {"-t", "t"}), Family::mosquitto);
  anna->signal(SIGTERM);
}
