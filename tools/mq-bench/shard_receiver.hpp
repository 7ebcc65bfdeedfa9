#pragma once

#include <cstdint>
#include <vector>

#include "tools/mq-bench/ledger.hpp"
#include "tools/mq-bench/plan.hpp"
#include "tools/mq-bench/publisher.hpp"
#include "tools/mq-bench/subscriber.hpp"
#include "tools/mq-bench/tracker.hpp"

namespace mq_bench {

/// A receiver of a run in several shards, owed every message of publishers that may live in other
/// ones, or the members here of a group that has others elsewhere. It notes what came; what was
/// lost shows when the results of all shards are put together. All share a clock, or have one that
/// is vouched for.
class ShardReceiver final : public Subscriber::Inbox {
 public:
  struct Setting {
    std::uint32_t number = 0;
    SenderSet expected = {};
    bool is_group = false;
  };
  ShardReceiver(Ledger& ledger, const LoadOptions& load, const Setting& setting);

  void on_message(Subscriber& member, const mqtt::Publish& publish, TimePoint now) override;
  void on_live(Subscriber& member, bool is_live) override;
  /// At the end.
  void settle();

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  /// What comes from one publisher. The members of a group here get every few numbers: as gaps
  /// they would be too many to remember, and their order means nothing.
  struct Flow {
    SequenceTracker tracker;
    RangeSet came;  ///< Of a group, in place of the tracker.
    RangeSet excused;
    std::uint64_t paused_at = kNone;  ///< What is numbered from here on may be owed to nobody.
  };

  SequenceTracker::Arrival arrived(Flow& flow, std::uint64_t sequence);
  bool has_arrived(const Flow& flow, std::uint64_t sequence) const;

  Ledger& ledger_;
  const LoadOptions& load_;
  const Setting setting_;
  std::vector<Flow> flows_;  ///< By their place in the setting's `expected`.
  bool is_live_ = false;
};

}  // namespace mq_bench
