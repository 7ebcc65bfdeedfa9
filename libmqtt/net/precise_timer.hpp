#pragma once

#include <cstdint>
#include <functional>

#include "libmqtt/net/loop.hpp"

namespace mqtt::net {

/// A one-shot timer to the nanosecond for who sets one in each turn of a loop: one system call to
/// set it and none to hear it, and its call is part of the turn, so that what it marks is flushed
/// at the turn's end. Asio's timers are for all others: they round to a microsecond, and each time
/// that one fires cost two calls to set the descriptor they share. On a virtual machine a call like
/// that is an exit to the hypervisor.
class PreciseTimer final : private Loop::Watcher {
 public:
  /// `on_time` may set the timer again; it must not destroy it. Where no descriptor
  /// is left Asio throws, as it does for the loop's own.
  PreciseTimer(Loop& loop, std::function<void()> on_time);
  ~PreciseTimer() override;
  PreciseTimer(const PreciseTimer&) = delete;
  PreciseTimer& operator=(const PreciseTimer&) = delete;

  /// Fires once when `after` is over, instead of when it was set for; at once if that is negative.
  void set(Duration after);

 private:
  void on_ready(std::uint32_t events) override;

  Loop& loop_;
  std::function<void()> on_time_;
  asio::posix::stream_descriptor timer_;
  bool is_set_ = false;
};

}  // namespace mqtt::net
