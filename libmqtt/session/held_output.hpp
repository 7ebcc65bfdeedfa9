#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "libmqtt/base/output.hpp"
#include "libmqtt/session/journal.hpp"
#include "libmqtt/session/line.hpp"

namespace mqtt {

/// Packets that have to wait until a batch of the Journal is committed, in the order in which they
/// are to leave. Holds no memory while empty.
class HeldOutput {
 public:
  /// Where a packet is appended that may leave once the batch `ticket` is committed, and not before
  /// any that was appended earlier.
  Output& at(std::uint64_t ticket) {
    if (!packets_) packets_ = std::make_unique<Line<Batch>>();
    if (packets_->empty() || packets_->back().ticket < ticket) packets_->push({ticket, {}});
    return packets_->back().output;
  }
  /// Moves what may leave by now to the end of `output`.
  void release(const Journal& journal, Output& output) {
    while (!empty() && journal.is_committed(packets_->front().ticket))
      output.append(packets_->pop().output);
    if (empty()) clear();
  }
  bool empty() const { return !packets_ || packets_->empty(); }
  void clear() { packets_.reset(); }

 private:
  struct Batch {
    std::uint64_t ticket = 0;
    Output output;
  };
  std::unique_ptr<Line<Batch>> packets_;
};

}  // namespace mqtt
