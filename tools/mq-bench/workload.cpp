#include "tools/mq-bench/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "libmqtt/codec/topic.hpp"
#include "tools/mq-bench/config_record.hpp"

namespace mq_bench {
namespace {

using namespace std::chrono_literals;

/// The loop looks after everything at least this often.
constexpr Duration kBeat = 1ms;
/// How fast clients connect where connecting is not what is measured.
constexpr Rate kConnectRate{1'000, mqtt::Seconds(1)};
constexpr Duration kSubscribePatience = 10s;
constexpr Duration kProbePatience = 10s;
constexpr Duration kProbeInterval = 1s;
constexpr Duration kClosePatience = 3s;
constexpr Duration kLongestReconnectDelay = 30s;
/// Messages offered in one go; then the connections get their turn.
constexpr int kMostOffersATurn = 1'024;

}  // namespace

Workload::Workload(const Options& options, const Environment& environment, Clock clock)
    : options_(options), clock_(clock) {
  result_.mode = options.mode();
  result_.run_id = options.run_id.value_or(random_run_id());
  result_.url = mqtt::net::to_string(options.connection.address);
  result_.environment = environment;
  result_.config = record(options);
  result_.qos = options.qos;
  result_.size = options.size;
  result_.clients = options.clients * (options.mode() == Mode::pair ? 2 : 1);
  load_ = {static_cast<mqtt::Qos>(options.qos), options.size, options.maximum_backlog,
           run_tag(result_.run_id, environment), this};
  if (options.mode() != Mode::sub) result_.target_rate = options.total_rate().per_second();
  add_clients();
  stop_signal_.emplace(loop_, [this](int number) { on_signal(number); });
}

// Marks do not outlive what they point to.
Workload::~Workload() { loop_.unmark(*this); }

mqtt::client::ClientOptions Workload::client_options(std::string_view role,
                                                     std::uint32_t index) const {
  cli::ConnectionOptions connection = options_.connection;
  const std::string prefix = options_.id_prefix.value_or("mqb-" + result_.run_id);
  connection.client_id = fmt::format("{}-{}{}", prefix, role, index);
  if (connection.username) connection.username = expand(*connection.username, index);
  mqtt::client::ClientOptions client = cli::client_options(connection);
  client.session.maximum_in_flight = options_.maximum_in_flight;
  client.reconnect = options_.mode() != Mode::conn;
  client.backoff.most = kLongestReconnectDelay;
  return client;
}

void Workload::add_clients() {
  const Context context{ledger_, loop_, clock_};
  const std::string pattern =
      options_.topic.value_or(fmt::format("mq-bench/{}/%i", result_.run_id));
  if (options_.mode() == Mode::sub) {
    auto inbox = std::make_unique<ForeignInbox>(
        ledger_, ForeignInbox::Options{load_.run_tag, options_.run_id.has_value(),
                                       mqtt::is_shared(pattern)});
    foreign_inbox_ = inbox.get();
    inbox_ = std::move(inbox);
  } else {
    inbox_ = std::make_unique<PairInbox>(ledger_, load_, publishers_);
  }
  for (std::uint32_t i = 0; i < options_.clients; ++i) {
    const mqtt::Bytes topic = mqtt::Bytes::copy(expand(pattern, i));
    if (options_.subscribes()) {
      subscribers_.push_back(
          std::make_unique<Subscriber>(context, client_options("s", i), *inbox_, i,
                                       mqtt::TopicRequest{topic, {.qos = load_.qos}}));
      connections_.push_back(subscribers_.back().get());
    }
    if (options_.publishes()) {
      publishers_.push_back(
          std::make_unique<Publisher>(context, client_options("p", i), load_, i, topic));
      connections_.push_back(publishers_.back().get());
    }
    if (options_.mode() == Mode::conn) {
      holders_.push_back(std::make_unique<Connection>(context, client_options("c", i)));
      connections_.push_back(holders_.back().get());
    }
  }
  result_.publishers = static_cast<std::uint32_t>(publishers_.size());
  result_.receivers = static_cast<std::uint32_t>(subscribers_.size());
  result_.subscriptions = result_.receivers;
}

Result Workload::run() {
  const TimePoint now = this->now();
  enter(Stage::connect, "connect", now);
  ledger_.begin(now);
  const Rate rate = options_.mode() == Mode::conn ? options_.total_rate() : kConnectRate;
  schedule_.emplace(now, rate, 1);
  if (options_.mode() == Mode::conn) monitor_.begin(now);
  arm(now);
  loop_.run();
  // A second signal stopped the loop wherever it was: the books are closed all the same.
  if (!ledger_.is_closed()) {
    end_measurement(this->now());
    settle();
  }
  ledger_.series().flush();
  result_.self = monitor_.stats();
  return std::move(result_);
}

// The first signal ends the load and lets the drain tell what became of it, the second ends all.
void Workload::on_signal(int number) {
  if (std::exchange(is_interrupted_, true)) return loop_.stop();
  result_.signal = number;
}

// Asio's timers sleep on a timerfd, which has no slack: they fire as soon as the kernel can.
void Workload::arm(TimePoint at) {
  timer_.expires_after(at - this->now());
  timer_.async_wait([this, at](std::error_code error) {
    if (!error) tick(at);
  });
}

void Workload::tick(TimePoint expected) {
  const TimePoint now = this->now();
  monitor_.note_lag(now - expected);
  ledger_.series().advance(now);
  const TimePoint next = step(now);
  if (!unsent_.empty()) loop_.mark(*this);
  if (stage_ == Stage::close && ledger_.over >= started_) return loop_.stop();
  arm(std::min(next, now + kBeat));
}

/// What the present stage does now; when it wants to be called next, at the latest.
TimePoint Workload::step(TimePoint now) {
  switch (stage_) {
    case Stage::connect:
      return connect(now);
    case Stage::subscribe:
      subscribe(now);
      break;
    case Stage::probe:
      probe(now);
      break;
    case Stage::load:
      return load(now);
    case Stage::hold:
      if (is_interrupted_ || is_deserted() || now >= stage_limit_) begin_close(now);
      break;
    case Stage::drain:
      drain(now);
      break;
    case Stage::close:
      close(now);
      break;
  }
  return mqtt::kNever;
}

void Workload::enter(Stage stage, std::string_view name, TimePoint now) {
  stage_ = stage;
  if (!result_.phases.empty()) result_.phases.back().end = now;
  result_.phases.push_back({std::string(name), now, now});
}

// Connections start on a schedule of their own, open-loop as well: one that is refused or slow
// holds nobody up. The stage ends when the last first attempt has ended.
TimePoint Workload::connect(TimePoint now) {
  if (is_interrupted_) {
    begin_close(now);
    return mqtt::kNever;
  }
  for (; started_ < connections_.size() && schedule_->next().due <= now; schedule_->advance()) {
    const TimePoint due = schedule_->next().due;
    if (options_.mode() == Mode::conn) {
      result_.metrics.own_lag.histogram.record(this->now() - due);
      result_.metrics.send_lag.histogram.record(this->now() - due);
    }
    connections_[started_++]->start(due);
  }
  if (started_ < connections_.size()) return schedule_->next().due;
  if (ledger_.settled < connections_.size()) return mqtt::kNever;
  if (options_.mode() == Mode::conn) {
    begin_hold(now);
  } else {
    enter(Stage::subscribe, "subscribe", now);
    stage_limit_ = now + kSubscribePatience;
  }
  return mqtt::kNever;
}

void Workload::subscribe(TimePoint now) {
  const bool is_settled = std::ranges::all_of(
      subscribers_, [](const auto& s) { return s->is_settled() || s->is_over(); });
  if (!is_settled && now < stage_limit_ && !is_interrupted_) return;
  enter(Stage::probe, "probe", now);
  stage_limit_ = now + kProbePatience;
  next_probe_ = now;
  probe(now);
}

// A subscription that was granted need not deliver at once on every broker: message 0 waits until a
// probe has come through each of them.
void Workload::probe(TimePoint now) {
  const bool is_proven = std::ranges::all_of(
      subscribers_, [](const auto& s) { return s->is_proven() || !s->is_live(); });
  if (is_interrupted_ || is_deserted()) return begin_close(now);
  if (is_proven || now >= stage_limit_) return begin_load(now);
  if (now < next_probe_) return;
  next_probe_ = now + kProbeInterval;
  for (const auto& publisher : publishers_) {
    if (!subscribers_[publisher->index()]->is_proven()) publisher->send_probe();
  }
}

void Workload::begin_load(TimePoint now) {
  if (!subscribers_.empty() && result_.subscriptions_proven == 0) return begin_close(now);
  const Duration warmup = options_.publishes() ? options_.warmup : Duration();
  result_.warmup = warmup;
  ledger_.series().set_origin(now);
  load_end_ = now + warmup + options_.duration;
  ledger_.set_window(now + warmup, load_end_);
  if (options_.publishes()) schedule_.emplace(now, options_.total_rate(), options_.clients);
  enter(Stage::load, warmup > Duration() ? "warmup" : "measure", now);
}

TimePoint Workload::load(TimePoint now) {
  if ((is_interrupted_ || is_deserted()) && now < load_end_) {
    load_end_ = now;
    ledger_.set_window(std::min(ledger_.window_start(), now), now);
  }
  watch_self(now);
  if (options_.publishes()) offer_due(now);
  const bool is_offered = !options_.publishes() || schedule_->next().due >= load_end_;
  if (now >= load_end_ && is_offered) {
    begin_drain(now);
    return mqtt::kNever;
  }
  return options_.publishes() ? std::min(schedule_->next().due, load_end_) : load_end_;
}

// Everything due by now is offered at once, however late: no catching up at a gentler rate, which
// would change the load.
void Workload::offer_due(TimePoint now) {
  const TimePoint end = std::min(load_end_, now + Duration(1));
  for (int i = 0; i < kMostOffersATurn && schedule_->next().due < end; ++i, schedule_->advance()) {
    const Schedule::Slot& slot = schedule_->next();
    Publisher& publisher = *publishers_[slot.client];
    const bool is_listed = publisher.has_unsent();
    publisher.offer(slot.due, slot.due >= ledger_.window_start());
    if (!is_listed && publisher.has_unsent()) unsent_.push_back(&publisher);
    if (ledger_.in_window(now)) ++result_.offered;
  }
}

// The measure phase begins and ends on the wall clock for what the generator itself costs; for the
// messages their due times decide.
void Workload::watch_self(TimePoint now) {
  if (now >= ledger_.window_end()) {
    end_measurement(now);
  } else if (now >= ledger_.window_start() && !monitor_.is_running()) {
    monitor_.begin(now);
    if (result_.warmup > Duration()) enter(Stage::load, "measure", now);
  }
}

void Workload::end_measurement(TimePoint now) {
  if (!monitor_.is_running()) return;
  monitor_.end(now);
  const TimePoint start = ledger_.window_start();
  result_.measured = std::min(now, ledger_.window_end()) - start;
}

void Workload::begin_hold(TimePoint now) {
  ledger_.series().set_origin(now);
  enter(Stage::hold, "hold", now);
  ledger_.set_window(now, now + options_.hold);
  stage_limit_ = now + options_.hold;
}

void Workload::begin_drain(TimePoint now) {
  end_measurement(now);
  enter(Stage::drain, "drain", now);
  stage_limit_ = now + options_.drain;
  drain(now);
}

// Lets the drain end early. With publishers elsewhere there is no telling: without a shared clock
// the phase went by arrival, so nothing can still come; with one the whole drain is waited out.
bool Workload::is_everything_accounted() const {
  if (foreign_inbox_ != nullptr) return !options_.run_id.has_value();
  return std::ranges::all_of(publishers_, [](const auto& publisher) {
    return publisher->is_finished() && publisher->flow().is_complete(publisher->sent());
  });
}

void Workload::drain(TimePoint now) {
  if (now >= stage_limit_ || is_everything_accounted() || is_deserted()) begin_close(now);
}

void Workload::begin_close(TimePoint now) {
  if (stage_ == Stage::hold) {
    ledger_.set_window(ledger_.window_start(), std::min(now, ledger_.window_end()));
  }
  end_measurement(now);
  settle();
  enter(Stage::close, "close", now);
  stage_limit_ = now + kClosePatience;
  for (std::size_t i = 0; i < started_; ++i) {
    if (!connections_[i]->is_over()) connections_[i]->stop();
  }
}

// From here on nothing that arrives changes the books; what is open gets its final name.
void Workload::settle() {
  ledger_.close();
  result_.online_at_end = ledger_.online();
  for (const auto& publisher : publishers_) {
    publisher->settle();
    const Flow& flow = publisher->flow();
    flow.settle(publisher->sent(), result_.warm, result_.measure);
    if (!flow.tracker().is_exact()) result_.sequences_exact = false;
    const auto lost = result_.first_lost ? std::nullopt : flow.first_lost(publisher->sent());
    if (lost) result_.first_lost = {publisher->index(), *lost};
  }
  if (foreign_inbox_ != nullptr) foreign_inbox_->settle();
}

void Workload::close(TimePoint now) {
  if (now >= stage_limit_) loop_.stop();
}

// The connections that were marked before have written by now, those marked by what they read in
// this turn may come after: hence a second look before the next tick.
void Workload::flush() {
  const TimePoint now = this->now();
  std::erase_if(unsent_, [now](Publisher* publisher) {
    publisher->note_sent(now);
    return !publisher->has_unsent();
  });
  looked_twice_ = !unsent_.empty() && !looked_twice_;
  if (looked_twice_) loop_.mark(*this);
}

}  // namespace mq_bench
