#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "tools/mq-bench/board.hpp"
#include "tools/mq-bench/client_recipe.hpp"
#include "tools/mq-bench/connection.hpp"
#include "tools/mq-bench/event_log.hpp"
#include "tools/mq-bench/plan.hpp"
#include "tools/mq-bench/publisher.hpp"
#include "tools/mq-bench/sender.hpp"

namespace mq_bench {

/// What a run goes through, each crew in step with the others.
enum class Stage : std::uint8_t {
  connect,
  subscribe,
  probe,
  load,
  drain,
  close,
  abandon,  ///< Everything stops where it is.
};

/// What the crews are told. They look at every beat (1 ms): whoever writes sets the stage last.
struct Orders {
  std::atomic<Stage> stage{Stage::connect};
  std::atomic<TimePoint> connect_start{};  ///< kNever: not known yet.
  std::atomic<TimePoint> load_start{};
  std::atomic<TimePoint> measure_start{};
  std::atomic<TimePoint> load_end{};  ///< No message is due from here on; may become earlier.
};

/// What a crew tells, for everybody to read.
struct alignas(64) Report {
  static constexpr int kNothing = -1;
  std::atomic<int> done{kNothing};      ///< The last stage whose part here is done.
  std::atomic<bool> is_deserted{};      ///< None of its clients is connected or will be.
  std::atomic<std::uint64_t> proven{};  ///< Subscriptions.
  void finish(Stage stage) { done.store(static_cast<int>(stage), std::memory_order_release); }
  bool has_finished(Stage stage) const {
    return done.load(std::memory_order_acquire) >= static_cast<int>(stage);
  }
};

/// Where a run shows what happens in it while it goes on; none of them: nobody wants to know.
struct Watchers {
  Board* board = nullptr;
  EventLog* events = nullptr;
};

/// What all crews of a run have in common; apart from the atomics in it nothing changes while they
/// work.
struct Run {
  const Options& options;
  const Plan& plan;
  const ClientRecipe& recipe;
  LoadOptions load;
  Clock clock = time_of;
  Watchers watchers = {};
  /// Of all shards, as many each as here: crew c of shard i is number i + c * shards.
  std::uint32_t crews = 1;
  /// What is published to a subscriber that is offline is owed to it.
  bool keeps_sessions() const {
    return options.link.session > Duration() && load.qos != mqtt::Qos::at_most_once;
  }
  std::vector<Sender> senders;  ///< Of each publisher, by its number.
  Orders orders;
};

}  // namespace mq_bench
