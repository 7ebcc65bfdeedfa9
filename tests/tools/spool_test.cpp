#include "tools/mq-pub/spool.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"
#include "tools/mq-pub/spooled_messages.hpp"

namespace {

using mq_pub::Spool;
using Texts = std::vector<std::string>;

mqtt::Publish message(std::string_view topic, std::string_view payload) {
  mqtt::Publish publish;
  publish.topic = mqtt::Bytes::copy(topic);
  publish.payload = mqtt::Bytes::copy(payload);
  return publish;
}

Spool open(const support::TempDir& directory, std::uint64_t most = 1'000'000) {
  auto spool = Spool::open(directory.path() / "spool", most);
  REQUIRE(spool);
  return std::move(*spool);
}

Texts topics(const Spool& spool) {
  Texts found;
  for (const Spool::Id id : spool.waiting()) found.emplace_back(spool.read(id)->topic.view());
  return found;
}

/// Takes what the source gives, as topics or "!problem", and tells it that each was delivered.
Texts deliver(mq_pub::SpooledMessages& source) {
  Texts taken;
  while (const auto item = source.next()) {
    taken.push_back(item->problem.empty() ? std::string(item->topic.view()) : "!" + item->problem);
    if (item->ticket) source.ended(*item->ticket);
  }
  return taken;
}

/// One message of mq-pub, ready to be spooled.
struct Run {
  mqtt::net::Loop loop;
  mq_pub::Options options;
  std::unique_ptr<mq_pub::SpooledMessages> source;

  Run(Spool spool, const std::string& topic) {
    options.topics = {topic};
    source = std::make_unique<mq_pub::SpooledMessages>(
        std::make_unique<mq_pub::RepeatedMessage>(loop, options, mqtt::Bytes::copy("x")),
        std::move(spool), options);
    source->start([] {});
  }
};

TEST_CASE("a spool keeps messages whole and in order, for whoever opens it next") {
  const support::TempDir directory;
  {
    Spool spool = open(directory);
    mqtt::Publish first = message("a", std::string_view("\0\xFF\n", 3));
    first.qos = mqtt::Qos::at_least_once;
    first.retain = true;
    REQUIRE(spool.add(first));
    for (const char* topic : {"b", "c"}) REQUIRE(spool.add(message(topic, "")));
  }
  Spool spool = open(directory);
  CHECK(topics(spool) == Texts{"a", "b", "c"});
  const auto ids = spool.waiting();
  const auto first = spool.read(ids[0]);
  CHECK(first->payload.view() == std::string_view("\0\xFF\n", 3));
  CHECK(first->qos == mqtt::Qos::at_least_once);
  CHECK(first->retain);
  CHECK(spool.remove(ids[1]));
  CHECK(topics(spool) == Texts{"a", "c"});
}

TEST_CASE("a message comes behind one with a later time: a clock may be set back") {
  const support::TempDir directory;
  open(directory);
  const std::string future = directory.path() / "spool/09000000000000000000.json";
  std::ofstream(future) << "{\"topic\":\"first\"}";
  Spool spool = open(directory);
  REQUIRE(spool.add(message("second", "")));
  CHECK(topics(spool) == Texts{"first", "second"});
}

TEST_CASE("a full spool refuses, and has room again when a message has left") {
  const support::TempDir directory;
  Spool spool = open(directory, 150);
  const auto first = spool.add(message("a", ""));
  REQUIRE(first);
  const auto refused = spool.add(message("b", std::string(100, 'x')));
  REQUIRE(!refused);
  CHECK(refused.error().find("is full") != std::string::npos);
  CHECK(topics(spool) == Texts{"a"});
  CHECK(spool.remove(*first));
  CHECK(spool.add(message("c", "")));
}

TEST_CASE("what other processes add and remove counts, and so does what was there before") {
  const support::TempDir directory;
  const auto old = open(directory).add(message("old", std::string(50, 'x')));
  REQUIRE(old);
  Spool one = open(directory, 300);
  Spool other = open(directory, 300);
  REQUIRE(one.add(message("a", "")));
  CHECK(!other.add(message("b", std::string(100, 'x'))));
  REQUIRE(other.remove(*old));
  CHECK(one.add(message("b", std::string(50, 'x'))));
  CHECK(topics(other) == Texts{"a", "b"});
}

TEST_CASE("what a run that was killed left half written is no message") {
  const support::TempDir directory;
  Spool spool = open(directory);
  std::ofstream(directory.path() / "spool/draft") << "{\"topic\":\"half";
  CHECK(spool.waiting().empty());
  REQUIRE(spool.add(message("whole", "")));
  CHECK(topics(spool) == Texts{"whole"});
}

TEST_CASE("one process sends at a time; a directory that cannot be is told") {
  const support::TempDir directory;
  Spool one = open(directory);
  Spool other = open(directory);
  CHECK(one.claim());
  CHECK(!other.claim());
  one.release();
  CHECK(other.claim());
  const auto impossible = Spool::open(directory.path() / "none/spool", 1);
  REQUIRE(!impossible);
  CHECK(impossible.error().ends_with("none/spool': no such file or directory"));
}

TEST_CASE("the backlog goes first, and what was added meanwhile goes too") {
  const support::TempDir directory;
  Spool before = open(directory);
  REQUIRE(before.add(message("old", "")));
  Run run(open(directory), "new");
  CHECK(!run.source->is_done());
  REQUIRE(before.add(message("meanwhile", "")));
  CHECK(deliver(*run.source) == Texts{"old", "new", "meanwhile"});
  CHECK(run.source->is_done());
  CHECK(run.source->kept().empty());
}

TEST_CASE("while another run sends, a message is only put behind the others") {
  const support::TempDir directory;
  Spool sender = open(directory);
  REQUIRE(sender.claim());
  Run run(open(directory), "new");
  CHECK(deliver(*run.source).empty());
  CHECK(run.source->is_done());
  CHECK(run.source->kept().ends_with("which another process is sending"));
  CHECK(topics(sender) == Texts{"new"});
}

TEST_CASE("a message that cannot be removed is told, and not sent again by this run") {
  const support::TempDir directory;
  Run run(open(directory), "a");
  const auto item = run.source->next();
  REQUIRE(item);
  REQUIRE(item->ticket);
  const std::string digits = std::to_string(*item->ticket);
  const std::string name = std::string(20 - digits.size(), '0') + digits + ".json";
  const auto file = directory.path() / "spool" / name;
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  run.source->ended(*item->ticket);
  const Texts told = deliver(*run.source);
  REQUIRE(told.size() == 1);
  CHECK(told[0] == "!--spool: '" + file.string() + "': is a directory");
  CHECK(run.source->is_done());
}

TEST_CASE("a file that is no message is told, stays, and holds up nobody") {
  const support::TempDir directory;
  open(directory);
  const std::string bad = directory.path() / "spool/00000000000000000001.json";
  std::ofstream(bad) << "garbage";
  Run run(open(directory), "new");
  CHECK(deliver(*run.source) == Texts{"!--spool: '" + bad + "': not a JSON object", "new"});
  CHECK(run.source->is_done());
  CHECK(std::filesystem::exists(bad));
}

}  // namespace
