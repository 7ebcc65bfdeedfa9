#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "libmqtt/net/loop.hpp"

namespace mqtt::net {

/// Hears signals on a Loop while it lives; their default action does not happen meanwhile.
class SignalWatch {
 public:
  /// `on_signal(number)` is called on the loop's thread, each time; it may destroy the watch. The
  /// pending wait keeps run() going.
  SignalWatch(Loop& loop, const std::vector<int>& numbers, std::function<void(int)> on_signal);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mqtt::net
