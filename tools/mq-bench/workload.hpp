#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "libmqtt/net/loop.hpp"
#include "libmqtt/net/stop_signal.hpp"
#include "tools/mq-bench/environment.hpp"
#include "tools/mq-bench/inbox.hpp"
#include "tools/mq-bench/options.hpp"
#include "tools/mq-bench/schedule.hpp"
#include "tools/mq-bench/self_monitor.hpp"

namespace mq_bench {

/// One run from the first connection to the last: connect, subscribe, probe, load (warm-up and
/// measurement) or hold, drain, close. All clients share one loop and one timer: it wakes for the
/// next due event, and every millisecond besides, which makes it the sampler of the loop's lag too.
class Workload final : private mqtt::net::Loop::Flushable {
 public:
  Workload(const Options& options, const Environment& environment, Clock clock = time_of);
  ~Workload() override;

  /// Blocks until the run is over or a second signal came.
  Result run();

 private:
  enum class Stage { connect, subscribe, probe, load, hold, drain, close };

  void add_clients();
  void add_client(std::unique_ptr<Connection> connection);
  mqtt::client::ClientOptions client_options(std::string_view role, std::uint32_t index) const;
  void on_signal(int number);
  void flush() override;

  TimePoint now() const { return clock_(loop_); }
  void arm(TimePoint at);
  void tick(TimePoint expected);
  TimePoint step(TimePoint now);
  TimePoint connect(TimePoint now);
  void subscribe(TimePoint now);
  void probe(TimePoint now);
  void begin_load(TimePoint now);
  TimePoint load(TimePoint now);
  void begin_hold(TimePoint now);
  void begin_drain(TimePoint now);
  void drain(TimePoint now);
  void settle();
  void begin_close(TimePoint now);
  void close(TimePoint now);

  void enter(Stage stage, std::string_view name, TimePoint now);
  void offer_due(TimePoint now);
  void watch_self(TimePoint now);
  void end_measurement(TimePoint now);
  bool is_everything_accounted() const;
  /// Nobody is connected and nobody will be.
  bool is_deserted() const { return ledger_.over == connections_.size(); }

  const Options& options_;
  const Clock clock_;
  mqtt::net::Loop loop_;
  Result result_;
  Ledger ledger_{result_};
  LoadOptions load_;
  std::unique_ptr<Subscriber::Inbox> inbox_;
  ForeignInbox* foreign_inbox_ = nullptr;  ///< inbox_, in sub mode.
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::vector<std::unique_ptr<Connection>> holders_;
  std::vector<Connection*> connections_;  ///< All of them, in the order of connecting.

  asio::steady_timer timer_{loop_.context()};
  std::optional<mqtt::net::StopSignal> stop_signal_;
  Stage stage_ = Stage::connect;
  bool is_interrupted_ = false;
  std::optional<Schedule> schedule_;  ///< Of connecting, then of messages.
  std::size_t started_ = 0;           ///< Connections.
  TimePoint load_end_;                ///< No message is due from here on.
  TimePoint stage_limit_;             ///< The present stage ends by then.
  TimePoint next_probe_;
  std::vector<Publisher*> unsent_;  ///< Those that had unsent messages when last looked at.
  bool looked_twice_ = false;
  SelfMonitor monitor_;
};

}  // namespace mq_bench
