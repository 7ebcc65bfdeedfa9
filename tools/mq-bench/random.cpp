#include "tools/mq-bench/random.hpp"

#include <bit>

namespace mq_bench {
namespace {

__extension__ using Wide = unsigned __int128;

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit changes half of the
/// output's.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9E37'79B9'7F4A'7C15;
  x = (x ^ x >> 30) * 0xBF58'476D'1CE4'E5B9;
  x = (x ^ x >> 27) * 0x94D0'49BB'1331'11EB;
  return x ^ x >> 31;
}

constexpr int kLogFraction = 32;

/// log2(x) in units of 2^-32, a bit at a time: squaring doubles the logarithm, and what lifts the
/// square to 2 or more is the next bit of it.
std::uint64_t log2_of(std::uint64_t x) {
  const int exponent = 63 - std::countl_zero(x);
  Wide mantissa = Wide{x} << (63 - exponent);  // In [1, 2), in units of 2^-63.
  std::uint64_t fraction = 0;
  for (int bit = 0; bit < kLogFraction; ++bit) {
    mantissa = mantissa * mantissa >> 63;
    const bool is_two = (mantissa >> 64) != 0;
    fraction = fraction << 1 | (is_two ? 1U : 0U);
    if (is_two) mantissa >>= 1;
  }
  return (static_cast<std::uint64_t>(exponent) << kLogFraction) | fraction;
}

}  // namespace

std::uint64_t draw(const DrawKey& key) {
  std::uint64_t x = mix(key.seed ^ static_cast<std::uint64_t>(key.kind) << 56);
  x = mix(x ^ key.client);
  x = mix(x ^ key.index);
  return mix(x ^ key.place);
}

// The upper half of the product: without a division, and even as far as 2^64 is large beside the
// range.
std::uint64_t draw_between(const DrawKey& key, std::uint64_t least, std::uint64_t most) {
  const Wide count = Wide{most - least} + 1;
  return least + static_cast<std::uint64_t>(Wide{draw(key)} * count >> 64);
}

// -ln(bits / 2^64) = ln 2 * (64 - log2(bits))
std::uint64_t exponential(std::uint64_t bits) {
  constexpr std::uint64_t kLn2 = 0xB172'17F7'D1CF'79AB;  // In units of 2^-64.
  constexpr std::uint64_t kZero = std::uint64_t{64} << kLogFraction;
  const std::uint64_t distance = kZero - log2_of(bits == 0 ? 1 : bits);
  return static_cast<std::uint64_t>(Wide{distance} * kLn2 >>
                                    (64 + kLogFraction - kExponentialFraction));
}

}  // namespace mq_bench
