#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/process.hpp"

TEST_CASE("mandoc has nothing to say against any of the man pages") {
  if (support::run({.argv = {"sh", "-c", "command -v mandoc"}}).code != 0) {
    MESSAGE("SKIPPED: mandoc is not installed (scripts/setup test)");
    return;
  }
  std::size_t pages = 0;
  for (const auto& page : std::filesystem::directory_iterator(MQ_SOURCE_DIR "/man")) {
    ++pages;
    const auto end = support::run({.argv = {"mandoc", "-Tlint", page.path().string()}});
    CHECK(end.out == "");
    CHECK(end.err == "");
    CHECK(end.code == 0);
  }
  CHECK(pages >= 4);
}
