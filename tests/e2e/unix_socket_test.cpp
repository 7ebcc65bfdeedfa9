#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>

#include "tests/e2e/clients.hpp"

using namespace e2e;

namespace {

/// A broker on a Unix socket, started once its line is printed.
std::unique_ptr<Process> broker_at(const std::string& path) {
  auto broker = std::make_unique<Process>(
      Command{.argv = {support::tool("mq-broker-lite"), "-v", "--unix", path}});
  if (!broker->wait_for_line("listening on " + path)) FAIL("did not start: " << broker->wait().err);
  return broker;
}

int publishes(const std::string& path) {
  return support::run({.argv = {"mosquitto_pub", "--unix", path, "-t", "a", "-m", "b", "-q", "1"}})
      .code;
}

}  // namespace

TEST_CASE("mosquitto's client publishes over a Unix socket, whose file goes with the broker") {
  const support::TempDir directory;
  const std::string path = directory.path() / "mqtt.sock";
  const auto broker = broker_at(path);
  CHECK(publishes(path) == 0);
  CHECK(broker->wait_for_error("connected from " + path + " pid "));
  broker->signal(SIGTERM);
  CHECK(broker->wait().code == 0);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("the Unix socket of a killed broker is replaced, that of a living one is not") {
  const support::TempDir directory;
  const std::string path = directory.path() / "mqtt.sock";
  const auto first = broker_at(path);
  first->signal(SIGKILL);
  first->wait();
  REQUIRE(std::filesystem::exists(path));
  const auto second = broker_at(path);
  const Exit third = support::run({.argv = {support::tool("mq-broker-lite"), "--unix", path}});
  CHECK(third.code == 1);
  CHECK(third.err == "mq-broker-lite: listen " + path + ": address already in use\n");
  CHECK(publishes(path) == 0);
}
