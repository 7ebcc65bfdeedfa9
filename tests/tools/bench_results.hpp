#pragma once

#include <chrono>

#include "tools/mq-bench/result.hpp"

namespace support {

/// A pair run as it should be: 10,000 messages, each 2 ms on its way.
inline mq_bench::Result good_result() {
  using namespace std::chrono_literals;
  mq_bench::Result result;
  result.mode = mq_bench::Mode::pair;
  result.run_id = "7f3a";
  result.url = "127.0.0.1:1883";
  result.config = {{"mode", "pair"}};
  result.qos = 1;
  result.size = 128;
  result.publishers = result.receivers = 10;
  result.clients = result.connected = result.online_at_end = 20;
  result.subscriptions = result.subscriptions_proven = 10;
  result.target_rate = 1'000;
  result.warmup = 1s;
  result.measured = 10s;
  result.measure = {
      .scheduled = 10'000, .sent = 10'000, .acked = 10'000, .expected = 10'000, .unique = 10'000};
  result.offered = result.sent = result.received = 10'000;
  for (int i = 0; i < 10'000; ++i) {
    result.metrics.e2e.histogram.record(2ms);
    result.metrics.ack.histogram.record(1ms);
    result.metrics.send_lag.histogram.record(50us);
    result.metrics.own_lag.histogram.record(50us);
  }
  return result;
}

/// The same run, with so many messages that never came.
inline mq_bench::Result with_losses(std::uint64_t lost) {
  using namespace std::chrono_literals;
  mq_bench::Result result = good_result();
  result.measure.unique -= lost;
  result.measure.lost = lost;
  result.losses.add(17, {lost, 20'411});
  mq_bench::Histogram delivered;
  for (std::uint64_t i = 0; i < result.measure.unique; ++i) delivered.record(2ms);
  result.metrics.e2e.histogram = delivered;
  return result;
}

}  // namespace support
