#include "tools/mq-broker-lite/privileges.hpp"

#include <doctest/doctest.h>
#include <pwd.h>
#include <unistd.h>

#include <string>

using namespace mq_broker_lite;

namespace {

mqtt::server::ServerSettings listening_on(const std::string& address, const std::string& user) {
  mqtt::server::ServerSettings settings;
  settings.listeners.emplace_back().socket.address = address;
  settings.operation.user = user;
  return settings;
}

TEST_CASE("a user that does not exist is refused, whoever starts the broker") {
  const auto user = user_to_become(listening_on("127.0.0.1", "no such user\n"));
  REQUIRE_FALSE(user.has_value());
  CHECK(user.error() == "user: there is no user 'no such user\\x0a'");
}

TEST_CASE("only root becomes somebody: who is named, or who is usual once strangers can connect") {
  const bool is_root = ::geteuid() == 0;
  const auto named = user_to_become(listening_on("127.0.0.1", "nobody"));
  CHECK(named.value() == (is_root ? std::optional<std::string>("nobody") : std::nullopt));
  CHECK(user_to_become(listening_on("127.0.0.1", "")).value() == std::nullopt);
  CHECK(user_to_become(listening_on("::1", "")).value() == std::nullopt);
  CHECK(user_to_become(listening_on("0.0.0.0", "root")).value() == std::nullopt);
  const std::string usual = ::getpwnam("mosquitto") != nullptr ? "mosquitto" : "nobody";
  for (const std::string open : {"0.0.0.0", "::", "192.0.2.1", "::ffff:127.0.0.1"})
    CHECK(user_to_become(listening_on(open, "")).value() ==
          (is_root ? std::optional(usual) : std::nullopt));
}

}  // namespace
