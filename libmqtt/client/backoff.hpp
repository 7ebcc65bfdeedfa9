#pragma once

#include <cstdint>

#include "libmqtt/base/time.hpp"

namespace mqtt::client {

struct BackoffOptions {
  Duration first = Seconds(1);
  Duration most = Seconds(60);
  double jitter =
      0.25;  ///< Each delay is lengthened by up to this fraction, so that clients spread.
};

/// Delays between connection attempts: doubling from `first` to `most`, with jitter; never above
/// `most`.
class Backoff {
 public:
  explicit Backoff(BackoffOptions options, std::uint32_t seed);
  Duration next();
  /// A connection was established: begin again at `first`.
  void reset();

 private:
  BackoffOptions options_;
  std::uint32_t random_;
  Duration delay_{};  ///< The last one, before jitter; zero to begin with.
};

}  // namespace mqtt::client
