#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>

#include "libmqtt/codec/decode.hpp"
#include "libmqtt/codec/encode.hpp"
#include "tests/support/wire_vectors.hpp"

using namespace mqtt;
using namespace mqtt::test;

namespace {

/// Random numbers that are the same everywhere and every time.
class Xorshift {
 public:
  std::uint32_t below(std::size_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::uint32_t>((state_ >> 16) % limit);
  }

 private:
  std::uint64_t state_ = 0x9E37'79B9'7F4A'7C15;
};

std::string mutated(std::string bytes, Xorshift& random) {
  const auto rounds = 1 + random.below(4);
  for (std::uint32_t i = 0; i < rounds && !bytes.empty(); ++i) {
    const auto at = random.below(bytes.size());
    switch (random.below(5)) {
      case 0:
        bytes[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
        break;
      case 2:
        bytes.erase(at, 1 + random.below(3));
        break;
      case 3:
        bytes.insert(at, 1, static_cast<char>(random.below(256)));
        break;
      default:
        bytes.insert(at, bytes.substr(random.below(bytes.size()), random.below(12)));
        break;
    }
  }
  return bytes;
}

std::string encoded(Version version, const Packet& packet) {
  Output output;
  encode(version, packet, output);
  std::array<std::span<const std::byte>, 4> pieces;
  const auto count = output.gather(pieces);
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += as_text(pieces[i]);
  return bytes;
}

/// Puts the right Remaining Length in front of what was mutated, so that decode sees the whole of
/// it.
std::string with_length(const std::string& bytes) {
  std::string out = bytes.substr(0, 1);
  auto rest = bytes.size() < 2 ? 0 : bytes.size() - 2;
  do {
    out += static_cast<char>(rest >= 128 ? rest % 128 + 128 : rest);
    rest /= 128;
  } while (rest > 0);
  return out + (bytes.size() < 2 ? "" : bytes.substr(2));
}

/// Decodes every frame of the bytes and checks what each packet promises. Returns how many decoded.
int check_stream(Version version, std::string_view bytes) {
  Framer framer(1'000'000);
  framer.feed(as_bytes(bytes));
  int decoded = 0;
  while (true) {
    const auto frame = framer.next();
    if (!frame || !*frame) return decoded;
    const auto packet = decode(version, **frame);
    if (!packet) {
      CHECK(is_failure(packet.error().code));
      CHECK_FALSE(packet.error().what.empty());
      continue;
    }
    ++decoded;
    const auto again = encoded(version, *packet);
    CHECK(again.size() == encoded_size(version, *packet));
    Framer second(1'000'000);
    second.feed(as_bytes(again));
    const auto second_frame = second.next();
    REQUIRE(second_frame);
    REQUIRE(*second_frame);
    const auto second_packet = decode(version, **second_frame);
    REQUIRE_MESSAGE(second_packet, second_packet.error().what);
    CHECK(*second_packet == *packet);
    CHECK(second.pending() == 0);
  }
}

}  // namespace

TEST_CASE("whatever decodes decodes to the same packet once encoded, and nothing crashes") {
  constexpr int kRoundsPerRow = 200;
  Xorshift random;
  int decoded = 0;
  for (const auto& row : wire_vectors()) {
    const std::string bytes(row.bytes().view());
    CAPTURE(row.name);
    for (int round = 0; round < kRoundsPerRow; ++round) {
      const auto stream = mutated(bytes, random);
      decoded += check_stream(row.version, stream);
      decoded += check_stream(row.version, with_length(stream));
      // The same bytes on a connection of another version.
      const auto other = static_cast<Version>(3 + random.below(3));
      decoded += check_stream(other, with_length(stream));
    }
  }
  // Else the mutations are too wild to test anything.
  CHECK(decoded > 10'000);
}

TEST_CASE("random bytes are survived") {
  Xorshift random;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    const auto size = random.below(40);
    for (std::uint32_t i = 0; i < size; ++i) bytes += static_cast<char>(random.below(256));
    check_stream(static_cast<Version>(3 + random.below(3)), bytes);
    check_stream(static_cast<Version>(3 + random.below(3)), with_length(bytes));
  }
}
