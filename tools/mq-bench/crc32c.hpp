#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mq_bench {

/// The CRC-32C (Castagnoli) of RFC 3720, appendix B.4. `so_far`: of what stands before `bytes`.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t so_far = 0);

}  // namespace mq_bench
