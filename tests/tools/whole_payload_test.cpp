#include "tools/mq-pub/whole_payload.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "tests/support/temp_dir.hpp"
#include "tools/mq-pub/message_source.hpp"

namespace {

using mq_pub::Source;

std::expected<mqtt::Bytes, std::string> file_payload(const std::string& path) {
  mq_pub::Options options;
  options.source = Source::file;
  options.file = path;
  return mq_pub::whole_payload(options);
}

TEST_CASE("a payload from the command line, or none") {
  mq_pub::Options options;
  options.source = Source::text;
  options.text = "21,5 °C";
  CHECK(mq_pub::whole_payload(options)->view() == "21,5 °C");
  options = {};
  options.source = Source::empty;
  CHECK(mq_pub::whole_payload(options)->empty());
}

TEST_CASE("a file is taken whole, an empty one and one of any bytes too") {
  const support::TempDir directory;
  std::string bytes(200'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  CHECK((file_payload(directory.write("full", bytes))->view() == bytes));
  CHECK(file_payload(directory.write("empty", ""))->empty());
}

TEST_CASE("a file that cannot be read is named with the reason") {
  CHECK(file_payload("/proc/none/x").error() == "-f: '/proc/none/x': no such file or directory");
  CHECK(file_payload("/").error() == "-f: '/': is a directory");
  CHECK(file_payload("").error() == "-f: '': no such file or directory");
}

TEST_CASE("a pipe is read to its end, in however many pieces it comes") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const std::string text(300'000, 'x');  // More than a pipe holds at once.
  std::jthread writer([&] {
    std::size_t written = 0;
    while (written < text.size()) {
      const ssize_t count = ::write(ends[1], text.data() + written, text.size() - written);
      if (count <= 0) break;
      written += static_cast<std::size_t>(count);
    }
    ::close(ends[1]);
  });
  const auto payload = mq_pub::read_all(ends[0], "pipe");
  REQUIRE(payload);
  CHECK((payload->view() == text));
  ::close(ends[0]);
}

}  // namespace
