#include "libmqtt/client/backoff.hpp"

#include <algorithm>

namespace mqtt::client {

Backoff::Backoff(BackoffOptions options, std::uint32_t seed)
    : options_(options), random_(seed != 0 ? seed : 1) {}

Duration Backoff::next() {
  if (delay_ == Duration::zero()) {
    delay_ = std::min(options_.first, options_.most);
  } else {
    delay_ = delay_ > options_.most / 2 ? options_.most : delay_ * 2;
  }
  random_ ^= random_ << 13;  // xorshift32: enough to tell clients apart.
  random_ ^= random_ >> 17;
  random_ ^= random_ << 5;
  const double share = options_.jitter * static_cast<double>(random_) / 4294967296.0;
  const Duration longer(static_cast<Duration::rep>(static_cast<double>(delay_.count()) * share));
  return std::min(delay_ + longer, options_.most);
}

void Backoff::reset() { delay_ = Duration::zero(); }

}  // namespace mqtt::client
