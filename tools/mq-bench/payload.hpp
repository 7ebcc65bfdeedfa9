#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "libmqtt/base/time.hpp"
#include "libmqtt/codec/packet.hpp"

namespace mq_bench {

/// Where a message carries what it is known by, and how much of that.
enum class HeaderForm : std::uint8_t {
  compact,   ///< The first 16 bytes of the payload.
  extended,  ///< The first 32: with a magic number, nanoseconds and a checksum over all of it.
  property,  ///< A user property of MQTT 5.0, so that the payload is the user's own.
};

/// The compact header at the start of every payload, big-endian: 2 + 3 + 4 + 7 bytes.
struct PayloadHeader {
  static constexpr std::size_t kSize = 16;
  static constexpr std::size_t kExtendedSize = 32;
  static constexpr std::uint32_t kMaximumPublisher = 0xFF'FFFF;
  /// Sequence number of a probe, which only shows that a subscription delivers.
  static constexpr std::uint32_t kProbe = 0xFFFF'FFFF;

  std::uint16_t run_tag = 0;    ///< Tells the messages of this run from all others.
  std::uint32_t publisher = 0;  ///< 24 bits.
  std::uint32_t sequence = 0;   ///< Of this publisher, from 0, without gaps.
  std::uint64_t intended_us =
      0;  ///< 56 bits: when it was due, since the run epoch (the zero of the
          ///< monotonic clock, so that processes of one machine share it).
  std::uint16_t intended_ns = 0;  ///< What is left of a microsecond: the extended header's only.

  mqtt::TimePoint intended() const {
    return mqtt::TimePoint(std::chrono::microseconds(static_cast<std::int64_t>(intended_us)) +
                           std::chrono::nanoseconds(intended_ns));
  }
  void set_intended(mqtt::TimePoint due) {
    const auto nanoseconds = static_cast<std::uint64_t>(due.time_since_epoch().count());
    intended_us = nanoseconds / 1'000;
    intended_ns = static_cast<std::uint16_t>(nanoseconds % 1'000);
  }
  friend bool operator==(const PayloadHeader&, const PayloadHeader&) = default;
};

void encode(const PayloadHeader& header, std::span<std::byte, PayloadHeader::kSize> out);
/// Nothing when the payload is too short to hold a header.
std::optional<PayloadHeader> decode_header(std::span<const std::byte> payload);

/// Big-endian: "MQB1", tag 2, publisher 3, three zeros, sequence 4, nanoseconds 8, payload size 4,
/// CRC-32C 4 of the whole payload with zeros in its own place. `payload` has room for it.
void encode_extended(const PayloadHeader& header, std::span<std::byte> payload);

/// The name of the user property, and its value: the compact header in hexadecimal.
inline constexpr std::string_view kHeaderProperty = "mqb";
std::string property_text(const PayloadHeader& header);

/// The header of a message, whichever form it has.
struct ReadHeader {
  enum class State : std::uint8_t {
    found,
    absent,  ///< Somebody else's message.
    broken,  ///< The checksum, or the size in it, is wrong.
  };
  State state = State::absent;
  PayloadHeader header = {};
};
ReadHeader read_header(const mqtt::Publish& publish);

}  // namespace mq_bench
