#include "tools/mq-bench/plan_basic.hpp"

#include <fmt/format.h>

#include "libmqtt/codec/topic.hpp"
#include "tools/mq-bench/churn.hpp"
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

/// A filter that matches all levels of the topic but the last. Which of them are wildcards differs
/// with the number, so that each goes another way through the broker's tree.
std::string decoy(std::string_view topic, std::uint32_t subscriber, std::uint32_t number) {
  std::string filter;
  for (std::uint32_t level = 0;; ++level) {
    const std::size_t slash = topic.find('/');
    if (slash == std::string_view::npos) break;
    filter += (number >> (level % 16) & 1U) != 0 ? std::string_view("+") : topic.substr(0, slash);
    filter += '/';
    topic.remove_prefix(slash + 1);
  }
  return filter + fmt::format("decoy-{}-{}", subscriber, number);
}

}  // namespace

Plan::Census PairPlan::census() const {
  const std::uint32_t pairs = options().clients;
  return {.publishers = pairs, .subscribers = pairs, .receivers = pairs};
}

std::vector<std::string> PairPlan::filters(std::uint32_t index) const {
  const std::string own = topic(index);
  std::vector<std::string> filters{options().filter ? expand(*options().filter, index) : own};
  for (std::uint32_t i = 0; i < options().decoys; ++i) filters.push_back(decoy(own, index, i));
  return filters;
}

std::unique_ptr<Activity> PairPlan::activity(Crew& crew) const { return messages(options(), crew); }

std::unique_ptr<Activity> PubPlan::activity(Crew& crew) const { return messages(options(), crew); }

// The members of a group stay together, since only together they show what is missing; as a group
// of its own in each shard.
bool SubPlan::is_shared() const { return mqtt::is_shared(topic(0)); }

Plan::Census SubPlan::census() const {
  return {.subscribers = options().clients,
          .receivers = is_shared() ? options().shards.count : options().clients};
}

std::uint32_t SubPlan::receiver_of(std::uint32_t subscriber) const {
  return is_shared() ? subscriber % options().shards.count : subscriber;
}

std::unique_ptr<Activity> SubPlan::activity(Crew&) const { return std::make_unique<Waiting>(); }

void ConnPlan::equip(Role, std::uint32_t, mqtt::client::ClientOptions& client) const {
  // One that leaves by the schedule is to come back; one that is cut off is not held.
  client.reconnect = options().churn.has_value();
}

std::unique_ptr<Activity> ConnPlan::activity(Crew& crew) const {
  if (options().churn) return std::make_unique<Churn>(crew, *options().churn);
  return std::make_unique<Waiting>();
}

}  // namespace mq_bench
