#include "tools/mq-pub/line_splitter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using mq_pub::LineSplitter;

/// The lines of `input`, fed in chunks of this size; "!" for a line that is too long.
std::vector<std::string> split(std::string_view input, std::size_t chunk_size, char line_end = '\n',
                               std::size_t longest = 1'000) {
  LineSplitter splitter(line_end, longest);
  std::vector<std::string> lines;
  const auto drain = [&] {
    while (const auto line = splitter.next()) {
      lines.emplace_back(line->is_too_long ? "!" : line->bytes.view());
      if (line->is_too_long) CHECK(line->bytes.empty());
    }
  };
  for (std::size_t start = 0; start < input.size(); start += chunk_size) {
    splitter.feed(mqtt::Bytes::copy(input.substr(start, chunk_size)));
    drain();
  }
  splitter.finish();
  drain();
  drain();
  return lines;
}

const std::size_t kChunkSizes[] = {1, 2, 3, 7, 1'000};
using Lines = std::vector<std::string>;

TEST_CASE("lines are the same whatever the chunks, NUL, CR and bytes that are no text included") {
  using namespace std::string_view_literals;
  for (const std::size_t size : kChunkSizes) {
    CAPTURE(size);
    CHECK(split("a\nbc\n"sv, size) == Lines{"a", "bc"});
    CHECK(split("a\r\nb\r\n"sv, size) == Lines{"a\r", "b\r"});
    CHECK(split("x\0y\n\0\n"sv, size) == Lines{std::string("x\0y"sv), std::string("\0"sv)});
    CHECK(split("\xFF\xFE\nCuisine é 21,5 °C\n"sv, size) == Lines{"\xFF\xFE", "Cuisine é 21,5 °C"});
  }
}

TEST_CASE("an empty line is a line, a last line needs no end, no input is no line") {
  for (const std::size_t size : kChunkSizes) {
    CAPTURE(size);
    CHECK(split("\n\na\n\n", size) == Lines{"", "", "a", ""});
    CHECK(split("a\nb", size) == Lines{"a", "b"});
    CHECK(split("\n", size) == Lines{""});
    CHECK(split("", size) == Lines{});
  }
}

TEST_CASE("with another line end the line feed is a byte like any other") {
  using namespace std::string_view_literals;
  for (const std::size_t size : kChunkSizes) {
    CHECK(split("a\nb\0c\n\0"sv, size, '\0') == Lines{"a\nb", "c\n"});
  }
}

TEST_CASE("a line that is too long is skipped to its end, and only that one") {
  for (const std::size_t size : kChunkSizes) {
    CAPTURE(size);
    CHECK(split("12345\n123456\n12345", size, '\n', 5) == Lines{"12345", "!", "12345"});
    CHECK(split("1234567890123\n\n", size, '\n', 5) == Lines{"!", ""});
    CHECK(split("a\n1234567890123", size, '\n', 5) == Lines{"a", "!"});
  }
}

TEST_CASE("a line inside one chunk shares its memory") {
  LineSplitter splitter('\n', 100);
  const mqtt::Bytes chunk = mqtt::Bytes::copy("first\nsecond\n");
  splitter.feed(chunk);
  CHECK(splitter.next()->bytes.data() == chunk.data());
  CHECK(splitter.next()->bytes.data() == chunk.data() + 6);
}

TEST_CASE("a long line over many chunks comes out whole") {
  std::string line(5'000'000, '\0');
  for (std::size_t i = 0; i < line.size(); ++i) line[i] = static_cast<char>('a' + i % 23);
  const Lines lines = split(line + "\nend\n", 65'536, '\n', 5'000'000);
  REQUIRE(lines.size() == 2);
  CHECK((lines[0] == line));
  CHECK(lines[1] == "end");
}

}  // namespace
