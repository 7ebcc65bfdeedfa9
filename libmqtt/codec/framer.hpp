#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "libmqtt/base/error.hpp"

namespace mqtt {

/// One whole Control Packet, as it lies in somebody's buffer.
struct FrameView {
  std::uint8_t first_byte = 0;      ///< Packet type and flags.
  std::span<const std::byte> body;  ///< Variable header and payload: Remaining Length bytes.
  std::size_t size = 0;             ///< Of the whole packet, fixed header included.

  std::uint8_t type_bits() const { return static_cast<std::uint8_t>(first_byte >> 4); }
  std::uint8_t flags() const { return first_byte & 0x0F; }
};

/// Cuts a byte stream into frames, whatever the size of the chunks it comes in. Whole frames are
/// handed out in place, without a copy; only the partial one at the end of a chunk is kept. A
/// length field never allocates: the kept part grows as bytes arrive.
///
/// Use: feed(chunk), then next() until it yields nothing; only then may the chunk's memory be
/// reused. To stop early, call keep_rest(); then next() goes on whenever wanted, before or after
/// feed().
class Framer {
 public:
  /// Packets above maximum_packet_size bytes, fixed header included, are refused with
  /// packet_too_large.
  explicit Framer(std::uint32_t maximum_packet_size) : maximum_packet_size_(maximum_packet_size) {}

  void set_maximum_packet_size(std::uint32_t bytes) { maximum_packet_size_ = bytes; }
  void feed(std::span<const std::byte> chunk);
  /// The next whole frame; valid until the next call. Nothing: more bytes are needed. An error
  /// (Remaining Length over four bytes or not minimal [MQTT-1.5.5-1]: malformed_packet; too large)
  /// ends the stream: every later call returns it again.
  Result<std::optional<FrameView>> next();
  /// Copies what was fed and not yet handed out, so that the chunk's memory may be reused.
  void keep_rest();
  /// Forgets everything: a new stream begins.
  void reset();
  /// Bytes that were fed and not yet handed out.
  std::size_t pending() const { return kept_.size() - kept_at_ + rest_.size(); }

 private:
  /// header_size 0: the Remaining Length has not come whole yet.
  struct FixedHeader {
    std::size_t header_size = 0;
    std::size_t packet_size = 0;
  };
  static Result<FixedHeader> read_fixed_header(std::span<const std::byte> bytes);
  static FrameView view_of(std::span<const std::byte> bytes, const FixedHeader& header);
  /// read_fixed_header() and the limit; remembers a failure.
  Result<FixedHeader> inspect(std::span<const std::byte> bytes);
  Result<std::optional<FrameView>> next_kept();
  /// Moves the first `count` bytes of rest_ to kept_.
  void keep(std::size_t count);
  /// Empties kept_; its memory stays up to `spare` bytes.
  void drop_kept(std::size_t spare);
  std::span<const std::byte> unread() const { return std::span(kept_).subspan(kept_at_); }

  std::uint32_t maximum_packet_size_;
  std::span<const std::byte> rest_;  ///< Fed, not yet handed out; somebody else's memory.
  std::vector<std::byte> kept_;      ///< Fed before rest_: a copy.
  std::size_t kept_at_ = 0;          ///< Bytes of kept_ that were handed out.
  std::optional<Error> error_;
};

}  // namespace mqtt
