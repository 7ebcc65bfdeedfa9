#pragma once

#include <functional>

#include "libmqtt/net/signal_watch.hpp"

namespace mqtt::net {

/// Hears SIGINT and SIGTERM on a Loop while it lives, and makes the process ignore SIGPIPE (a peer
/// or a pipe that is gone is an error code where it is written to). One per process.
class StopSignal {
 public:
  /// `on_signal(number)` is called on the loop's thread, each time. The pending wait keeps run()
  /// going.
  StopSignal(Loop& loop, std::function<void(int)> on_signal);

 private:
  SignalWatch watch_;
};

}  // namespace mqtt::net
