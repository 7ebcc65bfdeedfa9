#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "libmqtt/codec/packet.hpp"
#include "tools/mq-bench/payload_source.hpp"

namespace mq_bench {

/// Makes the payloads of one crew's publishers out of what the run's source says.
class PayloadMaker {
 public:
  /// `wall_clock`: what the clock on the wall shows more than the monotonic one that messages are
  /// due by.
  explicit PayloadMaker(const PayloadSource& source,
                        std::chrono::nanoseconds wall_clock = wall_clock_ahead());

  /// Gives the message its payload, header included, and its properties.
  void fill(mqtt::Publish& publish, const PayloadHeader& header);

  static std::chrono::nanoseconds wall_clock_ahead();

 private:
  std::span<std::byte> compose(const PayloadHeader& header);

  const PayloadSource& source_;
  std::chrono::nanoseconds wall_clock_;
  std::vector<std::byte> scratch_;  ///< A payload; of filler only the header changes.
  std::string text_;                ///< Of a template.
};

}  // namespace mq_bench
