#include "tools/mq-pub/message_source.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temp_dir.hpp"

namespace {

using mq_pub::Lines;
using mq_pub::RepeatedMessage;
using Texts = std::vector<std::string>;

mq_pub::Options options_with(std::vector<std::string> topics) {
  mq_pub::Options options;
  options.topics = std::move(topics);
  return options;
}

/// Takes what the source has now, as "topic=payload" or "!problem".
void take(mq_pub::MessageSource& source, Texts& taken) {
  while (const auto item = source.next()) {
    taken.push_back(item->problem.empty()
                        ? std::string(item->topic.view()) + "=" + std::string(item->payload.view())
                        : "!" + item->problem);
  }
}

/// Everything that Lines makes of a descriptor.
Texts all_lines(int descriptor, const mq_pub::Options& options, std::string* failure = nullptr) {
  mqtt::net::Loop loop;
  Lines lines(loop, descriptor, options);
  Texts taken;
  lines.start([&] { take(lines, taken); });
  take(lines, taken);
  loop.run();
  CHECK(lines.is_done());
  if (failure != nullptr) *failure = lines.failure();
  return taken;
}

/// The same for a text that is written to a pipe first.
Texts lines_of(std::string_view text, const mq_pub::Options& options) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::close(ends[1]);
  Texts taken = all_lines(ends[0], options);
  ::close(ends[0]);
  return taken;
}

TEST_CASE("a message goes to every topic, as often as asked for") {
  mqtt::net::Loop loop;
  mq_pub::Options options = options_with({"a", "b"});
  options.repeat = 2;
  RepeatedMessage source(loop, options, mqtt::Bytes::copy("x"));
  source.start([] {});
  Texts taken;
  CHECK(!source.is_done());
  take(source, taken);
  CHECK(taken == Texts{"a=x", "b=x", "a=x", "b=x"});
  CHECK(source.is_done());
}

TEST_CASE("with a delay, the next round waits for the delivery of the last and for the pause") {
  mqtt::net::Loop loop;
  mq_pub::Options options = options_with({"a"});
  options.repeat = 3;
  options.repeat_delay = std::chrono::milliseconds(1);
  RepeatedMessage source(loop, options, mqtt::Bytes::copy("x"));
  Texts taken;
  source.start([&] { take(source, taken); });
  take(source, taken);
  CHECK(taken.size() == 1);
  loop.run();  // Nothing was delivered: nothing to wait for.
  CHECK(taken.size() == 1);
  source.all_delivered();
  loop.run();
  CHECK(taken.size() == 2);
  source.all_delivered();
  loop.run();
  CHECK(taken.size() == 3);
  CHECK(source.is_done());
}

TEST_CASE("lines from a pipe: empty ones count, the last needs no end") {
  CHECK(lines_of("a\n\nb", options_with({"t"})) == Texts{"t=a", "t=", "t=b"});
  CHECK(lines_of("", options_with({"t"})) == Texts{});
  CHECK(lines_of("a\nb\n", options_with({"t", "u"})) == Texts{"t=a", "u=a", "t=b", "u=b"});
}

TEST_CASE("empty lines are skipped on request, a NUL ends lines on request") {
  mq_pub::Options options = options_with({"t"});
  options.skip_empty = true;
  CHECK(lines_of("\na\n\nb\n", options) == Texts{"t=a", "t=b"});
  options.line_end = '\0';
  using namespace std::string_view_literals;
  CHECK(lines_of("a\nb\0\0c"sv, options) == Texts{"t=a\nb", "t=c"});
}

TEST_CASE("with a separator each line brings its topic, and a bad line is named by its number") {
  mq_pub::Options options = options_with({});
  options.topic_separator = ": ";
  options.skip_empty = true;
  CHECK(lines_of("a/b: 1: 2\n\nnothing\nc: \n#: x\n: y\n", options) ==
        Texts{"a/b=1: 2", "!line 3: no separator after a topic",
              "c=", "!line 5: '#' is not a topic to publish to: + and # are for subscribers",
              "!line 6: the topic is empty"});
}

TEST_CASE("lines from a regular file, longer than one read") {
  std::string text;
  Texts expected;
  for (int i = 0; i < 50'000; ++i) {
    text += std::to_string(i) + "\n";
    expected.push_back("t=" + std::to_string(i));
  }
  const support::TempDir directory;
  const int file = ::open(directory.write("lines", text).c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  CHECK((all_lines(file, options_with({"t"})) == expected));
  ::close(file);
}

TEST_CASE("input that cannot be read ends with its reason") {
  const int directory = ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  std::string failure;
  CHECK(all_lines(directory, options_with({"t"}), &failure).empty());
  CHECK(failure == "standard input: is a directory");
  ::close(directory);
}

TEST_CASE("nothing is read before it is asked for, and no more than one chunk ahead") {
  mqtt::net::Loop loop;
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  Lines lines(loop, ends[0], options_with({"t"}));
  int ready = 0;
  lines.start([&] { ++ready; });
  REQUIRE(::write(ends[1], "a\nb\n", 4) == 4);
  loop.run();
  CHECK(ready == 0);
  CHECK(!lines.next());
  loop.run();
  CHECK(ready == 1);
  REQUIRE(::write(ends[1], "c\n", 2) == 2);
  CHECK(lines.next()->payload.view() == "a");
  CHECK(lines.next()->payload.view() == "b");
  loop.run();
  CHECK(ready == 1);
  std::array<char, 8> rest{};
  CHECK(::read(ends[0], rest.data(), rest.size()) == 2);  // "c" was left in the pipe.
  CHECK(lines.stop() == 0);
  CHECK(lines.is_done());
  CHECK(!lines.next());
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a stop counts what was read and not given, an unfinished line too") {
  mqtt::net::Loop loop;
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  Lines lines(loop, ends[0], options_with({"t", "u"}));
  lines.start([&] { loop.stop(); });
  REQUIRE(::write(ends[1], "a\nb\nhalf", 8) == 8);
  CHECK(!lines.next());
  loop.run();
  CHECK(lines.next()->payload.view() == "a");
  CHECK(lines.stop() == 5);  // "a" for the second topic, "b" and "half" for both.
  CHECK(lines.stop() == 0);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("what cannot be read is known before, and nothing is taken to find out") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  REQUIRE(::write(ends[1], "x", 1) == 1);
  CHECK(!mq_pub::check_readable(ends[0]));
  CHECK(mq_pub::check_readable(ends[1]) == std::errc::bad_file_descriptor);
  CHECK(mq_pub::check_readable(-1) == std::errc::bad_file_descriptor);
  const int directory = ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  CHECK(mq_pub::check_readable(directory) == std::errc::is_a_directory);
  char byte = 0;
  CHECK(::read(ends[0], &byte, 1) == 1);
  ::close(directory);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("with --jsonl each line is an object; wrong ones are named by their numbers") {
  mq_pub::Options options = options_with({"x", "y"});
  options.jsonl = true;
  CHECK(lines_of("{\"topic\":\"a\",\"payload\":\"1\\n2\"}\nno\n{\"payload_base64\":\"AP8=\"}\n"
                 "{\"topic\":\"#\"}\n{\"topic\":\"b\",\"payload\":{\"v\":1.50}}",
                 options) == Texts{"a=1\n2", "!line 2: not a JSON object",
                                   "x=" + std::string("\0\xFF", 2), "y=" + std::string("\0\xFF", 2),
                                   "!line 4: topic: '#' is not a topic to publish to: + and # are "
                                   "for subscribers",
                                   "b={\"v\":1.50}"});
  options.topics.clear();
  CHECK(lines_of("{\"payload\":\"1\"}\n\n", options) ==
        Texts{"!line 1: no topic, here or by -t", "!line 2: not a JSON object"});
  const std::string with_property = "{\"topic\":\"a\",\"properties\":{\"content-type\":\"c\"}}";
  CHECK(lines_of(with_property, options) == Texts{"!line 1: properties are for MQTT 5.0 (-V 5)"});
  options.connection.version = mqtt::Version::v5_0;
  CHECK(lines_of(with_property, options) == Texts{"a="});
}

}  // namespace
