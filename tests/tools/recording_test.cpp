#include "tools/common/recording.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tests/support/temp_dir.hpp"

using cli::RecordingParser;
using cli::RecordingWriter;

namespace {

constexpr std::string_view kHead = "{\"recording\":\"mq-tools\",\"version\":1}";

mqtt::Publish message(std::string_view topic, std::string_view payload) {
  mqtt::Publish publish;
  publish.topic = mqtt::Bytes::copy(topic);
  publish.payload = mqtt::Bytes::copy(payload);
  return publish;
}

struct File {
  support::TempDir directory;
  std::string path = (directory.path() / "messages").string();

  explicit File(std::string_view text) { std::ofstream(path) << text; }
};

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// The error of the last of these lines.
std::string error(const std::vector<std::string_view>& lines) {
  RecordingParser parser("messages");
  std::string last;
  for (const std::string_view line : lines) {
    const auto taken = parser.take(line);
    last = taken ? "" : taken.error();
  }
  return last;
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

  const auto lines = lines_of(file.path);
  REQUIRE(lines.size() == 3);
  RecordingParser parser("messages");
  const auto head = parser.take(lines[0]);
  REQUIRE(head);
  CHECK(!*head);
  const auto first = parser.take(lines[1]);
  REQUIRE((first && *first));
  CHECK((*first)->time_ns == 5);
  CHECK((*first)->message == message("a", "1"));
  const auto next = parser.take(lines[2]);
  REQUIRE((next && *next));
  CHECK((*next)->time_ns == 1'795'329'292'171'485'999);
  second.packet_id = 0;
  CHECK((*next)->message == second);
}

TEST_CASE("a recording is for its owner's eyes") {
  const support::TempDir directory;
  const std::string path = (directory.path() / "messages").string();
  REQUIRE(RecordingWriter::create(path).has_value());
  struct stat state {};
  REQUIRE(::stat(path.c_str(), &state) == 0);
  CHECK((state.st_mode & 0777) == 0600);
}

TEST_CASE("a line that is wrong is named, and the next one is read all the same") {
  const std::string none = "messages:1: this is not a recording of mq-sub --record";
  CHECK(error({kHead}) == "");
  CHECK(error({"{ \"version\": 1, \"recording\": \"mq-tools\" }"}) == "");
  CHECK(error({""}) == none);
  CHECK(error({"hello"}) == none);
  CHECK(error({"{\"recording\":\"mq-tools\",\"version\":2}"}) == none);
  CHECK(error({kHead, "{\"topic\":\"t\",\"time_ns\":1}", "{\"to"}) ==
        "messages:3: not a JSON object");
  CHECK(error({kHead, "{\"time_ns\":1}"}) == "messages:2: a message without a topic");
  CHECK(error({kHead, "{\"topic\":\"t\"}"}) == "messages:2: a message without time_ns");
  CHECK(error({kHead, "x", "{\"topic\":\"t\",\"time_ns\":1}"}) == "");
}

TEST_CASE("a full disk is told by flush()") {
  auto writer = RecordingWriter::create("/dev/full");
  REQUIRE(writer.has_value());
  CHECK(writer->flush() == std::errc::no_space_on_device);
}
