#include <doctest/doctest.h>

#include <span>
#include <string>
#include <vector>

#include "tests/store/changes.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/pair.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mqtt;
using namespace mqtt::store;
using namespace mqtt::store::test;
using mqtt::change::Dequeued, mqtt::change::MessageLetGo, mqtt::change::SessionEnded;
using mqtt::change::RetainedErased, mqtt::change::RetainedSet;

// What of a queue lies in the store only: what load() leaves there, how it comes back, and when its
// bodies go.

namespace {

constexpr BacklogLimits kTwo{.offline_messages = 2};

struct Fixture {
  support::TempDir dir;
  std::unique_ptr<SqliteStore> store = open(dir.path() / "store");
  explicit Fixture(const std::vector<Change>& changes) { commit(*store, changes); }

  /// Position=payload of each, and how far it reaches.
  Lines fetch(std::uint64_t after, std::uint64_t last, std::size_t messages = 100,
              std::size_t bytes = 1'000'000) {
    const auto page = store->fetch(
        {.session = 1, .after = after, .last = last, .messages = messages, .bytes = bytes}, kNow);
    REQUIRE(page);
    Lines lines;
    for (const auto& [queued, body] : page->waiting)
      lines.push_back(std::to_string(queued.position) + "=" + std::string(body->payload.view()));
    lines.push_back(".." + std::to_string(page->reaches));
    if (page->damaged > 0) lines.push_back(std::to_string(page->damaged) + " damaged");
    return lines;
  }
  bool has_body(std::uint64_t number) {
    commit(*store, {session(99, "witness"), queued(99, number, number)});
    const Loaded loaded = load(*store);
    const std::string begin = "message " + std::to_string(number) + " ";
    const bool found = std::ranges::any_of(
        loaded.state, [&](const auto& line) { return line.starts_with(begin); });
    commit(*store, {SessionEnded{99}});
    return found;
  }
};

std::vector<Change> five_waiting() {
  std::vector<Change> changes{session(1)};
  for (std::uint64_t n = 1; n <= 5; ++n) {
    changes.push_back(kept(n, "t", "m" + std::to_string(n)));
    changes.push_back(queued(1, n * 10, n));
  }
  return changes;
}

using mqtt::test::Pair, mqtt::test::PairClient, mqtt::test::PairOptions;

/// A client whose session lasts, connected.
PairClient& lasting(Pair& pair, std::string_view id, std::uint32_t seconds) {
  ClientSessionOptions of;
  of.connect.client_id = Bytes::copy(id);
  of.connect.clean_start = false;
  of.connect.properties =
      PropertiesBuilder().add(property::session_expiry_interval, seconds).build();
  PairClient& added = pair.add(of);
  added.connect();
  pair.settle();
  return added;
}

PairOptions with_small_pages() {
  PairOptions options;
  options.broker.has_store = true;
  options.broker.backlog = {.offline_messages = 2,
                            .offline_bytes = 1'000'000,
                            .online_bytes = 150,
                            .page_messages = 3,
                            .page_bytes = 1'000'000,
                            .low_mark = 1};
  return options;
}

/// Three sessions with backlogs: one is drained, over a crash; one sleeps; one expires.
void live(Pair& pair) {
  PairClient& publisher = lasting(pair, "publisher", 1000);
  PairClient& drains = lasting(pair, "drains", 1000);
  PairClient& sleeps = lasting(pair, "sleeps", 1000);
  PairClient& expires = lasting(pair, "expires", 5);
  for (PairClient* each : {&drains, &sleeps, &expires}) each->subscribe("t/#");
  sleeps.subscribe("$share/group/s");
  expires.subscribe("$share/group/s");
  pair.settle();
  for (PairClient* each : {&drains, &sleeps, &expires}) each->cut();
  for (int i = 0; i < 20; ++i) {
    publisher.publish(Qos::exactly_once, "t/" + std::to_string(i % 3), "q2", i % 4 == 0);
    publisher.publish(Qos::at_least_once, i % 2 == 0 ? "s" : "t/x", "q1");
  }
  pair.settle();
  drains.connect();
  pair.settle();
  pair.crash();
  publisher.connect();
  pair.pass(Seconds(10));
  for (int i = 0; i < 10; ++i) publisher.publish(Qos::exactly_once, "t/last", "q2");
  pair.settle();
  drains.connect();
  pair.settle();
  CHECK(pair.store().fetched() > 10);
  CHECK(drains.messages.size() == 40);
}

}  // namespace

TEST_CASE("of a queue the first messages are loaded, and how much is left") {
  Fixture f(five_waiting());
  commit(*f.store, {sent(1, 10, 7), session(2), queued(2, 1, 5)});
  CHECK(load(*f.store, kNow, kTwo).state ==
        Lines{text_of(session(1)), text_of(session(2)), text_of(kept(1, "t", "m1")),
              text_of(kept(2, "t", "m2")), text_of(kept(3, "t", "m3")), text_of(kept(5, "t", "m5")),
              text_of(queued(1, 10, 1)), text_of(sent(1, 10, 7)), text_of(queued(1, 20, 2)),
              text_of(queued(1, 30, 3)), "backlog 1/39..50 messages 2 of 5",
              text_of(queued(2, 1, 5))});
}

TEST_CASE("a backlog comes in pages, by number and by bytes, one message at least") {
  Fixture f(five_waiting());
  CHECK(f.fetch(20, 50) == Lines{"30=m3", "40=m4", "50=m5", "..50"});
  CHECK(f.fetch(0, 50, 2) == Lines{"10=m1", "20=m2", "..20"});
  CHECK(f.fetch(20, 45, 2) == Lines{"30=m3", "40=m4", "..40"});
  CHECK(f.fetch(40, 45) == Lines{"..45"});
  CHECK(f.fetch(0, 50, 100, 1) == Lines{"10=m1", "..10"});
}

TEST_CASE("what is under way is not part of a backlog") {
  Fixture f(five_waiting());
  commit(*f.store, {sent(1, 20, 7)});
  CHECK(f.fetch(0, 30) == Lines{"10=m1", "30=m3", "..30"});
}

TEST_CASE("a message of a backlog whose body is gone is left out and counted") {
  Fixture f(five_waiting());
  commit(*f.store, {change::MessageDropped{2}});
  CHECK(f.fetch(0, 30) == Lines{"10=m1", "30=m3", "..30", "1 damaged"});
}

TEST_CASE("a body that was let go of stays for a backlog and for what is retained") {
  Fixture f({session(1), kept(1), queued(1, 1, 1), kept(2, "r"), RetainedSet{2}, kept(3),
             queued(1, 3, 3), sent(1, 3, 9, OutgoingFlights::Stage::pubrel_sent)});
  commit(*f.store, {MessageLetGo{1}, MessageLetGo{2}, MessageLetGo{3}});
  CHECK(f.has_body(1));
  CHECK(f.has_body(2));
  CHECK_FALSE(f.has_body(3));  // On its way, and received.
  // Whatever else the batch says comes first.
  commit(*f.store,
         {MessageLetGo{1}, MessageLetGo{2}, Dequeued{1, 1}, RetainedErased{Bytes::copy("r")}});
  CHECK_FALSE(f.has_body(1));
  CHECK_FALSE(f.has_body(2));
}

TEST_CASE("a session that ends takes along the bodies of its backlog that nobody else needs") {
  const std::vector<Change> changes{
      session(1),      session(2),      kept(1),         kept(2),         kept(3, "r"),
      queued(1, 1, 1), queued(1, 2, 2), queued(2, 1, 2), queued(1, 3, 3), RetainedSet{3}};
  SUBCASE("in a batch of its own") {
    Fixture f(changes);
    commit(*f.store, {SessionEnded{1, true}});
    CHECK_FALSE(f.has_body(1));
    CHECK(f.has_body(2));
    CHECK(f.has_body(3));
  }
  SUBCASE("in the batch that began it") {
    std::vector<Change> all = changes;
    all.push_back(SessionEnded{1, true});
    Fixture f(all);
    CHECK_FALSE(f.has_body(1));
    CHECK(f.has_body(2));
    CHECK(f.has_body(3));
  }
}

TEST_CASE("whatever became of backlogs, the file holds what the broker knows, and no body else") {
  Pair pair(with_small_pages());
  live(pair);
  // The same batches, to a file.
  const ClockReading now{
      pair.now(),
      WallTime(std::chrono::floor<std::chrono::milliseconds>(pair.now().time_since_epoch()))};
  const support::TempDir dir;
  const auto store = open(dir.path() / "store");
  std::span<const Change> rest = pair.store().committed();
  for (const std::size_t batch : pair.store().batches()) {
    REQUIRE(store->commit(rest.first(batch), now));
    rest = rest.subspan(batch);
  }
  const Lines expected = lines_of(pair.stored());
  const Loaded loaded = load(*store, now);
  const auto count = [](const Lines& lines, std::string_view begin) {
    return std::ranges::count_if(lines, [&](const auto& line) { return line.starts_with(begin); });
  };
  CHECK(count(loaded.state, "drop ") == 0);
  CHECK(count(loaded.state, "queued ") == count(expected, "queued "));
  CHECK(count(loaded.state, "retain ") == 3);
  CHECK(count(loaded.state, "message ") < count(expected, "message "));
}
