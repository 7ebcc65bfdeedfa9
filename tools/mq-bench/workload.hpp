#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/net/stop_signal.hpp"
#include "tools/mq-bench/abort_watch.hpp"
#include "tools/mq-bench/crew.hpp"
#include "tools/mq-bench/environment.hpp"
#include "tools/mq-bench/start_gate.hpp"

namespace mq_bench {

/// One run from the first connection to the last: moves all crews through its stages in step
/// (connect, subscribe, probe, load with warm-up and measurement, drain, close) and adds up what
/// they found. The first crew works on the caller's thread, and its beat is the run's.
class Workload {
 public:
  Workload(const Options& options, const Environment& environment, Clock clock = time_of,
           Watchers watchers = {});

  /// Blocks until the run is over or a second signal came.
  Result run();

 private:
  void describe_run();
  void hear_signals();
  void on_signal(int number);

  void conduct(TimePoint now);
  bool may_start(TimePoint now);
  void wait_to_connect(TimePoint now);
  void after_connect(TimePoint now);
  Duration patience() const;
  void begin_probe(TimePoint now);
  void prepare_load(TimePoint now);
  void begin_load(TimePoint now);
  void watch_load(TimePoint now);
  void watch_hopes(TimePoint now);
  void begin_drain(TimePoint now);
  void begin_close(TimePoint now);
  void give_up(TimePoint now);
  void note_measured(TimePoint end);
  void enter(Stage stage, std::string_view name, TimePoint now);
  void name_phase(std::string_view name, TimePoint now);
  TimePoint planned_end(std::string_view phase) const;
  void order(Stage stage) { run_.orders.stage.store(stage, std::memory_order_release); }

  bool have_finished(Stage stage) const;
  bool is_deserted() const;
  bool is_anything_proven() const;
  void settle();

  const Options& options_;
  const std::string run_id_;
  const std::unique_ptr<Plan> plan_;
  const ClientRecipe recipe_;
  const Plan::Timing timing_;
  Run run_;
  std::vector<std::unique_ptr<Crew>> crews_;
  std::optional<mqtt::net::StopSignal> stop_signal_;
  std::optional<mqtt::net::SignalWatch> hangup_;
  Result result_;
  std::optional<StartGate> gate_;
  AbortWatch abort_watch_;
  Stage stage_ = Stage::connect;
  TimePoint start_;                       ///< Of the load, when the gate has opened.
  TimePoint stage_limit_ = mqtt::kNever;  ///< The present stage ends by then.
  bool is_interrupted_ = false;
  bool is_given_up_ = false;  ///< Before the load; the other shards are being told.
};

}  // namespace mq_bench
