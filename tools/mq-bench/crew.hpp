#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "libmqtt/net/loop.hpp"
#include "libmqtt/net/precise_timer.hpp"
#include "tools/mq-bench/echo.hpp"
#include "tools/mq-bench/foreign_inbox.hpp"
#include "tools/mq-bench/payload_maker.hpp"
#include "tools/mq-bench/receiver.hpp"
#include "tools/mq-bench/run.hpp"
#include "tools/mq-bench/schedule.hpp"
#include "tools/mq-bench/self_monitor.hpp"
#include "tools/mq-bench/shard_receiver.hpp"

namespace mq_bench {

/// One thread of a run with its share of the clients: a loop, the books, and one timer that wakes
/// for the next due event, and every millisecond besides, which makes it the sampler of the loop's
/// lag too. Crews share nothing but Run: each follows its Orders and tells in its Report when its
/// part of a stage is done.
class Crew final : private mqtt::net::Loop::Flushable {
 public:
  /// Crew number `index` of run.crews.
  Crew(Run& run, std::uint32_t index);
  ~Crew() override;

  /// Blocks until the run is over. `at_beat` is called at every beat, on the same thread.
  void work(std::function<void(TimePoint)> at_beat = {});
  const Report& report() const { return report_; }
  mqtt::net::Loop& loop() { return loop_; }
  TimePoint now() const { return run_.clock(loop_); }

  // For the activity.
  const Run& run() const { return run_; }
  std::uint32_t index() const { return index_; }
  /// Publisher number p of the run is, if it lives here, number p / run().crews of these.
  std::vector<std::unique_ptr<Publisher>>& publishers() { return publishers_; }
  std::vector<std::unique_ptr<Subscriber>>& subscribers() { return subscribers_; }
  std::vector<std::unique_ptr<Connection>>& holders() { return holders_; }
  Ledger& ledger() { return ledger_; }
  /// For clients of the activity's own.
  Context context() { return {ledger_, loop_, run_.clock, this}; }
  TimePoint load_start() const { return run_.orders.load_start; }
  TimePoint load_end() const { return ledger_.window_end(); }
  /// A message of one of publishers() is due.
  void offer(Publisher& publisher, TimePoint due);

  // When all crews have ended: each of all crews, before the next of any.
  void note_arrivals();
  void settle_publishers();
  void settle_receivers();
  /// The crew's part of the result.
  Result& result() { return result_; }

 private:
  struct Turn {
    Connection* connection;
    std::uint64_t order;  ///< Of connecting, among all clients of the run.
  };

  void hire();
  void hire_subscribers();
  void hire_echoes();
  void hire_publishers();
  void hire_holders();
  Subscriber::Inbox& inbox_of(std::uint32_t receiver);
  ShardReceiver& shard_receiver(std::uint32_t number);
  std::vector<mqtt::Bytes> topics_of(std::uint32_t publisher) const;
  std::vector<mqtt::TopicRequest> requests(const std::vector<std::string>& filters) const;
  void hire(std::unique_ptr<Subscriber> subscriber, std::uint64_t order);
  bool is_home_of(std::uint32_t number) const { return number % run_.crews == index_; }

  void flush() override;
  void arm(TimePoint at);
  void keep_series(TimePoint now);
  void tick();
  void follow(Stage stage, TimePoint now);
  TimePoint step(TimePoint now);
  void begin_connecting(TimePoint start);
  TimePoint connect(TimePoint now);
  void subscribe();
  void probe(TimePoint now);
  void probe_other_shards(TimePoint now);
  TimePoint load(TimePoint now);
  void drain();
  void begin_close(TimePoint now);
  bool is_closed_down(TimePoint now) const;

  void begin_load();
  void look_after_publishers(TimePoint now);
  void watch_self(TimePoint now);
  void end_measurement(TimePoint now);
  void close_books(TimePoint now);
  bool are_receivers_complete();
  void tell_what_was_sent();
  bool is_deserted() const;

  Run& run_;
  const std::uint32_t index_;
  mqtt::net::Loop loop_;
  Result result_;
  Ledger ledger_{result_};
  Report report_;
  std::function<void(TimePoint)> at_beat_;
  PayloadMaker payloads_;
  std::unique_ptr<ForeignInbox> foreign_inbox_;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::map<std::uint32_t, std::unique_ptr<ShardReceiver>> shard_receivers_;
  std::vector<std::unique_ptr<Echo>> echoes_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::vector<std::unique_ptr<Connection>> holders_;
  std::vector<Turn> turns_;  ///< All of them, in the order of connecting.

  mqtt::net::PreciseTimer timer_{loop_, [this] { tick(); }};
  TimePoint expected_;  ///< When the timer is to fire.
  Stage stage_ = Stage::connect;
  std::optional<Schedule> connecting_;
  std::size_t started_ = 0;  ///< Of turns_.
  TimePoint next_probes_;
  std::uint32_t probe_round_ = 0;
  TimePoint probed_for_;  ///< The start of the load as it was known at the last probes.
  std::size_t next_prober_ = 0;
  std::unique_ptr<Activity> activity_;
  std::uint64_t offered_ = 0;       ///< Messages, ever.
  std::vector<Publisher*> unsent_;  ///< Those that had unsent messages when last looked at.
  bool looked_twice_ = false;
  std::size_t next_watched_ = 0;         ///< Of publishers_.
  std::size_t finished_publishers_ = 0;  ///< In the drain: up to here.
  std::size_t complete_receivers_ = 0;
  TimePoint close_at_;  ///< The connections; the books are closed before.
  bool is_closing_ = false;
  TimePoint close_limit_;
  SelfMonitor monitor_;
  TimePoint next_memory_look_;
  Board::Sheet* sheet_ = nullptr;
};

}  // namespace mq_bench
