#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "libmqtt/base/time.hpp"
#include "libmqtt/session/backlog.hpp"
#include "libmqtt/session/change.hpp"

namespace mqtt::store {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// One instant on both clocks: stored times are wall-clock times, the broker's are monotonic.
struct ClockReading {
  TimePoint monotonic;
  WallTime wall;
};

/// What a commit has outlived once it has returned.
enum class Sync : std::uint8_t {
  off,     ///< The end of the process; a power failure may damage the store.
  normal,  ///< That; a power failure may take the last commits, and damages nothing.
  full,    ///< A power failure too.
};

/// Where a broker's state lasts. Used by one thread at a time; blocks.
class Store {
 public:
  using Replay = std::function<void(Change&&)>;

  virtual ~Store() = default;
  /// Makes all of the changes last, or none of them. The error is one line that names the store and
  /// the reason; the same changes may be given again later, with others behind them.
  virtual std::expected<void, std::string> commit(std::span<const Change> changes,
                                                  ClockReading now) = 0;
  /// Gives the state as changes to be replayed, each after those that it refers to: sessions,
  /// their subscriptions, queues in order of position (a Sent right behind its Queued), packet
  /// identifiers, retained messages, and bodies before what needs them first. Left out is what
  /// expired meanwhile: messages that are not under way yet, and offline sessions; but not a
  /// session whose will is still to be published. A Queued under way at its second stage has
  /// message 0. Of the messages that wait for a session only the first are given, as `held` says
  /// for one that is offline; a BacklogLeft tells of the rest. Called once, before the first
  /// commit. Gives one line for each kind of thing that was found damaged and had to be left out.
  virtual std::expected<std::vector<std::string>, std::string> load(ClockReading now,
                                                                    const BacklogLimits& held,
                                                                    const Replay& replay) = 0;
  /// What comes next of a backlog. Everything committed before counts.
  virtual std::expected<BacklogPage, std::string> fetch(const BacklogRequest& request,
                                                        ClockReading now) = 0;
  /// Work that no acknowledgement needs to wait for. Call it after each commit, once that has been
  /// told; `is_idle`: nothing else is waiting to be committed.
  virtual void tidy(bool is_idle) = 0;
};

}  // namespace mqtt::store
