#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/base/error.hpp"

namespace mqtt {

/// A cursor over the body of one packet. It is sticky: the first failure is remembered, moves the
/// cursor to the end, and from then on every read yields zeros; so decode functions read straight
/// down, loops over "until the end" end, and finish() tells at last. What the packet keeps (text,
/// binary, rest) are slices of one copy of the whole body, made when the first one is asked for.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : all_(bytes) {}

  std::uint8_t byte() {
    const auto bytes = take(1);
    return bytes.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(bytes[0]);
  }
  std::uint16_t two_byte() {
    const auto bytes = take(2);
    if (bytes.empty()) return 0;
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[0]) << 8 |
                                      std::to_integer<unsigned>(bytes[1]));
  }
  std::uint32_t four_byte() {
    const std::uint32_t high = two_byte();
    return high << 16 | two_byte();
  }
  /// Malformed when longer than four bytes or than needed [MQTT-1.5.5-1].
  std::uint32_t variable_byte();

  /// The next `count` bytes in place; all or none.
  std::span<const std::byte> take(std::size_t count) {
    if (count > all_.size() - at_) {
      fail(ReasonCode::malformed_packet, "packet is too short for its fields");
      return {};
    }
    const auto bytes = all_.subspan(at_, count);
    at_ += count;
    return bytes;
  }
  /// A two-byte length and that many bytes, in place.
  std::span<const std::byte> binary_view() { return take(two_byte()); }
  /// The same, checked to be a UTF-8 Encoded String [MQTT-1.5.4-1] [MQTT-1.5.4-2].
  std::string_view text_view();

  Bytes binary() { return keep(binary_view()); }
  Bytes text() { return keep(as_bytes(text_view())); }
  /// Everything up to the end. The last thing that is kept: it takes over the copy.
  Bytes rest();
  /// The slice of the kept copy that holds these bytes, which this reader has yielded.
  Bytes keep(std::span<const std::byte> part);

  bool at_end() const { return at_ == all_.size(); }
  std::size_t offset() const { return at_; }
  bool failed() const { return error_.has_value(); }
  void fail(const Error& error);
  void fail(ReasonCode code, std::string_view what) { fail(Error{code, what}); }
  /// The failure, if any; bytes left over are one.
  const std::optional<Error>& finish();

 private:
  std::span<const std::byte> all_;
  std::size_t at_ = 0;
  Bytes owner_;  // Copy of all_, once something was kept.
  std::optional<Error> error_;
};

}  // namespace mqtt
