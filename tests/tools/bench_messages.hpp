#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "libmqtt/codec/packet.hpp"
#include "tools/mq-bench/payload.hpp"

namespace support {

inline constexpr std::uint16_t kTag = 0x7F3A;
inline constexpr mqtt::TimePoint kStart{std::chrono::seconds(1000)};

/// As a run's publisher sends it.
inline mqtt::Publish message(const mq_bench::PayloadHeader& header, std::size_t size = 64) {
  std::vector<std::byte> payload(size);
  encode(header, std::span(payload).first<mq_bench::PayloadHeader::kSize>());
  mqtt::Publish publish;
  publish.payload = mqtt::Bytes::copy(payload);
  publish.qos = mqtt::Qos::at_least_once;
  return publish;
}

inline std::uint64_t microseconds(mqtt::TimePoint instant) {
  return static_cast<std::uint64_t>(instant.time_since_epoch().count()) / 1'000;
}

}  // namespace support
