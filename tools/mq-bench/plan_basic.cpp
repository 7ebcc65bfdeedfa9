#include "tools/mq-bench/plan_basic.hpp"

#include "libmqtt/codec/topic.hpp"
#include "tools/mq-bench/closed_load.hpp"
#include "tools/mq-bench/message_load.hpp"

namespace mq_bench {
namespace {

/// Nothing is done; what comes, comes.
class Waiting final : public Activity {
 public:
  TimePoint step(TimePoint) override { return mqtt::kNever; }
};

std::unique_ptr<Activity> messages(const Options& options, Crew& crew) {
  if (options.is_closed_loop) return std::make_unique<ClosedLoad>(crew);
  return std::make_unique<MessageLoad>(crew);
}

}  // namespace

Plan::Census PairPlan::census() const {
  const std::uint32_t pairs = options().clients;
  return {.publishers = pairs, .subscribers = pairs, .receivers = pairs};
}

std::unique_ptr<Activity> PairPlan::activity(Crew& crew) const { return messages(options(), crew); }

std::unique_ptr<Activity> PubPlan::activity(Crew& crew) const { return messages(options(), crew); }

// The members of a group stay together, since only together they show what is missing.
bool SubPlan::is_shared() const { return mqtt::is_shared(topic(0)); }

Plan::Census SubPlan::census() const {
  return {.subscribers = options().clients, .receivers = is_shared() ? 1 : options().clients};
}

std::uint32_t SubPlan::receiver_of(std::uint32_t subscriber) const {
  return is_shared() ? 0 : subscriber;
}

std::unique_ptr<Activity> SubPlan::activity(Crew&) const { return std::make_unique<Waiting>(); }

void ConnPlan::equip(Role, std::uint32_t, mqtt::client::ClientOptions& client) const {
  client.reconnect = false;
}

std::unique_ptr<Activity> ConnPlan::activity(Crew&) const { return std::make_unique<Waiting>(); }

}  // namespace mq_bench
