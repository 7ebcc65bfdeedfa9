#include "tools/mq-bench/division.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mq_bench {
namespace {

/// As many shards as that can have something to do.
std::uint32_t most_shards(const Options& options) {
  switch (options.mode()) {
    case Mode::fanout:
    case Mode::fanin:
      return std::max(options.publishers, options.subscribers);
    case Mode::retained:
      return options.subscribers;
    default:
      return options.clients;
  }
}

}  // namespace

cli::Complaint check_division(const Options& options) {
  const std::uint32_t shards = options.shards.count;
  if (options.clock_bound > mqtt::Duration() && options.is_fan() && !options.crosses_shards())
    return "--clock-bound: has no meaning where no message goes from one shard to another";
  if (shards < 2) return {};
  if (!options.run_id) return "--shard: needs a --run-id, the same for all shards";
  if (const std::uint32_t most = most_shards(options); shards > most)
    return fmt::format("--shard: {} clients are not enough for {} shards", most, shards);
  if (options.mode() == Mode::wills && options.topic && !options.topic->contains("%g"))
    return "-t: in several shards the topic needs %g, the shard's number";
  const bool is_common = options.crosses_shards() || options.mode() == Mode::retained;
  if (is_common && !options.barrier && !options.start_at) {
    return fmt::format(
        "--shard: {} needs --barrier or --start-at: all must be there before the first message",
        name(options.mode()));
  }
  return {};
}

}  // namespace mq_bench
