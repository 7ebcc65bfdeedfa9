#include "libmqtt/store/sqlite_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "tests/store/changes.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mqtt;
using namespace mqtt::store;
using namespace mqtt::store::test;
using mqtt::change::Arrived, mqtt::change::Dequeued, mqtt::change::MessageDropped;
using mqtt::change::Released, mqtt::change::RetainedErased, mqtt::change::RetainedSet;
using mqtt::change::SessionEnded, mqtt::change::Unsubscribed;

namespace {

constexpr auto kReleased = OutgoingFlights::Stage::pubrel_sent;

/// What a store gives that has been closed and opened again after each of these batches.
Lines reloaded(const std::vector<std::vector<Change>>& batches) {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  for (const auto& batch : batches) {
    const auto store = open(path);
    CHECK(load(*store).error.empty());
    commit(*store, batch);
  }
  const Loaded loaded = load(path);
  CHECK(loaded.warnings.empty());
  return loaded.state;
}

change::SessionRecord full_record() {
  change::SessionRecord record;
  record.client_id = Bytes::copy("a client");
  record.version = Version::v3_1_1;
  record.expiry_interval = 3600;
  record.is_online = true;
  record.expires_at = kNow.monotonic + Seconds(100);
  record.will_due = kNow.monotonic + Seconds(50);
  record.username = "someone";
  record.mount_point = "site/";
  record.access_scope = 65535;
  record.will = Will{.topic = Bytes::copy("w"),
                     .payload = Bytes::copy(std::string_view("\0\xFF", 2)),
                     .properties = PropertiesBuilder()
                                       .add(property::content_type, "text")
                                       .add_user_property("a", "b")
                                       .build(),
                     .qos = Qos::exactly_once,
                     .retain = true};
  return record;
}

MessagePtr full_message() {
  Message made;
  made.topic = Bytes::copy("topic");
  made.payload = Bytes::copy(std::string(100'000, 'x'));
  made.properties = PropertiesBuilder().add_user_property("name", "value").build();
  made.expires = kNow.monotonic + Seconds(77);
  made.qos = Qos::exactly_once;
  made.retain = true;
  made.origin = std::make_shared<const Publisher>(
      Publisher{.client_id = Bytes::copy("c"), .username = Bytes::copy("u"), .access = 300});
  return MessagePtr::make(std::move(made));
}

Change full_queued() {
  change::Queued made;
  made.session = 1;
  made.position = 3;
  made.message = 5;
  made.subscription_identifier = 9;
  made.qos = Qos::exactly_once;
  made.retain = true;
  made.share = Bytes::copy("$share/g/topic");
  made.further_identifiers =
      std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{10, 268435455});
  return made;
}

}  // namespace

TEST_CASE("every field of every kind of change comes back") {
  const std::vector<Change> state{
      session(1, full_record()),
      change::Subscribed{.session = 1,
                         .filter = Bytes::copy("$share/g/topic"),
                         .options = {.qos = Qos::exactly_once,
                                     .no_local = true,
                                     .retain_as_published = true,
                                     .retain_handling = RetainHandling::do_not_send},
                         .identifier = 268435455},
      change::MessageKept{5, full_message()},
      full_queued(),
      sent(1, 3, 65535),
      Arrived{1, 1},
      Arrived{1, 65535},
      RetainedSet{5}};
  CHECK(reloaded({state}) == lines_of(state));
}

TEST_CASE("what is taken back in a later batch is gone") {
  const std::vector<Change> made{session(1),     subscribed(1, "f"), kept(1), queued(1, 1, 1),
                                 RetainedSet{1}, Arrived{1, 1},      kept(2), queued(1, 2, 2)};
  CHECK(reloaded({made,
                  {Unsubscribed{1, Bytes::copy("f")}, Dequeued{1, 1},
                   RetainedErased{Bytes::copy("t")}, MessageDropped{1}, Released{1, 1}}}) ==
        lines_of({session(1), kept(2), queued(1, 2, 2)}));
  CHECK(reloaded({made,
                  {RetainedErased{Bytes::copy("t")}, SessionEnded{1}, MessageDropped{1},
                   MessageDropped{2}}})
            .empty());
}

TEST_CASE("the last record, subscription, retained message and stage of a flight count") {
  CHECK(reloaded({{session(1, "old"), subscribed(1, "f"), kept(1, "t"), RetainedSet{1},
                   kept(2, "u"), queued(1, 1, 2), queued(1, 2, 2)},
                  {session(1, "new"), subscribed(1, "f", Qos::exactly_once), kept(3, "t"),
                   RetainedSet{3}, MessageDropped{1}, sent(1, 1, 7)},
                  {sent(1, 1, 7, kReleased), sent(1, 2, 8)}}) ==
        lines_of({session(1, "new"), subscribed(1, "f", Qos::exactly_once), kept(2, "u"),
                  kept(3, "t"), queued(1, 1, 0), sent(1, 1, 7, kReleased), queued(1, 2, 2),
                  sent(1, 2, 8), RetainedSet{3}}));
}

TEST_CASE("everything comes after what it refers to, queues in order of position") {
  const std::vector<Change> ordered{session(1),      session(2),      subscribed(1, "a"),
                                    kept(7),         queued(1, 9, 7), queued(1, 10, 7),
                                    queued(2, 3, 7), Arrived{2, 4},   RetainedSet{7}};
  std::vector<Change> mixed{session(2),     kept(7),       RetainedSet{7},   queued(2, 3, 7),
                            session(1),     Arrived{2, 4}, queued(1, 10, 7), subscribed(1, "a"),
                            queued(1, 9, 7)};
  CHECK(reloaded({mixed}) == lines_of(ordered));
}

TEST_CASE("a body that many queues share is stored and loaded once") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  {
    const auto store = open(path);
    std::vector<Change> changes{session(1), kept(1, "t", std::string(100'000, 'x'))};
    for (std::uint64_t position = 1; position <= 100; ++position)
      changes.push_back(queued(1, position, 1));
    commit(*store, changes);
  }
  CHECK(std::filesystem::file_size(path) < 200'000);
  CHECK(load(path).state.size() == 102);
}

TEST_CASE("expired messages are left out and deleted, unless they are on their way already") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  const TimePoint soon = kNow.monotonic + Seconds(10);
  commit(*open(path),
         {session(1), kept(1, "a", "p", soon), kept(2, "b", "p", soon), kept(3), queued(1, 1, 1),
          queued(1, 2, 2), sent(1, 2, 5), queued(1, 3, 3), RetainedSet{1}});
  const auto later = after_restart(Seconds(10));
  const Loaded loaded = load(path, later);
  CHECK(loaded.warnings.empty());
  CHECK(loaded.state == Lines{text_of(session(1)), "message 2 'b''p' q1 expires=0ms",
                              text_of(kept(3)), text_of(queued(1, 2, 2)), text_of(sent(1, 2, 5)),
                              text_of(queued(1, 3, 3))});
  // Back in time, they would be there again were they not deleted.
  CHECK(load(path).state.size() == 6);
}

TEST_CASE("sessions that expired are left out with all they had, but not one with a will") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  change::SessionRecord offline;
  offline.client_id = Bytes::copy("c");
  offline.expires_at = kNow.monotonic + Seconds(10);
  change::SessionRecord with_will = offline;
  with_will.will = Will{.topic = Bytes::copy("w")};
  change::SessionRecord online = offline;
  online.is_online = true;
  commit(*open(path), {session(1, offline), subscribed(1, "f"), kept(1), queued(1, 1, 1),
                       Arrived{1, 1}, session(2, with_will), session(3, online)});
  const auto later = after_restart(Seconds(20));
  const Loaded loaded = load(path, later);
  CHECK(loaded.warnings.empty());
  CHECK(loaded.state == Lines{"session 2 'c' v5 expiry 0 expires=-10000ms will 'w''' q0",
                              "session 3 'c' v5 expiry 0 online expires=-10000ms", "drop 1"});
  CHECK(load(path).state.size() == 2);
}

TEST_CASE("a body that nothing refers to any more is told, and deleted") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  commit(*open(path), {kept(1), kept(2), RetainedSet{2}});
  CHECK(load(path).state == lines_of({kept(2, "t"), RetainedSet{2}, MessageDropped{1}}));
  CHECK(load(path).state == lines_of({kept(2, "t"), RetainedSet{2}}));
}

TEST_CASE("an empty store loads nothing, and an empty batch is committed") {
  const support::TempDir dir;
  const auto store = open(dir.path() / "store");
  CHECK(load(*store).state.empty());
  commit(*store, {});
}

TEST_CASE("each level of sync stores, and what it stores outlives it") {
  for (const Sync sync : {Sync::off, Sync::normal, Sync::full}) {
    const support::TempDir dir;
    const std::string path = dir.path() / "store";
    commit(*open(path, sync), {session(1)});
    CHECK(load(path).state == lines_of({session(1)}));
  }
}

TEST_CASE("the log stays within its bound however much is committed, idle or not") {
  for (const bool is_idle : {false, true}) {
    const support::TempDir dir;
    const std::string path = dir.path() / "store";
    const auto store = open(path);
    const std::string payload(1'000'000, 'x');
    for (std::uint64_t number = 1; number <= 100; ++number) {
      commit(*store, {kept(number, "t", payload), MessageDropped{number - 1}});
      store->tidy(is_idle);
      CHECK(std::filesystem::file_size(path + "-wal") < 40'000'000);
    }
    CHECK(load(*store).state == Lines{"drop 100"});
  }
}

TEST_CASE("a file that has grown far beyond its content gives the room back when it is loaded") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  const std::string payload(4'000'000, 'x');
  std::vector<Change> dropped;
  {
    const auto store = open(path);
    for (std::uint64_t number = 1; number <= 20; ++number) {
      commit(*store, {kept(number, "t", payload)});
      dropped.push_back(MessageDropped{number});
    }
    commit(*store, {session(1)});
    commit(*store, dropped);
  }
  CHECK(std::filesystem::file_size(path) > 80'000'000);
  const auto store = open(path);
  CHECK(load(*store).state == lines_of({session(1)}));
  CHECK(std::filesystem::file_size(path) < 1'000'000);
  commit(*store, {session(2)});
  CHECK(load(*store).state.size() == 2);
}

TEST_CASE("beside the store there is its log, and nothing once it is closed") {
  const support::TempDir dir;
  const std::string path = dir.path() / "store";
  const auto files = [&] {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
      names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  };
  {
    const auto store = open(path);
    commit(*store, {session(1)});
    CHECK(files() == Lines{"store", "store-wal"});
  }
  CHECK(files() == Lines{"store"});
}
