#include "libmqtt/net/precise_timer.hpp"

#include <sys/timerfd.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

namespace mqtt::net {
namespace {

void set_descriptor(int descriptor, Duration after) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(after);
  itimerspec when{};
  when.it_value.tv_sec = seconds.count();
  when.it_value.tv_nsec = (after - seconds).count();
  [[maybe_unused]] const int result = timerfd_settime(descriptor, 0, &when, nullptr);
  assert(result == 0);
}

}  // namespace

PreciseTimer::PreciseTimer(Loop& loop, std::function<void()> on_time)
    : loop_(loop),
      on_time_(std::move(on_time)),
      timer_(loop.context(), timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  [[maybe_unused]] const std::error_code error = loop.watch(timer_.native_handle(), *this, EPOLLIN);
  assert(!error);
}

PreciseTimer::~PreciseTimer() { loop_.unwatch(timer_.native_handle(), *this); }

// Zero would switch the descriptor off.
void PreciseTimer::set(Duration after) {
  is_set_ = true;
  set_descriptor(timer_.native_handle(), std::max(after, Duration(1)));
}

// Setting the descriptor, on or off, makes it unreadable again: it need not be read.
void PreciseTimer::on_ready(std::uint32_t) {
  is_set_ = false;
  on_time_();
  if (!is_set_) set_descriptor(timer_.native_handle(), Duration());
}

}  // namespace mqtt::net
