#include "libmqtt/server/door.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/support/temp_dir.hpp"

using namespace mqtt;
using namespace mqtt::server;

namespace {

const std::string kUser =
    "six:$6$eB9xn4TLZAMULRGc$"
    "1zKKJ2+wSdQA4smJJxO8+5Fk9Nxc3xmeXDs/zYehWvrvid+djCKtl7sC4ayuxsJgCvW8FlvLNDC/J2ELt9FC0A==\n";

std::string refusal(const ServerSettings& settings) {
  const auto door = DoorLoader(settings).load({}, 0);
  return door ? "open" : door.error();
}

}  // namespace

TEST_CASE("a door that nobody has opened is closed, and without files there is nothing to check") {
  const ServerSettings settings;
  const auto door = DoorLoader(settings).load({}, 3);
  REQUIRE(door);
  CHECK_FALSE(door->allow_anonymous);
  CHECK(door->users == nullptr);
  CHECK(door->rules == nullptr);
  CHECK(door->access == 0);
}

TEST_CASE("doors share the server's files, which are read once; a listener opens for itself") {
  const support::TempDir directory;
  ServerSettings settings;
  settings.access = {.allow_anonymous = true,
                     .password_file = directory.write("users", kUser),
                     .acl_file = directory.write("acl", "")};
  DoorLoader loader(settings);
  const auto first = loader.load({}, 0);
  std::filesystem::remove(settings.access.password_file);
  ListenerSettings closed;
  closed.access.allow_anonymous = false;
  closed.access.password_file = "/nowhere";  // Unused: see per_listener_settings.
  const auto second = loader.load(closed, 1);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->allow_anonymous);
  CHECK_FALSE(second->allow_anonymous);
  CHECK(first->users != nullptr);
  CHECK(first->users == second->users);
  CHECK(first->rules != nullptr);  // An empty file is not no file.
  CHECK(second->access == 0);
}

TEST_CASE("per_listener_settings: each listener has its own files and scope, and only those") {
  const support::TempDir directory;
  ServerSettings settings;
  settings.per_listener_settings = true;
  settings.access = {.allow_anonymous = true, .password_file = "/nowhere", .acl_file = "/nowhere"};
  DoorLoader loader(settings);
  ListenerSettings own;
  own.access.password_file = directory.write("users", kUser);
  const auto first = loader.load(own, 0);
  const auto second = loader.load({}, 1);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->access == 1);
  CHECK(first->users != nullptr);
  CHECK(second->access == 2);
  CHECK(second->users == nullptr);
  CHECK_FALSE(second->allow_anonymous);
}

TEST_CASE("a file that is not in order is named, and there is no door") {
  const support::TempDir directory;
  const std::string users = directory.write("users", kUser + "broken\n");
  const std::string acl = directory.write("acl", "nonsense\n");
  ServerSettings settings;
  settings.access.password_file = users;
  CHECK(refusal(settings) == users + ":2: no ':' behind the user's name");
  settings.access.password_file = directory.path();
  CHECK(refusal(settings) == directory.path().string() + ": is a directory");
  settings.access.password_file.clear();
  settings.access.acl_file = acl;
  CHECK(refusal(settings).starts_with(acl + ":1: "));
  settings.access.acl_file = "/nowhere";
  CHECK(refusal(settings) == "/nowhere: No such file or directory");
}
