#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace mqtt {

/// The largest Variable Byte Integer (5.0 §1.5.5).
inline constexpr std::uint32_t kMaximumVariableByte = 268'435'455;

/// Bytes that a value takes as a Variable Byte Integer: 1 to 4; 5 for one that is too large to be
/// written, so that a packet that holds it is measured as too large as well.
constexpr std::size_t variable_byte_size(std::size_t value) {
  if (value < 128) return 1;
  if (value < 16'384) return 2;
  if (value < 2'097'152) return 3;
  return value <= kMaximumVariableByte ? 4 : 5;
}

/// Measures: takes the same calls as Writer, so that one description of a packet's fields gives
/// both its size and its bytes.
class SizeCounter {
 public:
  void byte(std::uint8_t) { size_ += 1; }
  void two_byte(std::uint16_t) { size_ += 2; }
  void four_byte(std::uint32_t) { size_ += 4; }
  void variable_byte(std::size_t value) { size_ += variable_byte_size(value); }
  void bytes(std::span<const std::byte> bytes) { size_ += bytes.size(); }
  void binary(std::span<const std::byte> bytes) { size_ += 2 + bytes.size(); }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

/// Writes fields into room that the caller has measured.
class Writer {
 public:
  explicit Writer(std::byte* at) : at_(at) {}

  void byte(std::uint8_t value) { *at_++ = std::byte{value}; }
  void two_byte(std::uint16_t value) {
    byte(static_cast<std::uint8_t>(value >> 8));
    byte(static_cast<std::uint8_t>(value & 0xFF));
  }
  void four_byte(std::uint32_t value) {
    two_byte(static_cast<std::uint16_t>(value >> 16));
    two_byte(static_cast<std::uint16_t>(value & 0xFFFF));
  }
  /// In as few bytes as hold it [MQTT-1.5.5-1].
  void variable_byte(std::size_t value) {
    assert(value <= kMaximumVariableByte);
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }
  void bytes(std::span<const std::byte> bytes) {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  /// A two-byte length and the bytes: strings and binary data.
  void binary(std::span<const std::byte> value) {
    assert(value.size() <= 65'535);
    two_byte(static_cast<std::uint16_t>(value.size()));
    bytes(value);
  }
  const std::byte* at() const { return at_; }

 private:
  std::byte* at_;
};

}  // namespace mqtt
