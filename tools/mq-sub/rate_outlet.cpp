#include "tools/mq-sub/rate_outlet.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <system_error>
#include <utility>

namespace mq_sub {

RateOutlet::RateOutlet(mqtt::net::Loop& loop, int output, Outlet::Handler& handler)
    : handler_(handler), printer_(loop, output, *this), second_(loop.context()) {
  second_.expires_after(std::chrono::seconds(0));
  start_second();
}

void RateOutlet::start_second() {
  second_.expires_at(second_.expiry() + std::chrono::seconds(1));
  second_.async_wait([this](std::error_code aborted) {
    if (!aborted) print();
  });
}

void RateOutlet::print() {
  fmt::format_to(std::back_inserter(printer_.text()), "{} msgs/s\n",
                 taken_ - std::exchange(told_, taken_));
  printer_.wake();
  start_second();
}

}  // namespace mq_sub
