#include "libmqtt/store/sqlite_loader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/store/changes.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mqtt;
using namespace mqtt::store;
using namespace mqtt::store::test;
using mqtt::change::Arrived, mqtt::change::MessageDropped, mqtt::change::RetainedSet;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// One store on disk whose bytes a test can change.
class Damaged {
 public:
  explicit Damaged(const std::vector<Change>& changes) {
    commit(*open(path_), changes);
    content_ = content_of(path_);
  }
  const std::string& path() const { return path_; }
  const std::string& content() const { return content_; }
  void write(const std::string& content) { dir_.write("store", content); }
  /// Flips a bit of the only place where this text stands.
  void flip_within(const std::string& text) {
    const std::size_t at = content_.find(text);
    REQUIRE(at != std::string::npos);
    REQUIRE(content_.find(text, at + 1) == std::string::npos);
    content_[at + text.size() / 2] = static_cast<char>(content_[at + text.size() / 2] ^ 4);
    write(content_);
  }
  std::string warning(const std::string& what) const {
    return path_ + ": damaged and left out: " + what;
  }

 private:
  support::TempDir dir_;
  std::string path_ = dir_.path() / "store";
  std::string content_;
};

std::vector<Change> small_store() {
  change::SessionRecord record;
  record.client_id = Bytes::copy("client-one");
  record.username = "user-of-one";
  return {session(1, record),
          session(2, "client-two"),
          subscribed(1, "filter-one"),
          subscribed(2, "filter-two"),
          kept(1, "topic-one", "payload-one"),
          kept(2, "topic-two", "payload-two"),
          queued(1, 1, 1),
          sent(1, 1, 77),
          queued(2, 1, 1),
          queued(2, 2, 2),
          Arrived{1, 5},
          RetainedSet{2}};
}

/// Many pages of everything.
std::vector<Change> large_store() {
  std::vector<Change> changes;
  for (std::uint64_t n = 1; n <= 300; ++n) {
    changes.push_back(session(n, "client " + std::to_string(n)));
    changes.push_back(subscribed(n, "some/filter/of/" + std::to_string(n)));
    changes.push_back(kept(n, "topic/" + std::to_string(n), "payload " + std::to_string(n)));
    changes.push_back(queued(n, 1, n));
    changes.push_back(RetainedSet{n});
  }
  return changes;
}

}  // namespace

TEST_CASE("a message with a flipped bit is left out and told, with what was to deliver it") {
  Damaged store(small_store());
  store.flip_within("payload-one");
  const Loaded loaded = load(store.path());
  CHECK(loaded.warnings ==
        Lines{store.warning("1 of the messages"), store.warning("2 of the queued deliveries")});
  CHECK(loaded.state ==
        lines_of({small_store()[0], small_store()[1], small_store()[2], small_store()[3],
                  small_store()[5], queued(2, 2, 2), Arrived{1, 5}, RetainedSet{2}}));
  CHECK(load(store.path()).warnings.empty());  // What is left out is deleted as well.
}

TEST_CASE("a session with a flipped bit is left out with all that it had") {
  Damaged store(small_store());
  store.flip_within("user-of-one");
  const Loaded loaded = load(store.path());
  CHECK(loaded.warnings ==
        Lines{store.warning("1 of the sessions, with their subscriptions and messages")});
  CHECK(loaded.state ==
        lines_of({session(2, "client-two"), subscribed(2, "filter-two"), small_store()[4],
                  small_store()[5], queued(2, 1, 1), queued(2, 2, 2), RetainedSet{2}}));
}

TEST_CASE("a subscription with a flipped bit is left out") {
  Damaged store(small_store());
  store.flip_within("filter-one");
  const Loaded loaded = load(store.path());
  CHECK(loaded.warnings == Lines{store.warning("1 of the subscriptions")});
  CHECK(loaded.state.size() == small_store().size() - 1);
}

TEST_CASE("whichever bit flips, nothing that was not stored comes back") {
  Damaged store(small_store());
  Lines stored = lines_of(small_store());
  // Bodies that lost what referred to them, and a flight whose body is gone.
  for (const unsigned number : {1U, 2U}) stored.push_back(text_of(MessageDropped{number}));
  std::size_t refused = 0, damaged = 0;
  for (std::size_t at = 0; at < store.content().size(); at += 29) {
    std::string content = store.content();
    content[at] = static_cast<char>(content[at] ^ (1 << at % 8));
    store.write(content);
    const auto opened = SqliteStore::open(store.path(), Sync::off);
    if (!opened) {
      CHECK(opened.error().starts_with(store.path() + ": "));
      ++refused;
      continue;
    }
    const Loaded loaded = load(**opened);
    for (const std::string& line : loaded.state)
      CHECK_MESSAGE(std::ranges::find(stored, line) != stored.end(), line << " at " << at);
    if (!loaded.warnings.empty() || !loaded.error.empty()) ++damaged;
  }
  CHECK(refused > 0);
  CHECK(damaged > 0);
}

TEST_CASE("where pages cannot be read the rest is kept in a new file, the old one beside it") {
  Damaged store(large_store());
  const std::string whole = store.content();
  std::string content = whole;
  // A page in the middle of the messages.
  const std::size_t page = content.find("payload 150") / 4096 * 4096;
  std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(page), 4096, '\xA5');
  store.write(content);
  const Loaded loaded = load(store.path());
  CHECK(loaded.error.empty());
  REQUIRE_FALSE(loaded.warnings.empty());
  CHECK(loaded.warnings.back() == store.path() +
                                      ": was damaged; what could be read is kept, and the damaged "
                                      "file as " +
                                      store.path() + ".damaged");
  CHECK(content_of(store.path() + ".damaged") == content);
  const Lines stored = lines_of(large_store());
  std::size_t messages = 0;
  for (const std::string& line : loaded.state) {
    CHECK(std::ranges::find(stored, line) != stored.end());
    if (line.starts_with("message")) ++messages;
  }
  CHECK(messages > 150);  // Those before the page and those behind it.
  CHECK(messages < 300);
  const Loaded again = load(store.path());
  CHECK(again.warnings.empty());
  CHECK(again.state == loaded.state);
}

TEST_CASE("pages that are used twice give nothing twice, and lost ones are noticed") {
  Damaged store(large_store());
  const Lines stored = lines_of(large_store());
  const auto page_of = [&](const char* text) { return store.content().find(text) / 4096 * 4096; };
  std::string content = store.content();
  content.replace(page_of("payload 250"), 4096, content.substr(page_of("payload 20"), 4096));
  store.write(content);
  const Loaded loaded = load(store.path());
  CHECK(loaded.error.empty());
  CHECK_FALSE(loaded.warnings.empty());
  Lines sorted = loaded.state;
  std::ranges::sort(sorted);
  CHECK(std::ranges::adjacent_find(sorted) == sorted.end());
  for (const std::string& line : sorted) CHECK(std::ranges::find(stored, line) != stored.end());
}

TEST_CASE("a store cut short is refused with what to do, and left as it is") {
  Damaged store(large_store());
  for (std::size_t size = 4096; size < store.content().size(); size += 4096) {
    const std::string cut = store.content().substr(0, size);
    store.write(cut);
    CHECK(refusal(store.path()) ==
          store.path() + ": is damaged beyond repair; move it away to begin with an empty one");
    CHECK(content_of(store.path()) == cut);
  }
}

TEST_CASE("an earlier damaged file is not overwritten by the next one") {
  Damaged store(large_store());
  std::string content = store.content();
  const std::size_t page = content.find("payload 150") / 4096 * 4096;
  std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(page), 4096, '\xA5');
  for (const char* name : {".damaged", ".damaged.2", ".damaged.3"}) {
    store.write(content);
    load(store.path());
    CHECK(std::filesystem::exists(store.path() + name));
  }
}
