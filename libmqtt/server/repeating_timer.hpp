#pragma once

#include <functional>
#include <memory>

#include "libmqtt/net/loop.hpp"

namespace mqtt::server {

/// Calls a function on the loop again and again while it lives; the function says how long to wait
/// for the next time.
class RepeatingTimer {
 public:
  using Call = std::function<Duration()>;
  RepeatingTimer(net::Loop& loop, Duration first, Call call);
  ~RepeatingTimer();
  RepeatingTimer(const RepeatingTimer&) = delete;
  RepeatingTimer& operator=(const RepeatingTimer&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mqtt::server
