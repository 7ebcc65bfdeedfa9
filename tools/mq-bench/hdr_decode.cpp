#include "tools/mq-bench/hdr_decode.hpp"

#include <zlib.h>

#include <bit>
#include <concepts>
#include <limits>
#include <utility>

#include "tools/mq-bench/hdr_format.hpp"
#include "tools/mq-bench/histogram.hpp"

namespace mq_bench {
namespace {

using Counters = std::vector<std::uint64_t>;

/// The most that a histogram of ours can unpack to: what claims to be longer is none.
constexpr std::size_t kLargest =
    hdr::kHeaderSize + Histogram::kCounters * std::size_t{hdr::kLongestNumber};
constexpr std::uint32_t kLargestLength = std::numeric_limits<std::int32_t>::max();

/// Takes big-endian numbers from the beginning; there must be enough.
template <std::unsigned_integral T>
T take(std::string_view& bytes) {
  T value = 0;
  for (const char byte : bytes.substr(0, sizeof(T)))
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(byte));
  bytes.remove_prefix(sizeof(T));
  return value;
}

std::unexpected<std::string> error(const char* what) { return std::unexpected(std::string(what)); }

std::expected<std::string, std::string> inflated(std::string_view body) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return error("cannot be unpacked");
  std::string plain(kLargest + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));  // zlib only reads it.
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  const int status = inflate(&stream, Z_FINISH);
  const std::size_t size = plain.size() - stream.avail_out;
  const bool has_more = stream.avail_in > 0;
  inflateEnd(&stream);
  if (size > kLargest) return error("unpacks to more than a histogram has");
  if (status != Z_STREAM_END) return error("its zlib stream is broken");
  if (has_more) return error("something follows its zlib stream");
  plain.resize(size);
  return plain;
}

/// What is wrong with the header, which it takes from `plain`; nullptr: nothing.
const char* check_header(std::string_view& plain) {
  if (plain.size() < hdr::kHeaderSize) return "its header is cut off";
  if (take<std::uint32_t>(plain) != hdr::kPlainCookie) return "its inner cookie is not V2's";
  const auto length = take<std::uint32_t>(plain);
  if (length > kLargestLength) return "its inner length is negative";
  if (length != plain.size() - (hdr::kHeaderSize - 2 * sizeof(length)))
    return "its inner length is not that of its counts";
  const bool is_ours =
      take<std::uint32_t>(plain) == 0 && take<std::uint32_t>(plain) == hdr::kDigits &&
      take<std::uint64_t>(plain) == static_cast<std::uint64_t>(Histogram::kLowest.count()) &&
      take<std::uint64_t>(plain) == static_cast<std::uint64_t>(Histogram::kHighest.count()) &&
      take<std::uint64_t>(plain) == std::bit_cast<std::uint64_t>(1.0);
  return is_ours ? nullptr : "its range or precision is not mq-bench's";
}

/// A ZigZag LEB128 number from the beginning of `bytes`; false: it is cut off.
bool take_number(std::string_view& bytes, std::int64_t& number) {
  std::uint64_t zigzag = 0;
  for (unsigned i = 0; i < hdr::kLongestNumber; ++i) {
    if (i >= bytes.size()) return false;
    const std::uint64_t byte = static_cast<unsigned char>(bytes[i]);
    const bool is_last = byte < 0x80 || i + 1 == hdr::kLongestNumber;
    zigzag |= (i + 1 == hdr::kLongestNumber ? byte : byte & 0x7F) << (7 * i);
    if (!is_last) continue;
    bytes.remove_prefix(i + 1);
    number = static_cast<std::int64_t>(zigzag >> 1 ^ (~(zigzag & 1) + 1));
    return true;
  }
  return false;
}

std::expected<Counters, std::string> unpacked(std::string_view counts) {
  constexpr auto kCounters = static_cast<std::int64_t>(Histogram::kCounters);
  Counters counters;
  while (!counts.empty()) {
    std::int64_t number = 0;
    if (!take_number(counts, number)) return error("its last count is cut off");
    const auto room = kCounters - static_cast<std::int64_t>(counters.size());
    const bool is_run = number <= 0;
    if (room < 1 || (is_run && number < -room)) return error("its counts run past its range");
    if (is_run) {
      counters.resize(counters.size() + static_cast<std::size_t>(number == 0 ? 1 : -number));
    } else {
      counters.push_back(static_cast<std::uint64_t>(number));
    }
  }
  return counters;
}

}  // namespace

std::expected<Counters, std::string> decode_hdr(std::string_view bytes) {
  if (bytes.size() < 2 * sizeof(std::uint32_t)) return error("is cut off");
  if (take<std::uint32_t>(bytes) != hdr::kCompressedCookie)
    return error("its cookie is not that of a compressed V2 histogram");
  const auto length = take<std::uint32_t>(bytes);
  if (length > kLargestLength) return error("its length is negative");
  if (length != bytes.size()) return error("its length is not that of what follows");
  const auto plain = inflated(bytes);
  if (!plain) return std::unexpected(plain.error());
  std::string_view counts = *plain;
  if (const char* const complaint = check_header(counts); complaint != nullptr)
    return error(complaint);
  return unpacked(counts);
}

}  // namespace mq_bench
