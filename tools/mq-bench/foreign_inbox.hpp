#pragma once

#include <cstdint>
#include <map>
#include <tuple>

#include "tools/mq-bench/ledger.hpp"
#include "tools/mq-bench/payload.hpp"
#include "tools/mq-bench/subscriber.hpp"
#include "tools/mq-bench/tracker.hpp"

namespace mq_bench {

/// Accounts for what subscribers receive from publishers elsewhere, of which nothing is known but
/// what their messages say: gaps between the lowest and the highest number seen are losses. Without
/// a shared clock a message belongs to the measure phase by its arrival, and has no latency.
class ForeignInbox final : public Subscriber::Inbox {
 public:
  struct Options {
    std::uint16_t run_tag = 0;
    bool shares_clock = false;  ///< Messages with run_tag were stamped by a clock we know: ours ...
    Duration clock_offset{};    ///< ... with this added.
    bool is_shared = false;     ///< A shared subscription: the subscribers are one receiver ...
    bool is_divided = false;    ///< ... with members in other shards.
    /// The publishers are in other shards of this run: a probe proves a subscription and tells by
    /// which clock they go, and all messages are noted, since merge knows which of them are due.
    bool is_split = false;
    TimePoint clock_mark = {};  ///< What a probe by a clock we know has in place of its time.
  };
  ForeignInbox(Ledger& ledger, Options options) : ledger_(ledger), options_(options) {}

  void on_message(Subscriber& receiver, const mqtt::Publish& publish, TimePoint now) override;
  void on_live(Subscriber& receiver, bool is_live) override;
  /// Adds expected and lost messages to the books.
  void settle();

 private:
  struct Source {
    std::uint32_t receiver = 0;
    std::uint16_t run_tag = 0;
    std::uint32_t publisher = 0;
    friend bool operator<(const Source& a, const Source& b) {
      return std::tie(a.receiver, a.run_tag, a.publisher) <
             std::tie(b.receiver, b.run_tag, b.publisher);
    }
  };
  struct Stream {
    SequenceTracker tracker;
    std::uint64_t lowest = 0;
  };
  void on_probe(Subscriber& receiver, const PayloadHeader& probe);
  Stream* find_stream(const Source& source, std::uint32_t sequence);

  Ledger& ledger_;
  Options options_;
  bool knows_clock_ = options_.shares_clock;
  std::map<Source, Stream> streams_;
};

}  // namespace mq_bench
