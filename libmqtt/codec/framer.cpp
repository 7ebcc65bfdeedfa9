#include "libmqtt/codec/framer.hpp"

#include <algorithm>
#include <cassert>

namespace mqtt {
namespace {

constexpr std::size_t kMaximumHeaderSize = 5;
/// A buffer beyond this is not held for the next unfinished frame: most are small.
constexpr std::size_t kLargestSpare = 64 * 1024;

}  // namespace

Result<Framer::FixedHeader> Framer::read_fixed_header(std::span<const std::byte> bytes) {
  std::size_t length = 0;
  for (std::size_t i = 1; i < std::min(bytes.size(), kMaximumHeaderSize); ++i) {
    const auto next = std::to_integer<std::size_t>(bytes[i]);
    length |= (next & 0x7F) << (7 * (i - 1));
    if ((next & 0x80) != 0) continue;
    if (next == 0 && i > 1) {  // [MQTT-1.5.5-1]
      return fail(ReasonCode::malformed_packet, "remaining length is longer than needed");
    }
    return FixedHeader{.header_size = i + 1, .packet_size = i + 1 + length};
  }
  if (bytes.size() < kMaximumHeaderSize) return FixedHeader{};
  return fail(ReasonCode::malformed_packet, "remaining length takes more than four bytes");
}

FrameView Framer::view_of(std::span<const std::byte> bytes, const FixedHeader& header) {
  return {.first_byte = std::to_integer<std::uint8_t>(bytes[0]),
          .body = bytes.first(header.packet_size).subspan(header.header_size),
          .size = header.packet_size};
}

void Framer::feed(std::span<const std::byte> chunk) {
  assert(rest_.empty());
  rest_ = chunk;
}

Result<std::optional<FrameView>> Framer::next() {
  if (error_) return std::unexpected(*error_);
  if (kept_at_ < kept_.size()) return next_kept();
  drop_kept(kLargestSpare);
  const auto header = inspect(rest_);
  if (!header) return std::unexpected(header.error());
  if (header->header_size == 0 || header->packet_size > rest_.size()) {
    keep_rest();
    return std::nullopt;
  }
  const auto frame = view_of(rest_, *header);
  rest_ = rest_.subspan(frame.size);
  return frame;
}

Result<std::optional<FrameView>> Framer::next_kept() {
  auto header = inspect(unread());
  while (header && header->header_size == 0 && !rest_.empty()) {
    keep(1);  // No more than needed: what stays in rest_ is handed out in place.
    header = inspect(unread());
  }
  if (!header) return std::unexpected(header.error());
  if (header->header_size == 0) return std::nullopt;
  const auto size = header->packet_size;
  if (unread().size() < size) keep(std::min(size - unread().size(), rest_.size()));
  if (unread().size() < size) return std::nullopt;
  const auto frame = view_of(unread(), *header);
  kept_at_ += size;
  return frame;
}

Result<Framer::FixedHeader> Framer::inspect(std::span<const std::byte> bytes) {
  auto header = read_fixed_header(bytes);
  if (header && header->packet_size > maximum_packet_size_) {
    header = fail(ReasonCode::packet_too_large, "packet exceeds the maximum packet size");
  }
  if (!header) error_ = header.error();
  return header;
}

void Framer::keep(std::size_t count) {
  if (kept_at_ >= kept_.size() - kept_at_) {
    // At least half is read: moving the rest to the front costs less than what it frees.
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(kept_at_));
    kept_at_ = 0;
  }
  const auto part = rest_.first(count);
  kept_.insert(kept_.end(), part.begin(), part.end());
  rest_ = rest_.subspan(count);
}

void Framer::keep_rest() {
  keep(rest_.size());
  if (kept_.empty()) drop_kept(0);  // An idle connection holds no buffer.
}

void Framer::drop_kept(std::size_t spare) {
  kept_.clear();
  kept_at_ = 0;
  if (kept_.capacity() > spare) std::vector<std::byte>().swap(kept_);
}

void Framer::reset() { *this = Framer(maximum_packet_size_); }

}  // namespace mqtt
