#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/e2e/clients.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;

TEST_CASE("systemd finds the service exposed to 2.0 or less") {
  std::ifstream source(std::filesystem::path(MQ_SOURCE_DIR) /
                       "tools/mq-broker-lite/mq-broker-lite.service.in");
  std::string unit{std::istreambuf_iterator<char>(source), {}};
  const std::string_view place = "@CMAKE_INSTALL_FULL_BINDIR@";
  REQUIRE(unit.find(place) != std::string::npos);
  unit.replace(unit.find(place), place.size(), "/usr/bin");
  const support::TempDir directory;
  const std::string file = directory.write("mq-broker-lite.service", unit);
  if (support::run({.argv = {"systemd-analyze", "--version"}}).code != 0) {
    MESSAGE("systemd-analyze can't be run here: the unit is not judged");
    return;
  }
  // In tenths: it fails above the threshold.
  const Exit judged = support::run({.argv = {"systemd-analyze", "security", "--offline=true",
                                             "--no-pager", "--threshold=20", file}});
  CAPTURE(judged.err);
  CHECK_MESSAGE(judged.code == 0, judged.out);
  CHECK(judged.out.find("Overall exposure level") != std::string::npos);
}
