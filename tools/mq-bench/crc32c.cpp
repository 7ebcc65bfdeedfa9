#include "tools/mq-bench/crc32c.hpp"

#include <array>

namespace mq_bench {
namespace {

constexpr std::size_t kStride = 8;
constexpr std::uint32_t kPolynomial = 0x82F6'3B78;  // 0x1EDC6F41, bits reversed.

/// Entry [n][b]: what byte b does to the register when n more bytes follow it. So eight bytes are
/// taken in one go.
using Tables = std::array<std::array<std::uint32_t, 256>, kStride>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t n = 1; n < kStride; ++n) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[n - 1][byte];
      tables[n][byte] = before >> 8 ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t so_far) {
  std::uint32_t crc = ~so_far;
  for (; bytes.size() >= kStride; bytes = bytes.subspan(kStride)) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < kStride; ++i) {
      const std::uint32_t own = i < 4 ? crc >> (8 * i) & 0xFF : 0;
      next ^= kTables[kStride - 1 - i][own ^ std::to_integer<std::uint32_t>(bytes[i])];
    }
    crc = next;
  }
  for (const std::byte byte : bytes)
    crc = crc >> 8 ^ kTables[0][(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xFF];
  return ~crc;
}

}  // namespace mq_bench
