#include "tools/mq-bench/payload.hpp"

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

}  // namespace mq_bench
