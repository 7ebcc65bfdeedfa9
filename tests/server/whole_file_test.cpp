#include "libmqtt/server/whole_file.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/temp_dir.hpp"

using namespace mqtt::server;
namespace fs = std::filesystem;

namespace {
std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}
std::ptrdiff_t entries(const fs::path& directory) {
  return std::distance(fs::directory_iterator(directory), fs::directory_iterator());
}
}  // namespace

TEST_CASE("the file is there with all of its content, in place of an older one") {
  const support::TempDir directory;
  const fs::path path = directory.write("port", "an older and longer content\n");
  REQUIRE(write_whole_file(path, "1883\n"));
  CHECK(read_file(path) == "1883\n");
  CHECK(entries(directory.path()) == 1);
  remove_whole_file(path);
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a link in its place is replaced, not followed") {
  const support::TempDir directory;
  const fs::path target = directory.write("target", "mine");
  const fs::path path = directory.path() / "port";
  fs::create_symlink(target, path);
  REQUIRE(write_whole_file(path, "1883\n"));
  CHECK(read_file(target) == "mine");
  CHECK_FALSE(fs::is_symlink(path));
}

TEST_CASE("what can't be written is named, and leaves nothing behind") {
  const support::TempDir directory;
  const std::string missing = (directory.path() / "no/such/port").string();
  CHECK(write_whole_file(missing, "1").error() ==
        "write " + missing + ": No such file or directory");
  const fs::path taken = directory.path() / "taken";
  fs::create_directory(taken);
  CHECK(write_whole_file(taken, "1").error() == "write " + taken.string() + ": Is a directory");
  CHECK(entries(directory.path()) == 1);
  remove_whole_file(taken);
  CHECK(fs::is_directory(taken));
}
