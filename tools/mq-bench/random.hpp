#pragma once

#include <cstdint>

namespace mq_bench {

/// Which of all random numbers of a run: every use has a kind of its own, so that one option does
/// not change what another one draws.
struct DrawKey {
  enum class Kind : std::uint64_t { arrival = 1, size, text, placeholder, phase };
  std::uint64_t seed = 0;
  Kind kind{};
  std::uint64_t client = 0;
  std::uint64_t index = 0;  ///< The message's number.
  std::uint64_t place = 0;  ///< Among several drawn for one message.
};

/// 64 random bits that depend on the key alone: the same on every machine, whatever was drawn
/// before and on however many threads.
std::uint64_t draw(const DrawKey& key);

/// Evenly spread over [least, most].
std::uint64_t draw_between(const DrawKey& key, std::uint64_t least, std::uint64_t most);

/// The exponential distribution with mean 1, in units of 2^-40: what stands between the events of a
/// Poisson process, computed in integers alone. `bits`: 64 random ones.
inline constexpr int kExponentialFraction = 40;
std::uint64_t exponential(std::uint64_t bits);

}  // namespace mq_bench
