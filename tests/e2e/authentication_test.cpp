#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/e2e/clients.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;
using support::Configuration;

namespace {

/// The exit code of mosquitto_pub with these credentials.
int say(std::uint16_t port, const std::string& version, const Arguments& credentials) {
  Arguments all = {"-V", version, "-t", "x", "-m", "y", "-q", "1"};
  all.insert(all.end(), credentials.begin(), credentials.end());
  return support::run(pub(port, all, Family::mosquitto)).code;
}

void run_well(std::vector<std::string> argv, const std::string& input = {}) {
  const Exit exit = support::run({.argv = std::move(argv), .input = input});
  REQUIRE_MESSAGE(exit.code == 0, exit.err);
}

void our_passwd(const std::string& hash, const std::string& file, const std::string& user) {
  run_well({support::tool("mq-broker-lite"), "passwd", "-H", hash, file, user}, "pass word\n");
}

Configuration closed(const std::string& file) {
  return {{"listener 0 127.0.0.1", "password_file " + file}};
}

}  // namespace

TEST_CASE("mosquitto's clients get in with the right password, whoever hashed it, and only then") {
  const support::TempDir directory;
  const std::string file = directory.path() / "users";
  run_well({"mosquitto_passwd", "-c", "-b", file, "seven", "pass word"});
  run_well({"mosquitto_passwd", "-H", "sha512", "-b", file, "six", "pass word"});
  our_passwd("argon2id", file, "argon2id");
  our_passwd("scram-sha-256", file, "scram");
  our_passwd("pbkdf2-sha512", file, "pbkdf2");
  const BrokerProcess broker(closed(file));
  for (const std::string version : {"311", "5"}) {
    const int bad_user = version == "5" ? 0x86 : 4;
    for (const char* user : {"seven", "six", "argon2id", "scram", "pbkdf2"}) {
      CHECK(say(broker.port(), version, {"-u", user, "-P", "pass word"}) == 0);
      CHECK(say(broker.port(), version, {"-u", user, "-P", "password"}) == bad_user);
    }
    CHECK(say(broker.port(), version, {"-u", "nobody", "-P", "pass word"}) == bad_user);
    CHECK(say(broker.port(), version, {}) == (version == "5" ? 0x87 : 5));
  }
}

TEST_CASE("a plain file that mosquitto_passwd -U or our passwd -U has hashed works") {
  const support::TempDir directory;
  const std::string theirs = directory.write("theirs", "ann:secret\nben:other\n");
  const std::string ours = directory.write("ours", "ann:secret\nben:other\n");
  run_well({"mosquitto_passwd", "-U", theirs});
  run_well({support::tool("mq-broker-lite"), "passwd", "-U", ours});
  for (const std::string& file : {theirs, ours}) {
    const BrokerProcess broker(closed(file));
    CHECK(say(broker.port(), "5", {"-u", "ann", "-P", "secret"}) == 0);
    CHECK(say(broker.port(), "5", {"-u", "ben", "-P", "other"}) == 0);
    CHECK(say(broker.port(), "5", {"-u", "ben", "-P", "secret"}) == 0x86);
  }
}

TEST_CASE("mosquitto takes what our passwd hashes by pbkdf2-sha512") {
  const support::TempDir directory;
  const std::string file = directory.write("users", "");
  our_passwd("pbkdf2-sha512", file, "ann");
  const BrokerProcess mosquitto(BrokerProcess::Kind::mosquitto, {"password_file " + file});
  CHECK(say(mosquitto.port(), "5", {"-u", "ann", "-P", "pass word"}) == 0);
  CHECK(say(mosquitto.port(), "5", {"-u", "ann", "-P", "password"}) != 0);
}

TEST_CASE("passwords are reloaded, all or nothing, and who is connected stays") {
  const support::TempDir directory;
  const std::string file = directory.write("users", "");
  our_passwd("scram-sha-256", file, "ann");
  Configuration open = closed(file);
  open.lines.emplace_back("allow_anonymous true");
  BrokerProcess broker(open);
  const Arguments ann = {"-u", "ann", "-P", "pass word"};
  auto watcher = subscribed(broker.port(), {"-u", "ann", "-P", "pass word", "-t", "x", "-C", "3"},
                            Family::mosquitto);
  our_passwd("scram-sha-256", file, "ben");
  const Arguments ben = {"-u", "ben", "-P", "pass word"};
  CHECK(say(broker.port(), "5", ben) == 0x86);

  // From now on nobody comes in without a name.
  run_well({support::tool("mq-broker-lite"), "passwd", "-D", file, "ann"});
  CHECK(broker.reload(closed(file)).find("error") == std::string::npos);
  CHECK(say(broker.port(), "5", ben) == 0);
  CHECK(say(broker.port(), "5", ann) == 0x86);

  directory.write("users", "broken\n");
  CHECK(broker.reload(closed(file)).find(file + ":1: no ':' behind") != std::string::npos);
  CHECK(say(broker.port(), "5", ben) == 0);
  CHECK(say(broker.port(), "5", {}) == 0x87);
  CHECK(without_ready(watcher->wait().out) == "y\ny\n");
}

TEST_CASE("a password file that is not in order stops the start with one line") {
  const support::TempDir directory;
  const std::string good = "# fine\r\n\r\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {good + "ann:secret\r\n",
       ":3: 'ann': no hash begins like this: $7$, $6$, $argon2id$ or $scram-sha-256$"},
      {good + std::string("a\0b", 3), ":3: a NUL byte"},
      {std::string(10'000'000, 'x'), ":1: a line of 10000000 bytes"},
      {"ann:$7$99999999$c2FsdA==$" + std::string(86, 'A') + "==\n",
       ":1: 'ann': 99999999 iterations are not from 1 to 2000000"},
  };
  for (const auto& [text, error] : cases) {
    const std::string file = directory.write("users", text);
    const Exit exit = support::run(
        {.argv = {support::tool("mq-broker-lite"), "-p", "0", "--password-file", file}});
    CHECK(exit.code == 1);
    CHECK(exit.err == "mq-broker-lite: " + file + error + "\n");
    CHECK(exit.out.empty());
  }
}
