#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "libmqtt/base/time.hpp"

namespace mqtt::server {

/// Deadlines of many connections, kept to half a second and for next to nothing: a packet does not
/// touch them, an entry is looked at once when its time has come and added again with the new
/// deadline. Whoever is told checks that the entry still holds.
class TimingWheel {
 public:
  static constexpr Duration kTick = std::chrono::milliseconds(500);

  explicit TimingWheel(TimePoint now) : ticks_(ticks(now)) {}

  /// `id` will be told at `when` or up to a tick later; what is beyond the wheel's reach (about
  /// four minutes), at its end.
  void add(std::uint64_t id, TimePoint when) {
    const std::int64_t due = std::clamp(ticks(when) + 1, ticks_ + 1, ticks_ + kSlots - 1);
    slots_[static_cast<std::size_t>(due % kSlots)].push_back({id, when});
  }

  /// Calls due(id, when) for every entry whose time has come; it may add entries.
  template <class Due>
  void advance(TimePoint now, Due due) {
    for (const std::int64_t end = ticks(now); ticks_ < end;) {
      ++ticks_;
      std::vector<Entry> entries;
      entries.swap(slots_[static_cast<std::size_t>(ticks_ % kSlots)]);
      for (const Entry& entry : entries) due(entry.id, entry.when);
    }
  }

 private:
  static constexpr std::int64_t kSlots = 512;
  struct Entry {
    std::uint64_t id;
    TimePoint when;
  };
  static std::int64_t ticks(TimePoint when) { return when.time_since_epoch() / kTick; }

  std::array<std::vector<Entry>, kSlots> slots_;
  std::int64_t ticks_;
};

}  // namespace mqtt::server
