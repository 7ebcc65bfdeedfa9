#include "tools/mq-bench/client_recipe.hpp"

#include <doctest/doctest.h>

#include <set>

#include "tools/common/parse.hpp"
#include "tools/mq-bench/plan.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

/// The options of the first clients of a load.
std::vector<mqtt::client::ClientOptions> first_clients(std::vector<std::string> words,
                                                       std::uint32_t count = 1) {
  Options options;
  REQUIRE(cli::parse(describe(options), words).has_value());
  const auto plan = make_plan(options, "run");
  const ClientRecipe recipe(options, *plan, "run");
  std::vector<mqtt::client::ClientOptions> clients;
  for (std::uint32_t i = 0; i < count; ++i)
    clients.push_back(recipe.make(Plan::Role::publisher, i, i));
  return clients;
}

std::uint32_t expiry(const mqtt::client::ClientOptions& client) {
  return client.session.connect.properties.find(mqtt::property::session_expiry_interval)
      .value_or(0);
}

}  // namespace

TEST_CASE("clients take turns at hosts and local addresses, so that each pair is used as often") {
  const auto clients =
      first_clients({"pub", "-c", "12", "-h", "one,two", "--bind", "127.0.0.2-127.0.0.4"}, 12);
  std::multiset<std::pair<std::string, std::string>> pairs;
  for (const auto& client : clients) pairs.emplace(client.address.host, client.dial.bind_address);
  for (const char* host : {"one", "two"}) {
    for (const char* source : {"127.0.0.2", "127.0.0.3", "127.0.0.4"})
      CHECK(pairs.count({host, source}) == 2);
  }
}

TEST_CASE("every client has an id, and a user name with its number, of its own") {
  const auto clients = first_clients({"pub", "-c", "2", "-u", "user%i"}, 2);
  CHECK(clients[0].session.connect.client_id.view() == "mqb-run-p0");
  CHECK(clients[1].session.connect.client_id.view() == "mqb-run-p1");
  CHECK(clients[1].session.connect.username->view() == "user1");
}

TEST_CASE("--session is an expiry in 5.0, and a session that is not clean before") {
  const auto v5 = first_clients({"pub", "-V", "5", "--session", "1h"})[0];
  CHECK(expiry(v5) == 3'600);
  CHECK(v5.session.connect.clean_start);
  const auto v3 = first_clients({"pub", "--session", "1h"})[0];
  CHECK(v3.session.connect.version == mqtt::Version::v3_1_1);
  CHECK_FALSE(v3.session.connect.clean_start);
  const auto clean = first_clients({"pub", "-V", "5", "--session", "1h", "--clean"})[0];
  CHECK(expiry(clean) == 0);
}

TEST_CASE("--reconnect sets the pauses, or ends with the first connection") {
  const auto usual = first_clients({"pub"})[0];
  CHECK(usual.reconnect);
  CHECK(usual.backoff.first == 1s);
  CHECK(usual.backoff.most == 30s);
  const auto quick = first_clients({"pub", "--reconnect", "10ms..2s"})[0];
  CHECK(quick.backoff.first == 10ms);
  CHECK(quick.backoff.most == 2s);
  CHECK_FALSE(first_clients({"pub", "--reconnect", "off"})[0].reconnect);
  CHECK_FALSE(first_clients({"conn"})[0].reconnect);
}
