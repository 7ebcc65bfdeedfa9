#include "libmqtt/codec/reader.hpp"

#include <utility>

#include "libmqtt/base/utf8.hpp"

namespace mqtt {

std::uint32_t Reader::variable_byte() {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift <= 21; shift += 7) {
    const std::uint32_t next = byte();
    value |= (next & 0x7F) << shift;
    if ((next & 0x80) != 0) continue;
    if (next == 0 && shift > 0) break;  // [MQTT-1.5.5-1]
    return value;
  }
  fail(ReasonCode::malformed_packet, "variable byte integer is not well-formed");
  return 0;
}

std::string_view Reader::text_view() {
  const auto text = as_text(binary_view());
  // U+FEFF stays in it [MQTT-1.5.4-3], in 3.1.1 [MQTT-1.5.3-3]
  if (is_valid_utf8(text)) return text;
  fail(ReasonCode::malformed_packet, "string is not valid UTF-8");
  return {};
}

Bytes Reader::keep(std::span<const std::byte> part) {
  if (part.empty()) return {};
  if (owner_.empty()) owner_ = Bytes::copy(all_);
  return owner_.slice(static_cast<std::size_t>(part.data() - all_.data()), part.size());
}

Bytes Reader::rest() {
  if (at_end()) return {};
  if (owner_.empty()) owner_ = Bytes::copy(all_);
  return std::move(owner_).slice(std::exchange(at_, all_.size()));
}

void Reader::fail(const Error& error) {
  if (!error_) error_ = error;
  at_ = all_.size();
}

const std::optional<Error>& Reader::finish() {
  if (!at_end()) fail(ReasonCode::malformed_packet, "packet is longer than its fields");
  return error_;
}

}  // namespace mqtt
