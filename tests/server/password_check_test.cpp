#include "libmqtt/server/password_check.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>

using namespace mqtt;
using namespace mqtt::server;

namespace {

/// One user, "user" with the password "right". One check takes some milliseconds.
std::shared_ptr<const PasswordFile> users() {
  const auto entry = make_password_entry(PasswordKind::scram_sha_256, "right");
  REQUIRE(entry);
  const auto file = PasswordFile::parse("user:" + to_text(*entry));
  REQUIRE(file);
  return *file;
}

/// A loop that runs until as many answers have come as were asked for.
struct Fixture {
  net::Loop loop;
  asio::steady_timer patience{loop.context(), std::chrono::seconds(60)};
  std::map<std::uint64_t, Verdict> answers;
  std::size_t expected = 0;
  std::shared_ptr<const PasswordFile> file = users();
  std::unique_ptr<PasswordCheck> check =
      std::make_unique<PasswordCheck>(loop, [this](std::uint64_t id, Verdict verdict) {
        answers[id] = verdict;
        if (answers.size() == expected) loop.stop();
      });

  Fixture() {
    patience.async_wait([this](std::error_code) { loop.stop(); });
  }
  bool start(std::uint64_t id, std::string_view username, std::string_view password) {
    return check->start({id, file, Bytes::copy(username), Bytes::copy(password)});
  }
  void run_until(std::size_t count) {
    expected = count;
    if (answers.size() < count) loop.run();
  }
};

}  // namespace

TEST_CASE("passwords are checked beside the loop, and answered on it by number") {
  Fixture fixture;
  CHECK(fixture.start(1, "user", "right"));
  CHECK(fixture.start(2, "user", "wrong"));
  CHECK(fixture.start(3, "nobody", "right"));
  CHECK(fixture.answers.empty());  // Not before the loop runs.
  fixture.run_until(3);
  CHECK(fixture.answers == std::map<std::uint64_t, Verdict>{
                               {1, Verdict::right}, {2, Verdict::wrong}, {3, Verdict::wrong}});
}

TEST_CASE("a flood of checks is refused beyond a limit, and what was taken is answered") {
  Fixture fixture;
  std::size_t taken = 0;
  while (taken <= 2 * PasswordCheck::kMaximumWaiting && fixture.start(taken, "user", "wrong"))
    ++taken;
  CHECK(taken >= PasswordCheck::kMaximumWaiting);
  CHECK(taken < 2 * PasswordCheck::kMaximumWaiting);
  for (std::uint64_t id = 10; id < taken; ++id) fixture.check->cancel(id);
  CHECK(fixture.check->waiting() <= 10);
  CHECK(fixture.start(taken, "user", "right"));  // There is room again.
  while (!fixture.answers.contains(taken)) fixture.run_until(fixture.answers.size() + 1);
  CHECK(fixture.answers[taken] == Verdict::right);
  CHECK(fixture.answers[0] == Verdict::wrong);
}

TEST_CASE("nobody is told once the checks are given up") {
  Fixture fixture;
  for (std::uint64_t id = 0; id < 20; ++id) REQUIRE(fixture.start(id, "user", "right"));
  fixture.check.reset();
  fixture.patience.cancel();  // Runs what is left, then the end of the patience.
  fixture.run_until(1);
  CHECK(fixture.answers.empty());
}
