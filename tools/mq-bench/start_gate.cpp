#include "tools/mq-bench/start_gate.hpp"

#include "tools/mq-bench/environment.hpp"

namespace mq_bench {
namespace {
/// Schedulers may need long to start the last shard, but nobody should wait for ever.
constexpr Duration kPatience = std::chrono::minutes(10);
}  // namespace

StartGate::StartGate(mqtt::net::Loop& loop, const Options& options, const std::string& run_id) {
  if (options.start_at) start_at_ = TimePoint(*options.start_at - read_clock_offset());
  if (!options.barrier) return;
  barrier_ = std::make_unique<Barrier>(loop, cli::client_options(*options.barrier), run_id,
                                       options.shards);
  barrier_->start();
}

std::optional<TimePoint> StartGate::arrive(TimePoint now) {
  if (!barrier_) return start_at_.value_or(now);
  if (!arrived_) arrived_ = now;
  barrier_->arrive();
  return barrier_->opens();
}

std::string StartGate::failure(TimePoint now) const {
  if (!barrier_) return {};
  if (!barrier_->failure().empty()) return barrier_->failure();
  if (arrived_ && !barrier_->opens() && now - *arrived_ > kPatience)
    return "the other shards did not come within 10 minutes";
  return {};
}

void StartGate::leave() {
  if (barrier_) barrier_->leave();
}

}  // namespace mq_bench
