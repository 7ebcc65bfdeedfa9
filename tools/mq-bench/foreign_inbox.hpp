#pragma once

#include <cstdint>
#include <map>
#include <tuple>

#include "tools/mq-bench/ledger.hpp"
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
  Stream* find_stream(const Source& source, std::uint32_t sequence);

  Ledger& ledger_;
  Options options_;
  std::map<Source, Stream> streams_;
};

}  // namespace mq_bench
