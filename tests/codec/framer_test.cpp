#include "libmqtt/codec/framer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "libmqtt/codec/encode.hpp"
#include "tests/support/wire_vectors.hpp"

using namespace mqtt;
using namespace mqtt::test;

namespace {

/// Feeds bytes in chunks that are overwritten as soon as the framer may no longer look at them, and
/// collects the frames as the bytes they had.
class Stream {
 public:
  explicit Stream(std::uint32_t limit = kMaximumPacketSize) : framer(limit) {}

  void feed(std::string_view bytes, std::size_t chunk_size) {
    while (!bytes.empty() && !error) {
      std::string chunk(bytes.substr(0, chunk_size));
      bytes.remove_prefix(chunk.size());
      framer.feed(as_bytes(chunk));
      drain();
      std::fill(chunk.begin(), chunk.end(), '\xEE');
    }
  }
  void drain() {
    while (const auto frame = next()) frames.push_back(*frame);
  }
  std::optional<std::string> next() {
    const auto frame = framer.next();
    if (!frame) error = frame.error();
    if (!frame || !*frame) return std::nullopt;
    const auto& view = **frame;
    return static_cast<char>(view.first_byte) + std::to_string(view.size) + ":" +
           std::string(as_text(view.body));
  }

  Framer framer;
  std::vector<std::string> frames;
  std::optional<Error> error;
};

std::string wire(std::string_view notation) { return std::string(parse_wire(notation).view()); }

}  // namespace

TEST_CASE("frames do not depend on the chunks they come in") {
  std::string all;
  for (const auto& row : wire_vectors()) all += row.bytes().view();
  all += wire("30 [ " + std::string(40'000, '5') + " ]") + wire("C0 00");
  Stream whole;
  whole.feed(all, all.size());
  CHECK(whole.frames.size() == wire_vectors().size() + 2);
  CHECK_FALSE(whole.error);
  for (const std::size_t size : {1U, 2U, 3U, 5U, 7U, 64U, 1000U}) {
    CAPTURE(size);
    Stream stream;
    stream.feed(all, size);
    CHECK(stream.frames == whole.frames);
    CHECK(stream.framer.pending() == 0);
  }
}

TEST_CASE("whole frames are handed out in place") {
  const auto bytes = parse_wire("C0 00 30 03 0001 'a' 30");
  Framer framer(kMaximumPacketSize);
  framer.feed(bytes.span());
  CHECK(framer.next().value()->body.data() == bytes.data() + 2);
  CHECK(framer.next().value()->body.data() == bytes.data() + 4);
  CHECK_FALSE(framer.next().value());
  CHECK(framer.pending() == 1);
}

TEST_CASE("a frame whose start was kept is followed by frames in place") {
  const auto bytes = parse_wire("30 03 0001 'a' C0 00 D0 00");
  for (const std::size_t first : {1U, 2U, 3U, 4U}) {
    Framer framer(kMaximumPacketSize);
    framer.feed(bytes.span().first(first));
    CHECK_FALSE(framer.next().value());
    CHECK(framer.pending() == first);
    framer.feed(bytes.span().subspan(first));
    CHECK(framer.next().value()->size == 5);
    CHECK(framer.next().value()->body.data() == bytes.data() + 7);
    CHECK(framer.next().value()->body.data() == bytes.data() + 9);
  }
}

TEST_CASE("keep_rest frees the chunk, as often as one likes") {
  const auto unit = wire("30 04 0001 'ab' C0 00 32 05 0001 'a' 00 01");
  std::string all;
  for (int i = 0; i < 50; ++i) all += unit;
  Stream stream;
  std::string_view rest = all;
  for (std::size_t size = 1; !rest.empty(); size = size % 23 + 1) {
    std::string chunk(rest.substr(0, size));
    rest.remove_prefix(chunk.size());
    stream.framer.feed(as_bytes(chunk));
    if (const auto frame = stream.next()) stream.frames.push_back(*frame);
    stream.framer.keep_rest();
    std::fill(chunk.begin(), chunk.end(), '\xEE');
    if (const auto frame = stream.next()) stream.frames.push_back(*frame);
    stream.framer.keep_rest();
  }
  stream.drain();
  Stream whole;
  whole.feed(all, all.size());
  CHECK(stream.frames.size() == 150);
  CHECK(stream.frames == whole.frames);
  CHECK(stream.framer.pending() == 0);
}

TEST_CASE("a remaining length that is not minimal is malformed [MQTT-1.5.5-1]") {
  for (const auto notation : {"C0 80 00", "C0 81 00", "C0 80 80 00", "C0 80 80 80 00"}) {
    for (const std::size_t chunk : {1U, 99U}) {
      Stream stream;
      stream.feed(wire(notation), chunk);
      CAPTURE(notation);
      REQUIRE(stream.error);
      CHECK(stream.error->code == ReasonCode::malformed_packet);
    }
  }
}

TEST_CASE("a remaining length of more than four bytes is malformed, seen at the fourth") {
  Stream stream;
  stream.feed(wire("30 80 80 80"), 99);
  CHECK_FALSE(stream.error);
  stream.feed(wire("80"), 99);
  REQUIRE(stream.error);
  CHECK(stream.error->code == ReasonCode::malformed_packet);
}

TEST_CASE("the limit counts the whole packet and is enforced before the body comes") {
  for (const std::size_t chunk : {1U, 99U}) {
    Stream fits(12);
    fits.feed(wire("30 0A 0001 'a' 00 00 00 00 00 00 00 C0 00"), chunk);
    CHECK(fits.frames.size() == 2);
    Stream exceeds(12);
    exceeds.feed(wire("30 0B"), chunk);
    REQUIRE(exceeds.error);
    CHECK(exceeds.error->code == ReasonCode::packet_too_large);
  }
}

TEST_CASE("the largest packet of the standard is within the limit of the standard") {
  Stream stream;
  stream.feed(wire("30 FF FF FF 7F"), 99);
  CHECK_FALSE(stream.error);
  CHECK(stream.framer.pending() == 5);
}

TEST_CASE("a limit that is lowered holds for the next frame") {
  Stream stream;
  stream.framer.set_maximum_packet_size(4);
  stream.feed(wire("40 02 00 01 30 03 00 01 'a'"), 99);
  CHECK(stream.frames.size() == 1);
  REQUIRE(stream.error);
  CHECK(stream.error->code == ReasonCode::packet_too_large);
}

TEST_CASE("an error ends the stream until reset") {
  Stream stream;
  stream.feed(wire("C0 80 00"), 99);
  const auto again = stream.framer.next();
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error() == *stream.error);
  stream.framer.reset();
  CHECK(stream.framer.pending() == 0);
  stream.error.reset();
  stream.feed(wire("C0 00"), 1);
  CHECK(stream.frames == std::vector<std::string>{"\xC0"
                                                  "2:"});
}
