#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/temp_dir.hpp"
#include "tools/mq-sub/ready_notice.hpp"

using mq_sub::ReadyNotice;

namespace {

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("the ready file of an earlier run is removed, and written when it is true") {
  const support::TempDir directory;
  const std::string path = directory.write("ready", "stale\n");
  ReadyNotice notice(path, std::nullopt);
  CHECK_FALSE(notice.prepare());
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(notice.tell());
  CHECK(content(path) == "ready\n");
}

TEST_CASE("it is told once: a reconnect does not write the file again") {
  const support::TempDir directory;
  const std::string path = directory.path() / "ready";
  ReadyNotice notice(path, std::nullopt);
  CHECK_FALSE(notice.tell());
  std::filesystem::remove(path);
  CHECK_FALSE(notice.tell());
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a ready file that cannot be written is an error") {
  const support::TempDir directory;
  ReadyNotice notice(directory.path() / "no" / "such", std::nullopt);
  CHECK_FALSE(notice.prepare());
  CHECK(notice.tell() == std::errc::no_such_file_or_directory);
}

TEST_CASE("a ready descriptor gets one line and is closed") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  ReadyNotice notice(std::nullopt, static_cast<unsigned>(ends[1]));
  CHECK_FALSE(notice.prepare());
  CHECK_FALSE(notice.tell());
  std::array<char, 16> text{};
  CHECK(::read(ends[0], text.data(), text.size()) == 6);
  CHECK(std::string(text.data(), 6) == "ready\n");
  CHECK(::read(ends[0], text.data(), text.size()) == 0);
  ::close(ends[0]);
}

TEST_CASE("without a file or descriptor there is nothing to do") {
  ReadyNotice notice(std::nullopt, std::nullopt);
  CHECK_FALSE(notice.prepare());
  CHECK_FALSE(notice.tell());
}
