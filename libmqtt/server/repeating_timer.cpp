#include "libmqtt/server/repeating_timer.hpp"

#include <utility>

namespace mqtt::server {

struct RepeatingTimer::State : std::enable_shared_from_this<State> {
  State(net::Loop& loop, Call its_call) : timer(loop.context()), call(std::move(its_call)) {}

  void wait(Duration duration) {
    timer.expires_after(duration);
    timer.async_wait([self = shared_from_this()](std::error_code aborted) {
      // Even a cancelled wait may be on its way already.
      if (aborted || self->is_over) return;
      const Duration next = self->call();
      if (!self->is_over) self->wait(next);
    });
  }

  asio::steady_timer timer;
  Call call;
  bool is_over = false;
};

RepeatingTimer::RepeatingTimer(net::Loop& loop, Duration first, Call call)
    : state_(std::make_shared<State>(loop, std::move(call))) {
  state_->wait(first);
}

RepeatingTimer::~RepeatingTimer() {
  state_->is_over = true;
  state_->timer.cancel();
}

}  // namespace mqtt::server
