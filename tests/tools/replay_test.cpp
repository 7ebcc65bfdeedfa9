#include "tools/mq-pub/replay.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"

namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view kHead = "{\"recording\":\"mq-tools\",\"version\":1}\n";

/// All that a replay gives, as "topic=payload" or "!problem", and when the last of it came.
struct Played {
  Texts taken;
  mqtt::Duration length{};
  std::string failure;
};

Played play(const std::string& lines, double speed, mqtt::Version version = mqtt::Version::v3_1_1) {
  const support::TempDir directory;
  mqtt::net::Loop loop;
  mq_pub::Options options;
  options.speed = speed;
  options.connection.version = version;
  options.file = directory.write("recording", std::string(kHead) + lines);
  const auto opened = mq_pub::Replay::open(loop, options);
  REQUIRE(opened);
  mq_pub::Replay& replay = **opened;
  Played played;
  const auto begin = std::chrono::steady_clock::now();
  const auto take = [&] {
    while (const auto item = replay.next()) {
      std::string text = std::string(item->topic.view()) + "=" + std::string(item->payload.view());
      if (item->properties && !item->properties->empty()) text += "+";
      played.taken.push_back(item->problem.empty() ? text : "!");
    }
  };
  replay.start(take);
  take();
  loop.run();
  CHECK(replay.is_done());
  played.length = std::chrono::steady_clock::now() - begin;
  played.failure = replay.failure();
  return played;
}

TEST_CASE("a recording is played in order, and never sooner than its times divided by the speed") {
  const std::string lines =
      "{\"time_ns\":5000000000,\"topic\":\"a\",\"payload\":\"1\"}\n"
      "{\"time_ns\":5010000000,\"topic\":\"b\",\"payload\":\"2\"}\n"
      "{\"time_ns\":5000000001,\"topic\":\"c\",\"payload\":\"3\"}\n"
      "{\"time_ns\":5020000000,\"topic\":\"d\",\"payload\":\"4\"}\n";
  const Texts all{"a=1", "b=2", "c=3", "d=4"};
  const Played original = play(lines, 1);
  CHECK(original.taken == all);
  CHECK(original.length >= std::chrono::milliseconds(20));
  const Played slow = play(lines, 0.5);
  CHECK(slow.taken == all);
  CHECK(slow.length >= std::chrono::milliseconds(40));
}

TEST_CASE("without pauses, years do not matter") {
  CHECK(play("{\"time_ns\":-9000000000000000000,\"topic\":\"a\"}\n"
             "{\"time_ns\":9000000000000000000,\"topic\":\"b\"}\n",
             0)
            .taken == Texts{"a=", "b="});
}

TEST_CASE("a wrong line is a problem, the others are played; too many end it") {
  CHECK(play("{\"time_ns\":1,\"topic\":\"a\"}\nbad\n{\"time_ns\":1,\"topic\":\"b\"}\n", 1).taken ==
        Texts{"a=", "!", "b="});
  std::string many;
  for (int i = 0; i < 150; ++i) many += "bad\n";
  const Played played = play(many, 1);
  CHECK(played.taken.size() == 100);
  CHECK(played.failure == "--replay: too many lines that are wrong");
}

TEST_CASE("a file that is no recording is refused before anything is played") {
  const support::TempDir directory;
  mqtt::net::Loop loop;
  mq_pub::Options options;
  const auto error = [&](const std::string& path) {
    options.file = path;
    const auto replay = mq_pub::Replay::open(loop, options);
    return replay ? "" : replay.error().substr(replay.error().rfind(": ") + 2);
  };
  const std::string none = "this is not a recording of mq-sub --record";
  CHECK(error(directory.write("empty", "")) == none);
  CHECK(error(directory.write("text", "hello\n")) == none);
  CHECK(error(directory.write("long", std::string(1000, '{'))) == none);
  CHECK(error("/nowhere") == "no such file or directory");
  CHECK(error("/") == "is a directory");
}

TEST_CASE("properties are played in MQTT 5.0 only") {
  const std::string line =
      "{\"time_ns\":1,\"topic\":\"a\",\"properties\":{\"content-type\":\"c\"}}\n";
  CHECK(play(line, 1).taken == Texts{"a="});
  CHECK(play(line, 1, mqtt::Version::v5_0).taken == Texts{"a=+"});
}

}  // namespace
