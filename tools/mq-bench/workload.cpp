#include "tools/mq-bench/workload.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>
#include <vector>

#include "tools/mq-bench/config_record.hpp"

namespace mq_bench {
namespace {

using namespace std::chrono_literals;

/// What all subscriptions, and then all probes, may take: so long, and for each so much more.
constexpr Duration kPatience = 10s;
constexpr Duration kPatienceForEach = 1ms;
/// Where the other end of a pair is in another shard, which may be started late.
constexpr Duration kSplitPatience = 10min;
/// What it may take to tell other shards that this one is over.
constexpr Duration kFarewell = 3s;
/// Crews hear of the load's beginning within a beat: the first message is due when all have.
constexpr Duration kLoadNotice = 20ms;
/// What one thread is given before another one helps, when nobody says how many.
constexpr double kMessagesACrew = 100'000;
constexpr std::uint64_t kConnectionsACrew = 20'000;

/// Those clients of the run that belong to this shard: what leaves its number when divided.
Plan::Census census_here(const Plan& plan, const Shards& shards) {
  const std::uint32_t shard = shards.given.front();
  const auto share = [&](std::uint32_t count) {
    return (count + shards.count - 1 - shard) / shards.count;
  };
  const Plan::Census all = plan.census();
  Plan::Census here{share(all.publishers), 0, share(all.receivers), share(all.holders),
                    share(all.latecomers)};
  const auto is_here = [&](std::uint32_t home) { return home % shards.count == shard; };
  for (std::uint32_t i = 0; i < all.subscribers; ++i)
    here.subscribers += is_here(plan.home_of_subscriber(i)) ? 1U : 0U;
  for (std::uint32_t i = 0; i < all.echoes; ++i)
    here.echoes += is_here(plan.far_home_of(i)) ? 1U : 0U;
  return here;
}

std::uint32_t crews_for(const Plan& plan, const Options& options) {
  const std::uint64_t connections = census_here(plan, options.shards).connections();
  std::uint64_t crews =
      std::max<std::uint64_t>(connections / kConnectionsACrew,
                              static_cast<std::uint64_t>(plan.messages_per_second() /
                                                         kMessagesACrew / options.shards.count));
  crews = std::clamp<std::uint64_t>(crews, 1, std::max(std::thread::hardware_concurrency(), 1U));
  crews = options.threads.value_or(static_cast<std::uint32_t>(crews));
  return static_cast<std::uint32_t>(
      std::min({crews, connections, std::uint64_t{plan.most_crews()}}));
}

}  // namespace

Workload::Workload(const Options& options, const Environment& environment, Clock clock,
                   Watchers watchers)
    : options_(options),
      run_id_(options.run_id.value_or(random_run_id())),
      plan_(make_plan(options, run_id_)),
      recipe_(options, *plan_, run_id_),
      timing_(plan_->timing()),
      run_{.options = options,
           .plan = *plan_,
           .recipe = recipe_,
           .load = {.qos = static_cast<mqtt::Qos>(options.qos),
                    .payloads = options.payloads,
                    .maximum_backlog = options.maximum_backlog,
                    .run_tag =
                        run_tag(run_id_, plan_->is_clock_free() ? Environment() : environment),
                    .ack_timeout = options.link.ack_timeout,
                    .queues_offline = options.link.queues_offline,
                    .is_closed_loop = options.is_closed_loop,
                    .retain = plan_->retains()},
           .clock = clock,
           .watchers = watchers,
           .crews = crews_for(*plan_, options) * options.shards.count,
           .senders = std::vector<Sender>(plan_->census().publishers),
           .orders = {}},
      abort_watch_(options.abort_conditions) {
  result_.environment = environment;
  describe_run();
  if (watchers.board != nullptr) watchers.board->describe(result_);
  if (options.is_split && plan_->receives_foreign()) {
    run_.load.clock_mark = clock_mark(environment, options.clock_bound > Duration());
    run_.load.run_tag = run_tag(run_id_, Environment());
  }
  // A clock that is vouched for is the wall clock of everybody, and not part of the run's tag.
  if (options.clock_bound > Duration()) {
    run_.load.clock_offset = read_clock_offset();
    run_.load.run_tag = run_tag(run_id_, Environment());
  }
  for (std::uint32_t i = options.shards.given.front(); i < run_.crews; i += options.shards.count)
    crews_.push_back(std::make_unique<Crew>(run_, i));
  gate_.emplace(crews_.front()->loop(), options, run_id_);
  hear_signals();
}

// Whose terminal is gone cannot wait for a result, but a file of it is still worth having. Where
// that is to be ignored (nohup) it is.
void Workload::hear_signals() {
  mqtt::net::Loop& loop = crews_.front()->loop();
  stop_signal_.emplace(loop, [this](int number) { on_signal(number); });
  struct sigaction present {};
  ::sigaction(SIGHUP, nullptr, &present);
  if (present.sa_handler == SIG_IGN) return;
  // Shell and kernel both send one: the second says nothing new.
  hangup_.emplace(loop, std::vector<int>{SIGHUP}, [this](int) {
    if (!is_interrupted_) on_signal(SIGTERM);
  });
}

void Workload::describe_run() {
  const Plan::Census census = census_here(*plan_, options_.shards);
  result_.shards = options_.shards;
  result_.clock_bound = options_.clock_bound;
  result_.mode = options_.mode();
  result_.run_id = run_id_;
  result_.url = broker_url(options_);
  result_.config = record(options_);
  result_.qos = options_.qos;
  result_.size = options_.payloads.size().value_or(SizeRange{0, 0}).most;
  result_.clients = static_cast<std::uint32_t>(census.connections());
  result_.publishers = census.publishers;
  result_.receivers = census.receivers;
  result_.subscriptions = census.subscribers + census.latecomers + census.echoes;
  // Retained messages are left before the measurement: in it no rate is asked for.
  const bool has_schedule =
      (census.publishers > 0 && !plan_->retains()) || plan_->measures_connecting();
  if (has_schedule && !options_.is_closed_loop) {
    const Plan::Census all = plan_->census();
    const double share = static_cast<double>(census.publishers + census.holders) /
                         static_cast<double>(all.publishers + all.holders);
    result_.target_rate = options_.total_rate().per_second() * share;
  }
}

Result Workload::run() {
  const TimePoint now = crews_.front()->now();
  const bool waits = gate_->is_there() && plan_->measures_connecting();
  run_.orders.connect_start = waits ? mqtt::kNever : now;
  if (run_.watchers.events != nullptr) run_.watchers.events->begin(now);
  enter(Stage::connect, waits ? "wait" : "connect", now);
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < crews_.size(); ++i)
    threads.emplace_back([&crew = *crews_[i]] { crew.work(); });
  crews_.front()->work([this](TimePoint beat) { conduct(beat); });
  threads.clear();
  settle();
  return std::move(result_);
}

// The first signal ends the load and lets the drain tell what became of it, the second ends all.
void Workload::on_signal(int number) {
  if (!std::exchange(is_interrupted_, true)) {
    result_.signal = number;
    return;
  }
  if (stage_ == Stage::load) note_measured(crews_.front()->now());
  stage_ = Stage::abandon;
  order(stage_);
}

void Workload::conduct(TimePoint now) {
  if (is_given_up_ && stage_ != Stage::abandon) {
    if (gate_->is_gone() || now >= stage_limit_) begin_close(now);
    return;
  }
  const bool is_over = is_interrupted_ || is_deserted();
  switch (stage_) {
    case Stage::connect:
      if (is_interrupted_) return give_up(now);
      if (run_.orders.connect_start.load() == mqtt::kNever) return wait_to_connect(now);
      if (have_finished(Stage::connect)) after_connect(now);
      break;
    case Stage::subscribe:
      if (have_finished(Stage::subscribe) || now >= stage_limit_ || is_interrupted_)
        begin_probe(now);
      break;
    case Stage::probe:
      if (is_over) return give_up(now);
      if (have_finished(Stage::probe) || now >= stage_limit_) prepare_load(now);
      break;
    case Stage::load:
      watch_load(now);
      break;
    case Stage::drain:
      if (have_finished(Stage::drain) || now >= stage_limit_ || is_deserted()) begin_close(now);
      break;
    case Stage::close:
    case Stage::abandon:
      break;
  }
}

void Workload::enter(Stage stage, std::string_view name, TimePoint now) {
  stage_ = stage;
  name_phase(name, now);
  order(stage);
}

void Workload::name_phase(std::string_view name, TimePoint now) {
  if (!result_.phases.empty()) result_.phases.back().end = now;
  result_.phases.push_back({std::string(name), now, now});
  if (run_.watchers.board != nullptr)
    run_.watchers.board->enter({std::string(name), now, planned_end(name)});
}

/// For those who watch; kNever: it ends when it ends.
TimePoint Workload::planned_end(std::string_view phase) const {
  if (phase == "warmup") return run_.orders.measure_start;
  if (phase == timing_.name) return run_.orders.load_end;
  if (phase == "drain") return stage_limit_;
  return mqtt::kNever;
}

void Workload::after_connect(TimePoint now) {
  if (plan_->measures_connecting()) return begin_load(now);
  stage_limit_ = now + patience();
  enter(Stage::subscribe, "subscribe", now);
}

Duration Workload::patience() const {
  return kPatience + kPatienceForEach * static_cast<std::int64_t>(result_.subscriptions);
}

void Workload::begin_probe(TimePoint now) {
  stage_limit_ = now + (options_.is_split ? kSplitPatience : patience());
  enter(Stage::probe, "probe", now);
}

// The time of the start may be known ahead, or be over already.
bool Workload::may_start(TimePoint now) {
  const auto opens = gate_->arrive(now);
  if (const std::string failure = gate_->failure(now); !opens && !failure.empty()) {
    result_.aborted = "not started: " + failure;
    give_up(now);
  }
  if (opens) start_ = std::max(*opens, now);
  return opens.has_value();
}

void Workload::wait_to_connect(TimePoint now) {
  if (!may_start(now)) return;
  name_phase("connect", start_);
  run_.orders.connect_start = start_;
}

void Workload::prepare_load(TimePoint now) {
  const bool crosses = plan_->crosses_shards();
  if (!crosses && plan_->census().subscribers > 0 && !is_anything_proven()) return give_up(now);
  if (gate_->is_there() && result_.phases.back().name != "wait") name_phase("wait", now);
  if (!may_start(now)) return;
  // Until then probes go from shard to shard.
  if (crosses) run_.orders.load_start = start_;
  if (!crosses || start_ <= now + 2 * kLoadNotice) begin_load(now);
}

void Workload::begin_load(TimePoint now) {
  const TimePoint start = std::max(start_, now + kLoadNotice);
  result_.warmup = timing_.warmup;
  Orders& orders = run_.orders;
  orders.load_start = start;
  orders.measure_start = start + timing_.warmup;
  orders.load_end = start + timing_.warmup + timing_.measure;
  enter(Stage::load, timing_.warmup > Duration() ? "warmup" : timing_.name, start);
}

// The board is a second old at most; the load ends as if it were interrupted.
void Workload::watch_hopes(TimePoint now) {
  const bool is_measuring = result_.phases.back().name == timing_.name;
  if (!is_measuring || run_.watchers.board == nullptr || !abort_watch_.is_due(now)) return;
  std::string reason = abort_watch_.look(run_.watchers.board->read(now).result, now);
  if (result_.aborted.empty()) result_.aborted = std::move(reason);
}

void Workload::watch_load(TimePoint now) {
  watch_hopes(now);
  const bool is_over = is_interrupted_ || is_deserted() || !result_.aborted.empty();
  const TimePoint end = run_.orders.load_end;
  if (is_over && now < end) run_.orders.load_end = now;
  if (result_.phases.back().name != timing_.name && now >= run_.orders.measure_start.load() &&
      !is_over) {
    name_phase(timing_.name, run_.orders.measure_start);
  }
  if (have_finished(Stage::load)) begin_drain(now);
}

void Workload::note_measured(TimePoint end) {
  const TimePoint start = run_.orders.measure_start;
  result_.measured = std::max(std::min(run_.orders.load_end.load(), end), start) - start;
}

void Workload::begin_drain(TimePoint now) {
  note_measured(now);
  if (plan_->measures_connecting()) return begin_close(now);
  stage_limit_ = now + options_.drain;
  enter(Stage::drain, "drain", now);
}

// Shards that wait must not do so for one that never comes.
void Workload::give_up(TimePoint now) {
  is_given_up_ = true;
  stage_limit_ = now + kFarewell;
  gate_->leave();
}

void Workload::begin_close(TimePoint now) {
  is_given_up_ = false;
  gate_->leave();
  enter(Stage::close, "close", now);
}

bool Workload::have_finished(Stage stage) const {
  return std::ranges::all_of(
      crews_, [stage](const auto& crew) { return crew->report().has_finished(stage); });
}

bool Workload::is_deserted() const {
  return std::ranges::all_of(crews_, [](const auto& crew) {
    return crew->report().is_deserted.load(std::memory_order_relaxed);
  });
}

bool Workload::is_anything_proven() const {
  return std::ranges::any_of(crews_, [](const auto& crew) {
    return crew->report().proven.load(std::memory_order_relaxed) > 0;
  });
}

// The threads have ended, so that everybody may look into everything. What arrived is proof that it
// was sent; what was sent and did not arrive is lost.
void Workload::settle() {
  const TimePoint now = crews_.front()->now();
  result_.phases.back().end = now;
  for (const auto& crew : crews_) crew->note_arrivals();
  for (const auto& crew : crews_) crew->settle_publishers();
  for (const auto& crew : crews_) crew->settle_receivers();
  for (const auto& crew : crews_) add(result_, crew->result());
}

}  // namespace mq_bench
