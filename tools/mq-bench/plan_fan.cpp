#include "tools/mq-bench/plan_fan.hpp"

#include <fmt/format.h>

#include "tools/mq-bench/message_load.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
Plan::Census FanoutPlan::census() const {
  return {.publishers = options().publishers,
          .subscribers = options().subscribers,
          .receivers = options().subscribers};
}

std::vector<std::string> FanoutPlan::filters(std::uint32_t) const {
  const std::string pattern = options().topic.value_or(fmt::format("mq-bench/{}/%i", run_id()));
  return {as_filter(pattern)};
}

SenderSet FanoutPlan::senders_of(std::uint32_t) const { return {0, options().publishers}; }

double FanoutPlan::messages_per_second() const {
  return (1.0 + options().subscribers) * options().total_rate().per_second();
}

std::unique_ptr<Activity> FanoutPlan::activity(Crew& crew) const {
  return std::make_unique<MessageLoad>(crew);
}

Plan::Census FaninPlan::census() const {
  return {.publishers = options().publishers,
          .subscribers = options().subscribers,
          .receivers = receivers()};
}

std::string FaninPlan::pattern() const {
  return options().topic.value_or(fmt::format("mq-bench/{}/%g/%i", run_id()));
}

std::string FaninPlan::topic(std::uint32_t index) const {
  const std::string own = replaced(pattern(), "%g", std::to_string(index % receivers()));
  return expand(own, index);
}

std::vector<std::string> FaninPlan::filters(std::uint32_t index) const {
  const std::string own = replaced(pattern(), "%g", std::to_string(receiver_of(index)));
  const std::string filter = as_filter(own);
  if (!options().share) return {filter};
  return {fmt::format("$share/{}/{}", *options().share, filter)};
}

// Receivers take the publishers in turn; those that are first get one more when it does not divide.
SenderSet FaninPlan::senders_of(std::uint32_t receiver) const {
  const std::uint32_t step = receivers();
  return {receiver, (options().publishers - receiver + step - 1) / step, step};
}

std::unique_ptr<Activity> FaninPlan::activity(Crew& crew) const {
  return std::make_unique<MessageLoad>(crew);
}

cli::Complaint FaninPlan::check(const Options& options) {
  if (options.members && !options.share) return "--members: needs --share";
  const std::uint32_t count = options.fanin_receivers();
  if (options.publishers < count)
    return fmt::format("--pub: each of the {} receivers needs a publisher", count);
  if (options.topic && count > 1 && !options.topic->contains("%g"))
    return "-t: with more than one receiver the topic needs %g, the receiver's number";
  return {};
}

}  // namespace mq_bench
