#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mqtt {

/// How often things came lately, roughly and never too low, in memory that does not grow with their
/// number (a count-min sketch, updated conservatively). A thing is its 64-bit hash.
class FrequencySketch {
 public:
  /// For telling apart so many frequent things among any number of others.
  explicit FrequencySketch(std::size_t things)
      : counters_(std::bit_ceil(std::clamp<std::size_t>(things * 8, 64, 4'096))) {}

  /// It came once more: how often by now, up to 255.
  std::uint8_t add(std::uint64_t hash) {
    std::array<std::uint8_t*, 4> rows{};
    std::uint8_t least = 0xFF;
    for (std::uint8_t*& counter : rows) {
      hash = (hash ^ (hash >> 32U)) * 0x9E37'79B9'7F4A'7C15U;
      counter = &counters_[(hash >> 40U) & (counters_.size() - 1)];
      least = std::min(least, *counter);
    }
    if (least == 0xFF) return least;
    for (std::uint8_t* counter : rows) *counter = std::max<std::uint8_t>(*counter, least + 1U);
    return least + 1U;
  }
  /// The past counts half from now on.
  void age() {
    for (std::uint8_t& counter : counters_) counter /= 2;
  }
  std::size_t size() const { return counters_.size(); }

 private:
  std::vector<std::uint8_t> counters_;
};

}  // namespace mqtt
