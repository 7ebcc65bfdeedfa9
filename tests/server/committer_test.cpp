#include "libmqtt/server/committer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/net/loopback.hpp"

using namespace mqtt;
using mqtt::net::test::run_until;
using mqtt::server::Committer;

namespace {

constexpr Duration kHour = std::chrono::hours(1);  // Longer than any test.

/// Commits when the test allows it, and as the test wants it. One change counts as its session's
/// number.
class GatedStore : public store::Store {
 public:
  std::expected<void, std::string> commit(std::span<const Change> changes,
                                          store::ClockReading) override {
    std::unique_lock lock(mutex_);
    ++begun_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return allowed_ > 0; });
    --allowed_;
    if (fails_) return std::unexpected("STORE: full");
    thread_ = std::this_thread::get_id();
    std::vector<std::uint64_t>& group = groups_.emplace_back();
    for (const Change& change : changes)
      group.push_back(std::get<change::SessionEnded>(change).session);
    return {};
  }
  std::expected<std::vector<std::string>, std::string> load(store::ClockReading,
                                                            const BacklogLimits&,
                                                            const Replay&) override {
    return {};
  }
  std::expected<BacklogPage, std::string> fetch(const BacklogRequest& request,
                                                store::ClockReading) override {
    const std::lock_guard lock(mutex_);
    if (fetch_failures_ > 0 && fetch_failures_-- > 0) return std::unexpected("STORE: unreadable");
    // How many groups it sees, for the test.
    return BacklogPage{.request = request, .waiting = {}, .reaches = groups_.size()};
  }
  void fail_fetches(int number) {
    const std::lock_guard lock(mutex_);
    fetch_failures_ = number;
  }
  void tidy(bool is_idle) override {
    const std::lock_guard lock(mutex_);
    tidied_.push_back(is_idle);
  }

  void wait_for_commit(int number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return begun_ >= number; });
  }
  void allow(int commits) {
    const std::lock_guard lock(mutex_);
    allowed_ += commits;
    changed_.notify_all();
  }
  void set_failing(bool fails) {
    const std::lock_guard lock(mutex_);
    fails_ = fails;
  }
  using Groups = std::vector<std::vector<std::uint64_t>>;
  Groups groups() const {
    const std::lock_guard lock(mutex_);
    return groups_;
  }
  std::vector<bool> tidied() const {
    const std::lock_guard lock(mutex_);
    return tidied_;
  }
  std::thread::id thread() const {
    const std::lock_guard lock(mutex_);
    return thread_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0;
  int allowed_ = 0;
  int fetch_failures_ = 0;
  bool fails_ = false;
  Groups groups_;
  std::vector<bool> tidied_;
  std::thread::id thread_;
};

struct Fixture {
  net::Loop loop;
  GatedStore store;
  std::vector<std::uint64_t> committed;
  std::vector<std::string> failures;
  std::vector<std::string> fetch_failures;
  std::vector<std::uint64_t> pages;  ///< How many commits each page could see.
  std::thread::id told_on;
  std::optional<Committer> committer;

  explicit Fixture(Duration retry = kHour) {
    committer.emplace(
        loop, store,
        Committer::Events{
            .on_committed =
                [this](std::uint64_t batch) {
                  committed.push_back(batch);
                  told_on = std::this_thread::get_id();
                },
            .on_commit_failed = [this](const std::string& failure) { failures.push_back(failure); },
            .on_fetch_failed =
                [this](const std::string& failure) { fetch_failures.push_back(failure); }},
        retry);
  }
  ~Fixture() { store.allow(1000); }

  void submit(std::uint64_t batch, std::vector<std::uint64_t> numbers) {
    std::vector<Change> changes;
    for (const std::uint64_t number : numbers) changes.push_back(change::SessionEnded{number});
    committer->submit(batch, std::move(changes));
  }
  void fetch(std::uint64_t batch) {
    committer->fetch(batch, {}, [this](const BacklogPage& page) { pages.push_back(page.reaches); });
  }
  bool wait_for_pages(std::size_t count) {
    return run_until(loop, [&] { return pages.size() >= count; });
  }
  bool wait_for(std::uint64_t batch) {
    return run_until(loop, [&] { return !committed.empty() && committed.back() >= batch; });
  }
  bool wait_for_failure() {
    return run_until(loop, [&] { return !failures.empty(); });
  }
};

using Groups = GatedStore::Groups;

}  // namespace

TEST_CASE("a batch is committed beside the loop and told on it") {
  Fixture f;
  f.store.allow(1);
  f.submit(1, {10, 11});
  CHECK(f.wait_for(1));
  CHECK(f.store.groups() == Groups{{10, 11}});
  CHECK(f.told_on == std::this_thread::get_id());
  CHECK(f.store.thread() != std::this_thread::get_id());
}

TEST_CASE("what comes while a commit is busy goes together in the next one") {
  Fixture f;
  f.submit(1, {1});
  f.store.wait_for_commit(1);
  f.submit(2, {2});
  f.submit(3, {3, 4});
  f.submit(4, {});
  f.store.allow(2);
  CHECK(f.wait_for(4));
  CHECK(f.store.groups() == Groups{{1}, {2, 3, 4}});
  CHECK(f.committed == std::vector<std::uint64_t>{1, 4});
}

TEST_CASE("an empty batch is told too") {
  Fixture f;
  f.store.allow(1);
  f.submit(1, {});
  CHECK(f.wait_for(1));
}

TEST_CASE("the backlog is what has not been told to be committed") {
  Fixture f;
  CHECK(f.committer->backlog_bytes() == 0);
  Message body;
  body.payload = Bytes::copy(std::string(10'000, 'x'));
  f.committer->submit(1, {change::MessageKept{1, MessagePtr::make(body)}, change::SessionEnded{1}});
  CHECK(f.committer->backlog_bytes() > 10'000);
  const std::size_t first = f.committer->backlog_bytes();
  f.submit(2, {1});
  CHECK(f.committer->backlog_batches() == 2);
  CHECK(f.committer->backlog_bytes() > first);
  f.store.set_failing(true);
  f.store.allow(1);
  CHECK(f.wait_for_failure());
  CHECK(f.committer->backlog_batches() == 2);
}

TEST_CASE("the backlog is empty once all is committed") {
  Fixture f;
  f.store.allow(2);
  f.submit(1, {1});
  f.submit(2, {2});
  CHECK(f.wait_for(2));
  CHECK(f.committer->backlog_batches() == 0);
  CHECK(f.committer->backlog_bytes() == 0);
}

TEST_CASE("a failure is told once, and the same changes are tried again with what came meanwhile") {
  Fixture f(Duration(1));
  f.store.set_failing(true);
  f.submit(1, {1});
  f.store.allow(5);
  f.store.wait_for_commit(6);
  f.submit(2, {2});
  CHECK(f.wait_for_failure());
  CHECK(f.committer->is_failing());
  f.store.set_failing(false);
  f.store.allow(2);
  CHECK(f.wait_for(2));
  CHECK_FALSE(f.committer->is_failing());
  CHECK(f.failures == std::vector<std::string>{"STORE: full"});
  std::vector<std::uint64_t> all;
  for (const auto& group : f.store.groups()) all.insert(all.end(), group.begin(), group.end());
  CHECK(all == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("the next episode of failures is told again") {
  Fixture f(Duration(1));
  for (std::uint64_t batch = 1; batch <= 2; ++batch) {
    f.store.set_failing(true);
    f.submit(batch, {batch});
    f.store.allow(1);
    CHECK(run_until(f.loop, [&] { return f.failures.size() == batch; }));
    f.store.set_failing(false);
    f.store.allow(1);
    CHECK(f.wait_for(batch));
  }
}

TEST_CASE("a failed commit is tried again at once when asked") {
  Fixture f(kHour);
  f.store.set_failing(true);
  f.submit(1, {1});
  f.store.allow(1);
  CHECK(f.wait_for_failure());
  f.store.set_failing(false);
  f.store.allow(1);
  f.committer->retry_now();
  CHECK(f.wait_for(1));
}

TEST_CASE("tidying comes after what was told, and knows whether more is waiting") {
  Fixture f;
  f.submit(1, {1});
  f.store.wait_for_commit(1);
  f.submit(2, {2});
  f.store.allow(2);
  CHECK(f.wait_for(2));
  CHECK(f.committer->flush_and_stop(kHour).has_value());
  CHECK(f.store.tidied() == std::vector<bool>{false, true});
}

TEST_CASE("stopping commits what is open first") {
  Fixture f;
  f.submit(1, {1});
  f.store.wait_for_commit(1);
  f.submit(2, {2});
  f.store.allow(2);
  CHECK(f.committer->flush_and_stop(kHour).has_value());
  CHECK(f.store.groups() == Groups{{1}, {2}});
  CHECK(f.wait_for(2));
}

TEST_CASE("stopping gives up on a store that goes on failing, and says so") {
  Fixture f;
  f.store.set_failing(true);
  f.store.allow(1000);
  f.submit(1, {1});
  const auto stopped = f.committer->flush_and_stop(Duration(1));
  REQUIRE_FALSE(stopped.has_value());
  CHECK(stopped.error() == "STORE: full");
  CHECK(f.store.groups().empty());
}

TEST_CASE("stopping with patience outlasts a failure") {
  Fixture f(Duration(1));
  f.store.set_failing(true);
  f.submit(1, {1});
  f.store.allow(1);
  CHECK(f.wait_for_failure());
  f.store.set_failing(false);
  f.store.allow(1000);
  CHECK(f.committer->flush_and_stop(kHour).has_value());
  CHECK(f.store.groups() == Groups{{1}});
}

TEST_CASE("nothing is told any more once the committer is gone") {
  Fixture f;
  f.store.allow(1);
  f.submit(1, {1});
  f.committer.reset();
  net::test::poll(f.loop);
  CHECK(f.store.groups() == Groups{{1}});
  CHECK(f.committed.empty());
}

TEST_CASE("the loop runs on while a batch is open, and no longer") {
  Fixture f;
  f.submit(1, {1});
  f.store.wait_for_commit(1);
  f.store.allow(1);
  f.loop.run();
  CHECK(f.committed == std::vector<std::uint64_t>{1});
}

TEST_CASE("a page of a backlog is fetched once the batch it may lie in is committed") {
  Fixture f;
  f.submit(1, {1});
  f.fetch(1);
  f.store.allow(1);
  CHECK(f.wait_for_pages(1));
  CHECK(f.pages == std::vector<std::uint64_t>{1});
  f.fetch(0);  // Without anything to commit.
  CHECK(f.wait_for_pages(2));
}

TEST_CASE("pages are fetched while commits fail") {
  Fixture f;
  f.store.set_failing(true);
  f.submit(1, {1});
  f.store.allow(1);
  CHECK(f.wait_for_failure());
  f.fetch(0);
  CHECK(f.wait_for_pages(1));
  CHECK(f.committed.empty());
}

TEST_CASE("a page that cannot be read is told once, and asked for again until it comes") {
  Fixture f(Duration(1));
  f.store.fail_fetches(3);
  f.fetch(0);
  CHECK(f.wait_for_pages(1));
  CHECK(f.fetch_failures == std::vector<std::string>{"STORE: unreadable"});
}
