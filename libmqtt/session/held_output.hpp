#pragma once

#include <cstddef>
#include <cstdint>

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
    if (packets_.empty() || last_ticket_ < ticket) {
      packets_.push({ticket, {}});
      last_ticket_ = ticket;
    }
    return packets_.back().output;
  }
  /// Moves what may leave by now to the end of `output`.
  void release(const Journal& journal, Output& output) {
    while (!packets_.empty() && journal.is_committed(packets_.front().ticket))
      output.append(packets_.pop().output);
  }
  bool empty() const { return packets_.empty(); }
  std::size_t size() {
    std::size_t bytes = 0;
    for (const Batch& batch : packets_) bytes += batch.output.size();
    return bytes;
  }
  void clear() { packets_.clear(); }

 private:
  struct Batch {
    std::uint64_t ticket = 0;
    Output output;
  };
  Line<Batch> packets_;
  std::uint64_t last_ticket_ = 0;
};

}  // namespace mqtt
