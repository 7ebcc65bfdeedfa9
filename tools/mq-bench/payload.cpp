#include "tools/mq-bench/payload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "tools/mq-bench/crc32c.hpp"

namespace mq_bench {
namespace {

struct Field {
  std::size_t offset;
  std::size_t size;
};
constexpr Field kRunTag{0, 2};
constexpr Field kPublisher{2, 3};
constexpr Field kSequence{5, 4};
constexpr Field kIntended{9, 7};

// Of the extended header.
constexpr Field kMagic{0, 4};
constexpr Field kExtendedRunTag{4, 2};
constexpr Field kExtendedPublisher{6, 3};
constexpr Field kReserved{9, 3};
constexpr Field kExtendedSequence{12, 4};
constexpr Field kNanoseconds{16, 8};
constexpr Field kPayloadSize{24, 4};
constexpr Field kChecksum{28, 4};
constexpr std::uint64_t kMagicNumber = 0x4D51'4231;  // "MQB1"; no compact header begins so: its
                                                     // publishers have numbers below 2^22.

void put(std::span<std::byte> out, Field field, std::uint64_t value) {
  for (std::size_t i = field.size; i-- > 0; value >>= 8) {
    out[field.offset + i] = static_cast<std::byte>(value & 0xFF);
  }
}

std::uint64_t take(std::span<const std::byte> in, Field field) {
  std::uint64_t value = 0;
  for (const std::byte byte : in.subspan(field.offset, field.size)) {
    value = value << 8 | std::to_integer<std::uint64_t>(byte);
  }
  return value;
}

/// Of a payload, as if the checksum's own place held zeros.
std::uint32_t checksum(std::span<const std::byte> payload) {
  constexpr std::array<std::byte, 4> kZeros{};
  const std::uint32_t so_far = crc32c(kZeros, crc32c(payload.first(kChecksum.offset)));
  return crc32c(payload.subspan(PayloadHeader::kExtendedSize), so_far);
}

ReadHeader read_extended(std::span<const std::byte> payload) {
  const std::uint64_t nanoseconds = take(payload, kNanoseconds);
  const bool is_intact = take(payload, kPayloadSize) == payload.size() &&
                         take(payload, kChecksum) == checksum(payload);
  if (!is_intact) return {ReadHeader::State::broken, {}};
  return {ReadHeader::State::found,
          {static_cast<std::uint16_t>(take(payload, kExtendedRunTag)),
           static_cast<std::uint32_t>(take(payload, kExtendedPublisher)),
           static_cast<std::uint32_t>(take(payload, kExtendedSequence)), nanoseconds / 1'000,
           static_cast<std::uint16_t>(nanoseconds % 1'000)}};
}

/// A header out of hexadecimal digits.
std::optional<PayloadHeader> read_property(std::string_view text) {
  if (text.size() != 2 * PayloadHeader::kSize) return std::nullopt;
  std::array<std::byte, PayloadHeader::kSize> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    unsigned value = 0;
    const char* const digits = text.data() + 2 * i;
    if (std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) return std::nullopt;
    bytes[i] = static_cast<std::byte>(value);
  }
  return decode_header(bytes);
}

std::optional<PayloadHeader> find_property(const mqtt::Properties& properties) {
  std::optional<PayloadHeader> header;
  properties.for_each([&header](const mqtt::PropertyView& view) {
    if (view.id != mqtt::PropertyId::user_property || header) return;
    if (view.text == kHeaderProperty) header = read_property(view.second);
  });
  return header;
}

}  // namespace

void encode(const PayloadHeader& header, std::span<std::byte, PayloadHeader::kSize> out) {
  put(out, kRunTag, header.run_tag);
  put(out, kPublisher, header.publisher);
  put(out, kSequence, header.sequence);
  put(out, kIntended, header.intended_us);
}

std::optional<PayloadHeader> decode_header(std::span<const std::byte> payload) {
  if (payload.size() < PayloadHeader::kSize) return std::nullopt;
  return PayloadHeader{static_cast<std::uint16_t>(take(payload, kRunTag)),
                       static_cast<std::uint32_t>(take(payload, kPublisher)),
                       static_cast<std::uint32_t>(take(payload, kSequence)),
                       take(payload, kIntended)};
}

void encode_extended(const PayloadHeader& header, std::span<std::byte> payload) {
  put(payload, kMagic, kMagicNumber);
  put(payload, kExtendedRunTag, header.run_tag);
  put(payload, kExtendedPublisher, header.publisher);
  put(payload, kReserved, 0);
  put(payload, kExtendedSequence, header.sequence);
  put(payload, kNanoseconds, header.intended_us * 1'000 + header.intended_ns);
  put(payload, kPayloadSize, payload.size());
  put(payload, kChecksum, checksum(payload));
}

std::string property_text(const PayloadHeader& header) {
  std::array<std::byte, PayloadHeader::kSize> bytes{};
  encode(header, bytes);
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

ReadHeader read_header(const mqtt::Publish& publish) {
  using State = ReadHeader::State;
  const auto payload = publish.payload.span();
  if (!publish.properties.empty()) {
    if (const auto header = find_property(publish.properties)) return {State::found, *header};
  }
  if (payload.size() >= PayloadHeader::kExtendedSize && take(payload, kMagic) == kMagicNumber)
    return read_extended(payload);
  const auto header = decode_header(payload);
  return header ? ReadHeader{State::found, *header} : ReadHeader{};
}

}  // namespace mq_bench
