#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/client/client.hpp"
#include "tools/mq-bench/options.hpp"

namespace mq_bench {

class Crew;

/// Some of the publishers of a run: number first, first + stride, ... , `count` of them.
struct SenderSet {
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t stride = 1;

  std::uint32_t at(std::uint32_t place) const { return first + place * stride; }
  /// Where publisher number `publisher` stands in the set; kNone if it does not belong to it.
  std::uint32_t place_of(std::uint32_t publisher) const {
    const std::uint32_t distance = publisher - first;  // Huge for those below `first`.
    if (stride == 1) return distance < count ? distance : kNone;
    return distance % stride == 0 && distance / stride < count ? distance / stride : kNone;
  }
};

/// What one crew does between the start of the load and its end; made for each crew, on whose
/// thread it runs.
class Activity {
 public:
  virtual ~Activity() = default;
  /// Called when the load begins, then at every beat (1 ms) and at the time that it returned last;
  /// in the drain too.
  /// Does what is due by `now`, without blocking, and tells when it has to be called again.
  virtual TimePoint step(TimePoint now) = 0;
  /// Something that was offered has left or was answered.
  virtual void after_flush(TimePoint /*now*/) {}
  /// The time of the load is over, or somebody wants it to be: whether all that was due before
  /// Crew::load_end() is done.
  virtual bool is_done() const { return true; }
  /// While the drain lasts: whether nothing is awaited any more.
  virtual bool is_complete() const { return true; }
  /// Clients of its own that were started.
  virtual std::size_t started() const { return 0; }
  /// The connections are being closed: those of the activity's own too.
  virtual void close() {}
  /// All threads have ended: what is open gets its place in the books.
  virtual void settle() {}
};

/// One mode of mq-bench: which clients there are, what they send and expect, and what happens while
/// the load lasts. Everything else (connecting, subscribing, the probe barrier, drain, books,
/// threads) is the same for all modes and asks the plan.
///
/// To add a mode: derive from Plan in a file of its own (plan_NAME.cpp), overriding what differs,
/// and name it in make_plan(). Add its row to command.cpp and its value to Mode. A mode that does
/// more than to send messages by schedule brings its own Activity.
///
/// A plan is made once and then only read, by all crews at once. Clients are numbered from 0 within
/// their role. Publisher p and holder h live with crew p % crews, a subscriber with its receiver's:
/// receiver r with crew home_of(r) % crews. So what publisher i sends to receiver i never leaves a
/// thread. Only the groups of a run that crosses shards have members with several crews.
class Plan {
 public:
  struct Census {
    std::uint32_t publishers = 0;
    std::uint32_t subscribers = 0;
    std::uint32_t receivers = 0;   ///< Subscribers, or groups of a shared subscription.
    std::uint32_t holders = 0;     ///< Clients that only stay connected.
    std::uint32_t latecomers = 0;  ///< Clients that an activity brings.
    std::uint32_t echoes = 0;      ///< Far ends of a round trip.
    std::uint64_t connections() const {
      return std::uint64_t{publishers} + subscribers + holders + latecomers + echoes;
    }
  };
  enum class Role : char { publisher = 'p', subscriber = 's', holder = 'c', echo = 'e' };
  struct Timing {
    Duration warmup{};
    Duration measure{};
    std::string_view name = "measure";  ///< Of the phase that is measured.
  };

  Plan(const Options& options, std::string run_id)
      : options_(options), run_id_(std::move(run_id)) {}
  virtual ~Plan() = default;

  virtual Census census() const = 0;
  /// What publisher `index` publishes to.
  virtual std::string topic(std::uint32_t index) const;
  /// All that publisher `index` publishes to, in turn.
  virtual std::vector<std::string> topics(std::uint32_t index) const { return {topic(index)}; }
  /// Messages are retained.
  virtual bool retains() const { return false; }
  /// Some activities need all clients on one thread.
  virtual std::uint32_t most_crews() const { return SenderSet::kNone; }
  /// What subscriber `index` subscribes to; one at least.
  virtual std::vector<std::string> filters(std::uint32_t index) const { return {topic(index)}; }
  /// Which receiver a subscriber is, or belongs to.
  virtual std::uint32_t receiver_of(std::uint32_t subscriber) const { return subscriber; }
  /// Whether a receiver is the members of a shared subscription, as far as they are in this shard.
  virtual bool is_group(std::uint32_t /*receiver*/) const { return false; }
  /// Whose messages each receiver expects: all of them, once.
  virtual SenderSet senders_of(std::uint32_t receiver) const { return {receiver, 1}; }
  /// Receiver i is the only one of publisher i: they have a thread in common.
  virtual bool is_paired() const { return false; }
  /// Messages come from publishers that this run knows nothing of: see ForeignInbox.
  virtual bool receives_foreign() const { return false; }
  /// Receivers are owed messages of other shards, or groups have members there: see ShardReceiver.
  virtual bool crosses_shards() const { return false; }
  /// Where it does: so many publishers in a row, by their numbers, reach all receivers that any
  /// reaches.
  virtual std::uint32_t reach() const { return 1; }
  /// Times are taken by one end alone, so that the clock is no part of the messages' tag.
  virtual bool is_clock_free() const { return false; }

  /// A receiver lives with crew home % crews: with the publisher of the same number, mostly.
  virtual std::uint32_t home_of(std::uint32_t receiver) const { return receiver; }
  virtual std::uint32_t home_of_subscriber(std::uint32_t index) const {
    return home_of(receiver_of(index));
  }
  /// The same of what is at the other end from publisher `index`.
  std::uint32_t far_home_of(std::uint32_t index) const {
    return index + (options_.is_split ? 1 : 0);
  }
  /// What echo `index` subscribes to, and where it sends back to what comes.
  virtual std::vector<std::string> echo_filters(std::uint32_t /*index*/) const { return {}; }
  virtual std::string answer_topic(std::uint32_t /*index*/) const { return {}; }

  /// Last changes to how a client connects.
  virtual void equip(Role, std::uint32_t /*index*/, mqtt::client::ClientOptions&) const {}
  virtual Rate connect_rate() const {
    return options_.link.connect_rate.value_or(Rate{1'000, mqtt::Seconds(1)});
  }
  /// Instead of a constant rate; nullptr: none.
  virtual const Ramp* connect_ramp() const { return nullptr; }
  /// Connecting is what is measured: there is no subscribing and no probe, and the generator is
  /// watched from the first connection on.
  virtual bool measures_connecting() const { return false; }

  /// Sent and received together, roughly: how much work the run is.
  virtual double messages_per_second() const { return 0; }
  virtual Timing timing() const { return {options_.time_before_measuring(), options_.duration}; }
  virtual std::unique_ptr<Activity> activity(Crew& crew) const = 0;

 protected:
  const Options& options() const { return options_; }
  const std::string& run_id() const { return run_id_; }

 private:
  const Options& options_;
  std::string run_id_;
};

/// The plan of the mode that was asked for.
std::unique_ptr<Plan> make_plan(const Options& options, const std::string& run_id);

}  // namespace mq_bench
