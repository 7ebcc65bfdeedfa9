// What a store survives: the end of its process at any moment, and a disk that has no room.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/store/changes.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mqtt;
using namespace mqtt::store;
using namespace mqtt::store::test;
using mqtt::change::Dequeued, mqtt::change::MessageDropped;

namespace {

constexpr std::uint64_t kWindow = 5;

/// Batch `number` of a session that always has the last few messages waiting.
std::vector<Change> batch(std::uint64_t number) {
  std::vector<Change> changes;
  if (number == 1) changes.push_back(session(1));
  changes.push_back(kept(number, "t", std::string(3000, 'x') + std::to_string(number)));
  changes.push_back(queued(1, number, number));
  if (number > kWindow) {
    changes.push_back(Dequeued{1, number - kWindow});
    changes.push_back(MessageDropped{number - kWindow});
  }
  return changes;
}

/// What the store holds after this batch.
Lines state_after(std::uint64_t number) {
  std::vector<Change> messages;
  std::vector<Change> queue;
  for (std::uint64_t n = number > kWindow ? number - kWindow + 1 : 1; n <= number; ++n) {
    messages.push_back(kept(n, "t", std::string(3000, 'x') + std::to_string(n)));
    queue.push_back(queued(1, n, n));
  }
  messages.insert(messages.begin(), session(1));
  messages.insert(messages.end(), queue.begin(), queue.end());
  return lines_of(messages);
}

/// Commits in a process of its own, which tells the number of each batch once it is committed,
/// until it is killed behind `told`. Gives the last number that it told.
std::uint64_t commit_until_killed(const std::string& path, std::uint64_t told) {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = open(path, Sync::normal);
    for (std::uint64_t number = 1;; ++number) {
      commit(*store, batch(number));
      if (::write(pipe[1], &number, sizeof(number)) < 0) ::_exit(1);
      store->tidy(number % 3 == 0);
    }
  }
  ::close(pipe[1]);
  std::uint64_t number = 0;
  while (number<told&& ::read(pipe[0], &number, sizeof(number))> 0) continue;
  ::kill(child, SIGKILL);
  while (::read(pipe[0], &number, sizeof(number)) > 0) continue;
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  return number;
}

/// No file of this process may grow beyond so many bytes, as if the disk had no more room.
class LittleRoom {
 public:
  explicit LittleRoom(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~LittleRoom() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  LittleRoom(const LittleRoom&) = delete;
  LittleRoom& operator=(const LittleRoom&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

}  // namespace

TEST_CASE("what was committed outlives a kill at any moment, and nothing is there by half") {
  for (const unsigned told : {1U, 2U, 10U, 50U, 200U, 700U}) {
    const support::TempDir dir;
    const std::string path = dir.path() / "store";
    const std::uint64_t last = commit_until_killed(path, told);
    const Loaded loaded = load(path);
    CHECK(loaded.error.empty());
    CHECK(loaded.warnings.empty());
    // The batch behind the last one told may have been committed as well.
    const bool is_whole =
        loaded.state == state_after(last) || loaded.state == state_after(last + 1);
    CHECK(is_whole);
  }
}

TEST_CASE("a log cut off anywhere is rolled back to the last whole commit before") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  const std::string copy = dir.path() / "copy";
  const std::uint64_t last = commit_until_killed(path, 20);
  const auto size = std::filesystem::file_size(path + "-wal");
  std::size_t states = 0;
  Lines before;
  for (std::uintmax_t cut = 0; cut <= size; cut += 1499) {
    std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(path + "-wal", copy + "-wal",
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(copy + "-wal", cut);
    const Loaded loaded = load(copy);
    CHECK(loaded.error.empty());
    bool is_known = loaded.state.empty();
    for (std::uint64_t n = 1; n <= last + 1 && !is_known; ++n)
      is_known = loaded.state == state_after(n);
    CHECK(is_known);
    if (loaded.state != before) ++states;
    before = loaded.state;
  }
  CHECK(states + 1 >= last);  // No cut falls on the very end.
}

TEST_CASE("without room nothing is committed, and with room again everything") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  const auto store = open(path);
  commit(*store, batch(1));
  std::vector<Change> changes{kept(2, "t", std::string(3'000'000, 'x')), queued(1, 2, 2)};
  {
    const LittleRoom room(1'000'000);
    for (int attempt = 0; attempt < 3; ++attempt) {
      const auto done = store->commit(changes, kNow);
      REQUIRE_FALSE(done.has_value());
      CHECK(done.error() == path + ": File too large");
    }
    commit(*store, {queued(1, 5, 1)});  // What is small still finds its place.
  }
  CHECK(load(*store).state.size() == 4);
  changes.push_back(queued(1, 3, 2));
  commit(*store, changes);
  CHECK(load(path + "x").state.empty());
  CHECK(load(*store).state.size() == 7);
}

TEST_CASE("a commit that fails for want of room leaves the store as it was on disk") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  {
    const auto store = open(path);
    commit(*store, batch(1));
    const LittleRoom room(500'000);
    CHECK_FALSE(store->commit(std::vector<Change>{kept(2, "t", std::string(900'000, 'x'))}, kNow)
                    .has_value());
  }
  CHECK(load(path).state == state_after(1));
}

TEST_CASE("a store for which there is no room is refused by name") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  const LittleRoom room(100);
  CHECK(refusal(path) == path + ": File too large");
}
