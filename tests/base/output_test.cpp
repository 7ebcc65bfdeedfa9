#include "libmqtt/base/output.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

using namespace mqtt;

namespace {

std::string content(const Output& output) {
  std::vector<std::span<const std::byte>> pieces(10'000);
  std::string all;
  const auto count = output.gather(pieces);
  for (std::size_t i = 0; i < count; ++i) all += as_text(pieces[i]);
  return all;
}

std::size_t piece_count(const Output& output) {
  std::array<std::span<const std::byte>, 16> pieces;
  return output.gather(pieces);
}

void append(Output& output, std::string_view text) { output.append(as_bytes(text)); }

Bytes block(char fill, std::size_t size = Output::kShareAbove + 1) {
  return Bytes::copy(std::string(size, fill));
}

}  // namespace

TEST_CASE("small pieces become one contiguous piece, in order") {
  Output output;
  append(output, "ab");
  std::memcpy(output.grow(3), "cde", 3);
  output.append(Bytes::copy("fg"));
  append(output, "");
  output.append(Bytes());
  CHECK(content(output) == "abcdefg");
  CHECK(piece_count(output) == 1);
  CHECK(output.size() == 7);
}

TEST_CASE("blocks up to the limit are copied, larger ones shared in their place") {
  const auto small = block('s', Output::kShareAbove);
  const auto large = block('l');
  Output output;
  append(output, "a");
  output.append(small);
  output.append(large);
  output.append(large);
  append(output, "z");
  std::array<std::span<const std::byte>, 16> pieces;
  REQUIRE(output.gather(pieces) == 4);
  CHECK(pieces[0].size() == 1 + small.size());
  CHECK(pieces[1].data() == large.data());
  CHECK(pieces[2].data() == large.data());
  CHECK(as_text(pieces[3]) == "z");
}

TEST_CASE("gather fills what it is given and no more") {
  Output output;
  append(output, "a");
  output.append(block('b'));
  append(output, "c");
  std::array<std::span<const std::byte>, 2> pieces;
  CHECK(output.gather(pieces) == 2);
  CHECK(output.gather({}) == 0);
  CHECK(Output().gather(pieces) == 0);
}

TEST_CASE("whatever is written and consumed in whatever steps comes out in order") {
  std::uint32_t random = 1;
  const auto below = [&](std::uint32_t limit) {
    random = random * 1'664'525 + 1'013'904'223;
    return (random >> 8) % limit;
  };
  Output output;
  std::string expected;
  std::uint64_t appended = 0;
  for (int step = 0; step < 5'000; ++step) {
    const std::string text(below(3) == 0 ? below(2'000) : below(40), static_cast<char>(below(256)));
    expected += text;
    appended += text.size();
    if (below(2) == 0) {
      output.append(Bytes::copy(text));
    } else {
      append(output, text);
    }
    const auto taken = std::min<std::size_t>(below(700), output.size());
    output.consume(taken);
    expected.erase(0, taken);
    if (step % 50 == 0) CHECK(content(output) == expected);
    CHECK(output.size() == expected.size());
  }
  CHECK(output.appended() == appended);
  CHECK(output.consumed() == appended - expected.size());
}

TEST_CASE("an output that is never drained does not grow") {
  Output output;
  const auto large = block('l');
  append(output, "x");
  for (int i = 0; i < 100'000; ++i) {
    append(output, "0123456789");
    output.append(large);
    output.consume(10 + large.size());
  }
  CHECK(output.size() == 1);
  output.consume(1);
  std::vector<std::byte> buffer;
  output.swap_buffer(buffer);
  CHECK(buffer.size() <= 4'096);
}

TEST_CASE("totals go on counting when everything is dropped") {
  Output output;
  append(output, "abc");
  output.append(block('b', 1'000));
  output.consume(2);
  output.clear();
  CHECK(output.empty());
  CHECK(content(output).empty());
  CHECK(output.appended() == 1'003);
  CHECK(output.consumed() == 1'003);
  append(output, "d");
  CHECK(content(output) == "d");
}

TEST_CASE("a lent buffer is written into, and given back") {
  std::vector<std::byte> buffer;
  buffer.reserve(1'000);
  const auto* memory = buffer.data();
  Output output;
  output.swap_buffer(buffer);
  append(output, "abc");
  CHECK(content(output) == "abc");
  output.consume(3);
  output.swap_buffer(buffer);
  CHECK(buffer.data() == memory);
  output.swap_buffer(buffer);
  append(output, "de");
  CHECK(content(output) == "de");
  output.clear();
  output.release_memory();
  append(output, "f");
  CHECK(content(output) == "f");
}

TEST_CASE("blocks are let go as soon as they are consumed") {
  Output output;
  auto bytes = block('b');
  const auto* data = bytes.data();
  output.append(bytes);
  output.append(block('c'));
  output.consume(bytes.size() - 1);
  std::array<std::span<const std::byte>, 4> pieces;
  CHECK(output.gather(pieces) == 2);
  CHECK(pieces[0].data() == data + bytes.size() - 1);
  CHECK(pieces[0].size() == 1);
  output.consume(1);
  CHECK(output.gather(pieces) == 1);
}
