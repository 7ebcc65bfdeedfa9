#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace mqtt::store {

/// A 64-bit checksum that finds damage, not malice. Every step is a bijection of the word taken in,
/// so a change within one aligned word is always found, and any other but once in 2^64. The same on
/// every machine: it is stored.
class Checksum {
 public:
  void add(std::uint64_t word) {
    value_ = std::rotl(value_ ^ (word * kFirst), 29) * kSecond + kThird;
  }
  void add(std::span<const std::byte> bytes) {
    add(bytes.size());
    for (; bytes.size() >= sizeof(std::uint64_t); bytes = bytes.subspan(sizeof(std::uint64_t)))
      add(word_of(bytes.first<sizeof(std::uint64_t)>()));
    if (bytes.empty()) return;
    std::byte last[sizeof(std::uint64_t)] = {};
    std::memcpy(last, bytes.data(), bytes.size());
    add(word_of(last));
  }
  std::uint64_t value() const { return (value_ ^ (value_ >> 32)) * kFirst; }

 private:
  static constexpr std::uint64_t kFirst = 0x9E37'79B1'85EB'CA87;
  static constexpr std::uint64_t kSecond = 0xC2B2'AE3D'27D4'EB4F;
  static constexpr std::uint64_t kThird = 0x1656'67B1'9E37'79F9;

  static std::uint64_t word_of(std::span<const std::byte, sizeof(std::uint64_t)> bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof(word));
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
  }

  std::uint64_t value_ = kThird;
};

/// Of numbers and byte strings, in order; as SQLite keeps integers.
template <class... Parts>
std::int64_t checksum_of(const Parts&... parts) {
  Checksum checksum;
  const auto add = [&checksum](const auto& part) {
    if constexpr (std::integral<std::remove_cvref_t<decltype(part)>>)
      checksum.add(static_cast<std::uint64_t>(part));
    else
      checksum.add(std::span<const std::byte>(part));
  };
  (add(parts), ...);
  return static_cast<std::int64_t>(checksum.value());
}

}  // namespace mqtt::store
