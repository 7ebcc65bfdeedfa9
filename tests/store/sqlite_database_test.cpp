#include "libmqtt/store/sqlite_database.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/store/changes.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mqtt;
using namespace mqtt::store;
using namespace mqtt::store::test;

namespace {

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

/// What `refusal` says to somebody without root's rights.
std::string refusal_to_nobody(const std::string& path) {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string text = "cannot become nobody";
    if (::getuid() != 0 || ::setuid(65534) == 0) text = refusal(path);
    static_cast<void>(!::write(pipe[1], text.data(), text.size()));
    ::_exit(0);
  }
  ::close(pipe[1]);
  char text[1000];
  const auto size = ::read(pipe[0], text, sizeof(text));
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  return std::string(text, size > 0 ? static_cast<std::size_t>(size) : 0);
}

/// A SQLite database whose format marks are these.
std::string database(const support::TempDir& dir, std::uint32_t id, std::uint32_t version) {
  std::string path = dir.path() / "database";
  CHECK(Database::open(path, Sync::off, {id, version, "CREATE TABLE t (x)"}).has_value());
  return path;
}

constexpr std::uint32_t kOurs = 0x6D717374;

}  // namespace

TEST_CASE("the store and its log can be read by their owner only, whatever the umask") {
  const support::TempDir dir;
  const mode_t umask = ::umask(0);
  const std::string path = dir.path() / "store";
  const auto store = open(path);
  commit(*store, {session(1)});
  ::umask(umask);
  CHECK(mode_of(path) == 0600);
  CHECK(mode_of(path + "-wal") == 0600);
}

TEST_CASE("a store that others could read is made private") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  open(path);
  ::chmod(path.c_str(), 0644);
  commit(*open(path), {session(1)});
  CHECK(mode_of(path) == 0600);
}

TEST_CASE("a second broker on the same store is refused, and the first goes on") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  const std::string in_use = path + ": in use by another broker";
  // Made before the store is opened: SQLite's own notes about locks are inherited.
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char go = 0;
    ::close(pipe[1]);
    static_cast<void>(!::read(pipe[0], &go, 1));
    ::_exit(refusal(path) == in_use ? 0 : 1);
  }
  const auto first = open(path);
  ::close(pipe[0]);
  ::close(pipe[1]);
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(refusal(path) == in_use);
  commit(*first, {session(1)});
}

TEST_CASE("the lock ends with its owner, however that ended") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = open(path);
    commit(*store, {session(1)});
    ::raise(SIGKILL);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  CHECK(load(path).state == lines_of({session(1)}));
}

TEST_CASE("what is no store is refused by name, and left as it was") {
  const support::TempDir dir;
  const std::string text(5000, 'x');
  const std::string foreign = dir.write("text", text);
  CHECK(refusal(foreign) == foreign + ": is not a store: no SQLite database");
  CHECK(std::filesystem::file_size(foreign) == 5000);
  CHECK(mode_of(foreign) != 0600);
  CHECK(refusal(dir.path()) == dir.path().string() + ": is a directory");
  CHECK(refusal("/dev/null") == "/dev/null: is not a regular file");
  const std::string nowhere = dir.path() / "no" / "store";
  CHECK(refusal(nowhere) == nowhere + ": cannot be created: No such file or directory");
}

TEST_CASE("another program's database, and a store of another version, are refused") {
  const support::TempDir dir;
  const std::string other = database(dir, 17, 1);
  CHECK(refusal(other) == other + ": is another program's database, not a store");
  const support::TempDir later;
  const std::string future = database(later, kOurs, 3);
  CHECK(refusal(future) == future +
                               ": was written by another version of this program (format 3; this "
                               "one reads format 2)");
}

TEST_CASE("an empty file becomes a store, as one does whose names SQLite gives a meaning") {
  const support::TempDir dir;
  CHECK(refusal(dir.write("empty", "")).empty());
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(dir.path());
  for (const char* name : {"file:x?mode=memory", ":memory:"}) {
    CHECK(refusal(name).empty());
    CHECK(std::filesystem::exists(dir.path() / name));
  }
  std::filesystem::current_path(before);
}

TEST_CASE("a file or directory that cannot be written is refused by name") {
  const support::TempDir dir;
  ::chmod(dir.path().c_str(), 0755);
  const std::string path = dir.path() / "store";
  open(path);
  ::chmod(path.c_str(), 0444);
  CHECK(refusal_to_nobody(path) == path + ": cannot be written: Permission denied");
  const std::string absent = dir.path() / "absent";
  ::chmod(dir.path().c_str(), 0555);
  CHECK(refusal_to_nobody(absent) == absent + ": cannot be created: Permission denied");
  ::chmod(dir.path().c_str(), 0755);
}
