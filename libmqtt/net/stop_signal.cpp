#include "libmqtt/net/stop_signal.hpp"

#include <csignal>
#include <utility>

namespace mqtt::net {

struct StopSignal::State : std::enable_shared_from_this<State> {
  State(Loop& loop, std::function<void(int)> callback)
      : signals(loop.context()), on_signal(std::move(callback)) {
    std::error_code
        ignored;  // Only out of descriptors: then the signals keep their default action.
    signals.add(SIGINT, ignored);
    signals.add(SIGTERM, ignored);
  }

  void wait() {
    signals.async_wait([self = shared_from_this()](std::error_code error, int number) {
      if (error || !self->alive) return;
      self->wait();
      // A copy: the callback may destroy the StopSignal.
      const auto callback = self->on_signal;
      callback(number);
    });
  }

  asio::signal_set signals;
  std::function<void(int)> on_signal;
  bool alive = true;
};

StopSignal::StopSignal(Loop& loop, std::function<void(int)> on_signal) {
  std::signal(SIGPIPE, SIG_IGN);
  state_ = std::make_shared<State>(loop, std::move(on_signal));
  state_->wait();
}

StopSignal::~StopSignal() {
  state_->alive = false;
  std::error_code ignored;
  state_->signals.cancel(ignored);
}

}  // namespace mqtt::net
