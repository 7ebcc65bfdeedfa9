/// What a match costs, and what a filter takes. `topic_tree_bench [FILTERS...]`, else 1k, 100k and
/// 1M. Eight filters in ten are exact, one ends in '#', one has a '+'. hot: 100 topics again and
/// again, from the cache. fresh: the same topics, each just after a change that concerns it. cold:
/// so many topics at random that the cache is of no use.
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "libmqtt/broker/topic_tree.hpp"

namespace {

using mqtt::broker::TopicTree;

std::string topic_of(std::uint32_t number) {
  return "plant/" + std::to_string(number % 50) + "/line/" + std::to_string(number / 50 % 200) +
         "/sensor/" + std::to_string(number) + "/value";
}

std::string filter_of(std::uint32_t number) {
  const std::string sensor = std::to_string(number);
  if (number % 10 == 8) return "plant/" + std::to_string(number % 50) + "/+/+/sensor/" + sensor;
  if (number % 10 == 9) return "plant/" + std::to_string(number % 50) + "/line/" + sensor + "/#";
  return topic_of(number);
}

mqtt::broker::Subscription subscription_of(std::uint32_t number) {
  return {
      .session = {.shard = 0, .generation = 1, .index = number}, .options = {}, .identifier = 0};
}

std::size_t heap_in_use() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Nanoseconds per round of `work(round)`.
template <class Work>
double time_of(std::size_t rounds, Work work) {
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t round = 0; round < rounds; ++round) work(round);
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
  return spent.count() / static_cast<double>(rounds);
}

void measure(std::uint32_t filters) {
  std::mt19937 engine(1);
  std::vector<std::string> names;
  for (std::uint32_t n = 0; n < filters; ++n) names.push_back(filter_of(n));
  std::vector<std::string> topics;
  for (std::uint32_t n = 0; n < 200'000; ++n)
    topics.push_back(topic_of(static_cast<std::uint32_t>(engine()) % (filters + 200'000)));

  const std::size_t before = heap_in_use();
  TopicTree tree(1);
  const double add = time_of(filters, [&](std::size_t n) {
    tree.add(names[n], subscription_of(static_cast<std::uint32_t>(n)));
  });
  const double bytes = static_cast<double>(heap_in_use() - before) / filters;

  std::size_t matched = 0;
  const auto match = [&](std::size_t n) { matched += tree.match(topics[n]).matches.size(); };
  const double cold = time_of(topics.size(), match);
  for (std::size_t n = 0; n < 100; ++n) match(n);
  const double hot = time_of(5'000'000, [&](std::size_t n) { match(n % 100); });
  const double fresh = time_of(100'000, [&](std::size_t n) {
    tree.add("nowhere/+", subscription_of(0));
    match(n % 100);
  });
  const double remove = time_of(filters, [&](std::size_t n) {
    tree.remove(names[n], {.shard = 0, .generation = 1, .index = static_cast<std::uint32_t>(n)});
  });
  std::printf(
      "%8u filters: %6.1f ns hot, %7.1f ns fresh, %7.1f ns cold, %6.1f B a filter, "
      "add %6.1f ns, remove %6.1f ns (%zu matched)\n",
      filters, hot, fresh, cold, bytes, add, remove, matched);
}

/// One topic with many subscribers: a walk over the cached list, and what building it costs.
void measure_fan_out(std::uint32_t sessions) {
  TopicTree tree(1);
  const double add = time_of(sessions, [&](std::size_t n) {
    tree.add("a/b/c", subscription_of(static_cast<std::uint32_t>(n)));
  });
  std::size_t sum = 0;
  const auto walk = [&](std::size_t) {
    for (const auto& match : tree.match("a/b/c").matches) sum += match.session.index;
  };
  const double hot = time_of(100'000'000 / (sessions + 1'000), walk);
  const double fresh = time_of(1'000, [&](std::size_t n) {
    tree.add("a/b/+", subscription_of(static_cast<std::uint32_t>(n % sessions)));
    walk(n);
  });
  std::printf(
      "%8u sessions on one topic: %.2f ns each hot, %.2f ns each when merged anew, add %.1f ns"
      " (%zu)\n",
      sessions, hot / sessions, fresh / sessions, add, sum);
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<std::uint32_t> sizes;
  for (int i = 1; i < count; ++i)
    sizes.push_back(static_cast<std::uint32_t>(std::atoi(arguments[i])));
  if (sizes.empty()) sizes = {1'000, 100'000, 1'000'000};
  for (const std::uint32_t sessions : {100U, 10'000U}) measure_fan_out(sessions);
  for (const std::uint32_t filters : sizes) measure(filters);
}
