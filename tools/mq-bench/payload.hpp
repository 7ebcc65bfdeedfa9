#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "libmqtt/base/time.hpp"

namespace mq_bench {

/// The compact header at the start of every payload, big-endian: 2 + 3 + 4 + 7 bytes.
struct PayloadHeader {
  static constexpr std::size_t kSize = 16;
  static constexpr std::uint32_t kMaximumPublisher = 0xFF'FFFF;
  /// Sequence number of a probe, which only shows that a subscription delivers.
  static constexpr std::uint32_t kProbe = 0xFFFF'FFFF;

  std::uint16_t run_tag = 0;    ///< Tells the messages of this run from all others.
  std::uint32_t publisher = 0;  ///< 24 bits.
  std::uint32_t sequence = 0;   ///< Of this publisher, from 0, without gaps.
  std::uint64_t intended_us =
      0;  ///< 56 bits: when it was due, since the run epoch (the zero of the
          ///< monotonic clock, so that processes of one machine share it).
  mqtt::TimePoint intended() const {
    return mqtt::TimePoint(std::chrono::microseconds(static_cast<std::int64_t>(intended_us)));
  }
  friend bool operator==(const PayloadHeader&, const PayloadHeader&) = default;
};

void encode(const PayloadHeader& header, std::span<std::byte, PayloadHeader::kSize> out);
/// Nothing when the payload is too short to hold a header.
std::optional<PayloadHeader> decode_header(std::span<const std::byte> payload);

}  // namespace mq_bench
