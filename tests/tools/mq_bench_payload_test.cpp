#include "tools/mq-bench/payload.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>

using namespace mq_bench;

TEST_CASE(
    "the payload header is 16 bytes, big-endian: tag 2, publisher 3, sequence 4, intended us 7") {
  std::array<std::byte, 16> bytes{};
  encode({0x0102, 0x030405, 0x06070809, 0x0A0B0C0D0E0F10}, bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    CHECK(std::to_integer<std::size_t>(bytes[i]) == i + 1);
}

TEST_CASE("a payload header comes back as it went in, whatever follows it") {
  std::array<std::byte, 40> bytes{};
  bytes.fill(std::byte{0xEE});
  const PayloadHeader header{0xFFFF, PayloadHeader::kMaximumPublisher, PayloadHeader::kProbe,
                             (std::uint64_t{1} << 56) - 1};
  encode(header, std::span(bytes).first<16>());
  CHECK(decode_header(bytes) == header);
}

TEST_CASE("a payload shorter than the header has none") {
  const std::array<std::byte, 15> bytes{};
  CHECK_FALSE(decode_header(bytes).has_value());
  CHECK_FALSE(decode_header({}).has_value());
}
