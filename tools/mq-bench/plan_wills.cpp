#include "tools/mq-bench/plan_wills.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tools/mq-bench/environment.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
WillsPlan::WillsPlan(const Options& options, std::string run_id)
    : Plan(options, std::move(run_id)),
      run_tag_(mq_bench::run_tag(Plan::run_id(), read_environment())) {}

Plan::Census WillsPlan::census() const {
  // Somebody has to hear the wills of each shard.
  const std::uint32_t subscribers = std::max(options().subscribers, options().shards.count);
  return {.receivers = subscribers, .holders = options().clients, .latecomers = subscribers};
}

void WillsPlan::equip(Role role, std::uint32_t index, mqtt::client::ClientOptions& client) const {
  if (role != Role::holder) return;
  std::array<std::byte, PayloadHeader::kSize> payload{};
  encode({run_tag_, index, 0}, payload);
  mqtt::Will will;
  will.topic = mqtt::Bytes::copy(expand(pattern(index % options().shards.count), index));
  will.payload = mqtt::Bytes::copy(payload);
  will.qos = static_cast<mqtt::Qos>(options().qos);
  client.session.connect.will = std::move(will);
}

std::string WillsPlan::pattern(std::uint32_t shard) const {
  const bool is_whole = options().shards.count == 1;
  const std::string pattern =
      options().topic.value_or(fmt::format("mq-bench/{}/{}%i", run_id(), is_whole ? "" : "%g/"));
  return replaced(pattern, "%g", std::to_string(shard));
}

std::unique_ptr<Activity> WillsPlan::activity(Crew& crew) const {
  return std::make_unique<Wills>(crew, as_filter(pattern(options().shards.given.front())));
}

Wills::Wills(Crew& crew, std::string filter)
    : crew_(crew),
      audience_(crew, {.members = Audience::share_of(crew),
                       .filter = std::move(filter),
                       .items = crew.run().options.clients,
                       .by_publisher = true}) {
  // Those of other shards are not owed here.
  for (std::uint32_t i = 0; i < crew.run().options.clients; ++i) {
    if (i % crew.run().crews != crew.index()) audience_.excuse(i);
  }
  audience_.invite(crew.now());
}

// A will counts from when all are cut off by the plan, not from when each has been.
void Wills::strike() {
  has_struck_ = true;
  audience_.set_due(crew_.now());
  for (std::uint32_t i = 0; i < crew_.holders().size(); ++i) {
    if (!crew_.holders()[i]->cut()) audience_.excuse(crew_.index() + i * crew_.run().crews);
  }
}

TimePoint Wills::step(TimePoint now) {
  const TimePoint next = audience_.step(now);
  const TimePoint due = crew_.ledger().window_start();
  if (has_struck_ || now >= crew_.load_end()) return next;
  if (now < due) return std::min(next, due);
  if (audience_.are_all_live()) strike();
  return next;
}

}  // namespace mq_bench
