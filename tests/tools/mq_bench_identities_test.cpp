#include "tools/mq-bench/identities.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "tests/support/authority.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mq_bench;

TEST_CASE("a text with %i differs by the client's number") {
  const auto text = PerClientText::make("dev%i-%i", 3);
  REQUIRE(text.has_value());
  CHECK(text->of(0) == "dev0-0");
  CHECK(text->of(2) == "dev2-2");
  CHECK(PerClientText::make("same", 3)->of(2) == "same");
  CHECK(PerClientText::make("@@home%i", 1)->of(0) == "@home0");
}

TEST_CASE("a file has a line for each client") {
  const support::TempDir directory;
  const std::string path = directory.path() / "users";
  std::ofstream(path) << "anna\r\nben%i\n\ndora";
  const auto text = PerClientText::make("@" + path, 4);
  REQUIRE(text.has_value());
  CHECK(text->of(0) == "anna");
  CHECK(text->of(1) == "ben%i");
  CHECK(text->of(2).empty());
  CHECK(text->of(3) == "dora");
  CHECK(PerClientText::make("@" + path, 5).error() == path + ": has 4 lines for 5 clients");
  CHECK(PerClientText::make("@/nowhere", 1).error() == "/nowhere: cannot be read");
}

TEST_CASE("user names and passwords of all clients come from the connection's options") {
  cli::ConnectionOptions connection;
  connection.username = "u%i";
  connection.password = "p%i";
  Identities who;
  CHECK(who.settle(connection, 3).empty());
  CHECK(who.username->of(2) == "u2");
  CHECK(who.password->of(2) == "p2");
  CHECK(connection.username == "u0");
  connection.username = "@/nowhere";
  CHECK(Identities().settle(connection, 1) == "-u: /nowhere: cannot be read");
}
