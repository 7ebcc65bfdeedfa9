#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tools/mq-bench/flow.hpp"
#include "tools/mq-bench/ledger.hpp"
#include "tools/mq-bench/payload.hpp"
#include "tools/mq-bench/plan.hpp"
#include "tools/mq-bench/publisher.hpp"
#include "tools/mq-bench/subscriber.hpp"

namespace mq_bench {

/// Somebody who is owed every message of some publishers of this run once: a subscriber, or all
/// members of a shared subscription together. Accounts for what comes. Lives on the thread of its
/// subscribers; the publishers may live elsewhere.
class Receiver final : public Subscriber::Inbox {
 public:
  /// `senders`: of all publishers of the run, by their number; `expected`: those it is owed from.
  Receiver(Ledger& ledger, const LoadOptions& load, std::span<Sender> senders, SenderSet expected);

  void add(Subscriber& member) { members_.push_back(&member); }
  /// It is the only receiver of its only publisher, and on the same thread: so it can be told how
  /// long messages were on the way since they left.
  void know_send_times() {
    knows_send_times_ = true;
    sender_at(0).keep_times();
  }
  void on_message(Subscriber& member, const mqtt::Publish& publish, TimePoint now) override;
  void on_live(Subscriber& member, bool is_live) override;

  /// Asks a publisher for a probe, another one each round, unless all members are proven.
  void ask_probe(std::uint32_t round);
  /// Everything has come that is going to be sent.
  bool is_complete();

  // At the end, when all threads have ended: first of all receivers, then of all publishers, then:
  void note_arrivals();
  void settle(TimePoint now);

 private:
  Sender& sender_at(std::size_t place) {
    return senders_[expected_.at(static_cast<std::uint32_t>(place))];
  }
  void on_arrival(Subscriber& member, const PayloadHeader& header, std::uint32_t place,
                  mqtt::Qos qos, TimePoint now);
  void note_service(Sender& sender, std::uint64_t sequence, TimePoint now);
  void prove(Subscriber& proven);

  Ledger& ledger_;
  const LoadOptions& load_;
  std::span<Sender> senders_;
  SenderSet expected_;
  std::vector<Flow> flows_;  ///< By their place in expected_.
  std::vector<Subscriber*> members_;
  bool knows_send_times_ = false;
  std::uint32_t live_members_ = 0;
  std::uint32_t complete_ = 0;  ///< Flows up to here are complete.
};

}  // namespace mq_bench
