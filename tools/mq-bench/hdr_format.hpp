#pragma once

#include <cstddef>
#include <cstdint>

// What the writer and the reader of HdrHistogram's V2 form agree on.
namespace mq_bench::hdr {

// The last digit but one tells the word size of a counter; 1 stands for "of any length".
inline constexpr std::uint32_t kPlainCookie = 0x1c849303 | 0x10;
inline constexpr std::uint32_t kCompressedCookie = 0x1c849304 | 0x10;
inline constexpr std::uint32_t kDigits = 3;
/// A count is a ZigZag LEB128 number, of whose bytes the ninth has all its eight bits.
inline constexpr unsigned kLongestNumber = 9;
/// Cookie, length, normalising offset, digits, lowest, highest, ratio.
inline constexpr std::size_t kHeaderSize = 40;

}  // namespace mq_bench::hdr
