#include "tools/mq-bench/plan_retained.hpp"

#include <fmt/format.h>

#include <utility>

namespace mq_bench {
namespace {
/// Messages offered in one go; then the connections get their turn.
constexpr int kMostOffersATurn = 1'024;
}  // namespace

Plan::Census RetainedPlan::census() const {
  return {.publishers = 1, .receivers = options().subscribers, .latecomers = options().subscribers};
}

std::string RetainedPlan::pattern() const {
  return options().topic.value_or(fmt::format("mq-bench/{}/%i", run_id()));
}

std::vector<std::string> RetainedPlan::topics(std::uint32_t) const {
  std::vector<std::string> topics;
  for (std::uint32_t i = 0; i < options().topics; ++i) topics.push_back(expand(pattern(), i));
  return topics;
}

std::string RetainedPlan::filter() const { return as_filter(pattern()); }

// Leaving the messages comes before the warm-up, as a ramp does.
Plan::Timing RetainedPlan::timing() const {
  const Rate rate = options().total_rate();
  const auto fill = multiply_divide(options().topics,
                                    static_cast<std::uint64_t>(rate.period.count()), rate.count);
  return {Duration(static_cast<std::int64_t>(fill)) + options().warmup, options().duration};
}

std::unique_ptr<Activity> RetainedPlan::activity(Crew& crew) const {
  return std::make_unique<RetainedLoad>(crew, filter());
}

RetainedLoad::RetainedLoad(Crew& crew, std::string filter)
    : crew_(crew),
      topics_(crew.run().options.topics),
      schedule_(crew.load_start(), crew.run().options.total_rate(), 1),
      audience_(
          crew,
          {.members = Audience::share_of(crew), .filter = std::move(filter), .items = topics_}) {}

TimePoint RetainedLoad::fill(TimePoint now) {
  Publisher& publisher = *crew_.publishers().front();
  for (int i = 0; i < kMostOffersATurn && offered_ < topics_ && schedule_.next().due <= now;
       ++i, ++offered_, schedule_.advance()) {
    crew_.offer(publisher, schedule_.next().due);
  }
  return offered_ < topics_ ? schedule_.next().due : mqtt::kNever;
}

bool RetainedLoad::is_filled() const {
  return crew_.publishers().empty() ||
         (offered_ == topics_ && crew_.publishers().front()->is_finished());
}

// What others still want must not be removed: only the end of the drain is late enough for all.
bool RetainedLoad::is_complete() const {
  const bool is_alone = crew_.run().options.shards.count == 1;
  return (is_alone || crew_.publishers().empty()) && audience_.is_complete();
}

// The audience waits for the acknowledgements: what the broker has not taken yet it cannot retain.
TimePoint RetainedLoad::step(TimePoint now) {
  if (!crew_.publishers().empty()) {
    const TimePoint next = fill(now);
    if (offered_ < topics_) return next;
  }
  const bool is_time = now >= crew_.ledger().window_start();
  if (!is_open_ && is_time && is_filled()) {
    is_open_ = true;
    audience_.invite(now);
  }
  return audience_.step(now);
}

void RetainedLoad::close() {
  audience_.stop();
  for (const auto& publisher : crew_.publishers()) publisher->remove_retained();
}

}  // namespace mq_bench
