#include "libmqtt/net/signal_watch.hpp"

#include <utility>

namespace mqtt::net {

struct SignalWatch::State : std::enable_shared_from_this<State> {
  State(Loop& loop, const std::vector<int>& numbers, std::function<void(int)> callback)
      : signals(loop.context()), on_signal(std::move(callback)) {
    std::error_code
        ignored;  // Only out of descriptors: then the signals keep their default action.
    for (const int number : numbers) signals.add(number, ignored);
  }

  void wait() {
    signals.async_wait([self = shared_from_this()](std::error_code error, int number) {
      if (error || !self->alive) return;
      self->wait();
      // A copy: the callback may destroy the SignalWatch.
      const auto callback = self->on_signal;
      callback(number);
    });
  }

  asio::signal_set signals;
  std::function<void(int)> on_signal;
  bool alive = true;
};

SignalWatch::SignalWatch(Loop& loop, const std::vector<int>& numbers,
                         std::function<void(int)> on_signal)
    : state_(std::make_shared<State>(loop, numbers, std::move(on_signal))) {
  state_->wait();
}

SignalWatch::~SignalWatch() {
  state_->alive = false;
  std::error_code ignored;
  state_->signals.cancel(ignored);
}

}  // namespace mqtt::net
