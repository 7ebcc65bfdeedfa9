#include "tools/common/recording.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "tests/support/temp_dir.hpp"

using cli::RecordingReader;
using cli::RecordingWriter;

namespace {

constexpr std::string_view kHead = "{\"recording\":\"mq-tools\",\"version\":1}\n";

mqtt::Publish message(std::string_view topic, std::string_view payload) {
  mqtt::Publish publish;
  publish.topic = mqtt::Bytes::copy(topic);
  publish.payload = mqtt::Bytes::copy(payload);
  return publish;
}

struct File {
  support::TempDir directory;
  std::string path = (directory.path() / "messages").string();

  explicit File(std::string_view text = {}) { std::ofstream(path) << text; }
};

/// The error of the first line that has one; empty when there is none.
std::string first_error(std::string_view text) {
  const File file(text);
  auto reader = RecordingReader::open(file.path);
  std::string error = reader ? "" : reader.error();
  while (error.empty()) {
    const auto next = reader->next();
    if (!next) error = next.error();
    if (next && !*next) return {};
  }
  return error.substr(error.find("messages"));
}

}  // namespace

TEST_CASE("what was recorded is read again in order, with its times") {
  const File file("something older");
  auto writer = RecordingWriter::create(file.path);
  REQUIRE(writer.has_value());
  const std::string large(300'000, 'x');
  mqtt::Publish second = message("b", large);
  second.qos = mqtt::Qos::at_least_once;
  second.packet_id = 3;
  second.retain = true;
  writer->add(message("a", "1"), 5);
  writer->add(second, 1'795'329'292'171'485'999);
  CHECK(writer->pending() > large.size());
  CHECK_FALSE(writer->flush());
  CHECK(writer->pending() == 0);

  auto reader = RecordingReader::open(file.path);
  REQUIRE_MESSAGE(reader.has_value(), reader.error());
  const auto first = reader->next();
  REQUIRE((first && *first));
  CHECK((*first)->time_ns == 5);
  CHECK((*first)->message == message("a", "1"));
  const auto next = reader->next();
  REQUIRE((next && *next));
  CHECK((*next)->time_ns == 1'795'329'292'171'485'999);
  second.packet_id = 0;
  CHECK((*next)->message == second);
  const auto end = reader->next();
  REQUIRE(end);
  CHECK_FALSE(end->has_value());
}

TEST_CASE("a recording is for its owner's eyes") {
  const support::TempDir directory;
  const std::string path = (directory.path() / "messages").string();
  REQUIRE(RecordingWriter::create(path).has_value());
  struct stat state {};
  REQUIRE(::stat(path.c_str(), &state) == 0);
  CHECK((state.st_mode & 0777) == 0600);
}

TEST_CASE("what cannot be read is said with file and line") {
  const std::string head(kHead);
  CHECK(first_error(head) == "");
  CHECK(first_error("") == "messages:1: this is not a recording of mq-sub --record");
  CHECK(first_error("hello\n") == "messages:1: this is not a recording of mq-sub --record");
  CHECK(first_error("{\"recording\":\"mq-tools\",\"version\":2}\n") ==
        "messages:1: this is not a recording of mq-sub --record");
  CHECK(first_error(head + "{\"topic\":\"t\",\"time_ns\":1}\n{\"to") ==
        "messages:3: not a JSON object");
  CHECK(first_error(head + "{\"time_ns\":1}\n") == "messages:2: a message without a topic");
  CHECK(first_error(head + "{\"topic\":\"t\"}\n") == "messages:2: a message without time_ns");
  const auto missing = RecordingReader::open("/nowhere/messages");
  CHECK(missing.error() == "/nowhere/messages: no such file or directory");
  CHECK(RecordingReader::open("/").error() == "/:1: is a directory");
}

TEST_CASE("a full disk is told by flush()") {
  auto writer = RecordingWriter::create("/dev/full");
  REQUIRE(writer.has_value());
  CHECK(writer->flush() == std::errc::no_space_on_device);
}
