#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "libmqtt/base/bytes.hpp"
#include "tools/mq-bench/payload.hpp"

namespace mq_bench {

/// Makes the payloads of one crew's publishers: the header, and what follows it up to the size.
class PayloadMaker {
 public:
  explicit PayloadMaker(std::size_t size) : scratch_(size, std::byte{'.'}) {}

  mqtt::Bytes make(const PayloadHeader& header) {
    encode(header, std::span(scratch_).first<PayloadHeader::kSize>());
    return mqtt::Bytes::copy(scratch_);
  }

 private:
  std::vector<std::byte> scratch_;  ///< Only the header changes.
};

}  // namespace mq_bench
