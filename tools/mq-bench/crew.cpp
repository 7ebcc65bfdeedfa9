#include "tools/mq-bench/crew.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "libmqtt/codec/topic.hpp"

namespace mq_bench {
namespace {

using namespace std::chrono_literals;

/// The loop looks after everything at least this often.
constexpr Duration kBeat = 1ms;
constexpr Duration kProbeInterval = 1s;
constexpr Duration kMemoryInterval = 1s;
constexpr Duration kClosePatience = 3s;
/// What misses the drain is looked out for as long as it lasted, but no longer than this.
constexpr Duration kLatePatience = 2s;
constexpr std::size_t kBeatsARound = 100;

/// Messages that are due within this time of each other go out in one turn. A wake-up costs some
/// 20 us, and a write that wakes the peer as much: a loop that wakes for each message never sleeps.
/// A lone message is on time to the microsecond; from some 30,000/s on several go out together, at
/// most this late.
constexpr Duration kGathering = 100us;

}  // namespace

Crew::Crew(Run& run, std::uint32_t index)
    : run_(run),
      index_(index),
      payloads_(run.load.payloads, run.load.clock_offset == Duration()
                                       ? PayloadMaker::wall_clock_ahead()
                                       : Duration()) {
  result_.mode = run.options.mode();
  if (run.load.is_closed_loop) ledger_.call_it_service_time();
  if (result_.mode == Mode::echo) ledger_.call_it_round_trip();
  if (run.watchers.board != nullptr) sheet_ = &run.watchers.board->add_sheet();
  ledger_.set_events(run.watchers.events);
}

// Marks do not outlive what they point to.
Crew::~Crew() { loop_.unmark(*this); }

void Crew::work(std::function<void(TimePoint)> at_beat) {
  at_beat_ = std::move(at_beat);
  hire();
  arm(now());
  loop_.run();
  // A second signal stopped the loop wherever it was: the books are closed all the same.
  if (!ledger_.is_closed()) close_books(now());
  result_.self = monitor_.stats();
}

// Hiring. Who subscribes connects before who publishes.

void Crew::hire() {
  hire_subscribers();
  hire_echoes();
  hire_publishers();
  hire_holders();
}

void Crew::hire_subscribers() {
  const Plan& plan = run_.plan;
  const Plan::Census census = plan.census();
  for (std::uint32_t i = 0; i < census.subscribers; ++i) {
    const std::uint32_t receiver = plan.receiver_of(i);
    if (!is_home_of(plan.home_of_subscriber(i))) continue;
    hire(std::make_unique<Subscriber>(context(), run_.recipe.make(Plan::Role::subscriber, i, i),
                                      inbox_of(receiver), i, requests(plan.filters(i))),
         i);
    if (!plan.receives_foreign() && !plan.crosses_shards())
      receivers_[receiver / run_.crews]->add(*subscribers_.back());
  }
}

void Crew::hire(std::unique_ptr<Subscriber> subscriber, std::uint64_t order) {
  turns_.push_back({subscriber.get(), order});
  if (run_.keeps_sessions()) subscriber->keep_session();
  subscribers_.push_back(std::move(subscriber));
}

void Crew::hire_echoes() {
  const Plan& plan = run_.plan;
  const Plan::Census census = plan.census();
  for (std::uint32_t i = 0; i < census.echoes; ++i) {
    if (!is_home_of(plan.far_home_of(i))) continue;
    echoes_.push_back(std::make_unique<Echo>(run_.load, mqtt::Bytes::copy(plan.answer_topic(i)),
                                             run_.senders[i]));
    const std::uint64_t order = std::uint64_t{census.subscribers} + i;
    hire(std::make_unique<Subscriber>(context(), run_.recipe.make(Plan::Role::echo, i, order),
                                      *echoes_.back(), i, requests(plan.echo_filters(i))),
         order);
  }
}

Subscriber::Inbox& Crew::inbox_of(std::uint32_t receiver) {
  const Plan& plan = run_.plan;
  if (plan.receives_foreign()) {
    if (!foreign_inbox_) {
      foreign_inbox_ = std::make_unique<ForeignInbox>(
          ledger_, ForeignInbox::Options{
                       .run_tag = run_.load.run_tag,
                       .shares_clock = run_.options.run_id.has_value(),
                       .clock_offset = run_.load.clock_offset,
                       .is_shared = plan.is_group(receiver),
                       .is_divided = run_.options.shards.count > 1 && plan.is_group(receiver),
                       .is_split = run_.options.is_split,
                       .clock_mark = run_.load.clock_mark});
    }
    return *foreign_inbox_;
  }
  if (plan.crosses_shards()) return shard_receiver(receiver);
  while (receivers_.size() <= receiver / run_.crews) {
    const auto next = static_cast<std::uint32_t>(receivers_.size()) * run_.crews + index_;
    receivers_.push_back(
        std::make_unique<Receiver>(ledger_, run_.load, run_.senders, plan.senders_of(next)));
    if (plan.is_paired() && !run_.load.is_closed_loop && result_.mode != Mode::echo)
      receivers_.back()->know_send_times();
  }
  return *receivers_[receiver / run_.crews];
}

ShardReceiver& Crew::shard_receiver(std::uint32_t number) {
  auto& receiver = shard_receivers_[number];
  if (!receiver) {
    receiver = std::make_unique<ShardReceiver>(
        ledger_, run_.load,
        ShardReceiver::Setting{number, run_.plan.senders_of(number), run_.plan.is_group(number)});
  }
  return *receiver;
}

std::vector<mqtt::TopicRequest> Crew::requests(const std::vector<std::string>& filters) const {
  std::vector<mqtt::TopicRequest> requests;
  for (const std::string& filter : filters)
    requests.push_back({mqtt::Bytes::copy(filter), {.qos = run_.load.qos}});
  return requests;
}

std::vector<mqtt::Bytes> Crew::topics_of(std::uint32_t publisher) const {
  std::vector<mqtt::Bytes> topics;
  for (const std::string& topic : run_.plan.topics(publisher))
    topics.push_back(mqtt::Bytes::copy(topic));
  return topics;
}

void Crew::hire_publishers() {
  const Plan& plan = run_.plan;
  const Plan::Census census = plan.census();
  for (std::uint32_t i = index_; i < census.publishers; i += run_.crews) {
    const std::uint64_t order = std::uint64_t{census.subscribers} + census.echoes + i;
    publishers_.push_back(std::make_unique<Publisher>(
        context(), run_.recipe.make(Plan::Role::publisher, i, order), run_.load,
        Publisher::Identity{i, topics_of(i), run_.senders[i], payloads_}));
    turns_.push_back({publishers_.back().get(), order});
  }
}

void Crew::hire_holders() {
  const Plan::Census census = run_.plan.census();
  for (std::uint32_t i = index_; i < census.holders; i += run_.crews) {
    const std::uint64_t order =
        std::uint64_t{census.subscribers} + census.echoes + census.publishers + i;
    holders_.push_back(
        std::make_unique<Connection>(context(), run_.recipe.make(Plan::Role::holder, i, order)));
    turns_.push_back({holders_.back().get(), order});
  }
}

// Where all clients come later, nobody has gone before they came.
bool Crew::is_deserted() const {
  const std::size_t started = turns_.size() + (activity_ ? activity_->started() : 0);
  if (started == 0 && run_.plan.census().latecomers > 0) return false;
  return ledger_.over == started;
}

// The loop's beat.

void Crew::arm(TimePoint at) {
  expected_ = at;
  timer_.set(at - this->now());
}

void Crew::tick() {
  const TimePoint now = this->now();
  monitor_.note_lag(now - expected_);
  keep_series(now);
  if (sheet_ != nullptr && sheet_->is_due(now)) {
    result_.self = monitor_.so_far(now);
    sheet_->copy(ledger_, now);
  }
  follow(run_.orders.stage.load(std::memory_order_acquire), now);
  const std::uint64_t offered_before = offered_;
  TimePoint next = step(now);
  if (offered_ > offered_before + 1) next = std::max(next, now + kGathering);
  look_after_publishers(now);
  report_.is_deserted.store(is_deserted(), std::memory_order_relaxed);
  if (at_beat_) at_beat_(now);
  if (!unsent_.empty()) loop_.mark(*this);
  if (stage_ == Stage::abandon || is_closed_down(now)) return loop_.stop();
  arm(std::min(next, now + kBeat));
}

// The memory is that of all threads: the first one looks.
void Crew::keep_series(TimePoint now) {
  ledger_.series().advance(now);
  if (index_ >= run_.options.shards.count || now < next_memory_look_) return;
  next_memory_look_ = now + kMemoryInterval;
  ledger_.series().set_memory(resident_bytes());
}

/// Goes over to a stage that was ordered.
void Crew::follow(Stage stage, TimePoint now) {
  if (stage == stage_) return;
  const Stage before = std::exchange(stage_, stage);
  if (stage == Stage::probe) next_probes_ = now;
  if (stage == Stage::load) begin_load();
  if (stage == Stage::drain) end_measurement(now);
  if (stage != Stage::close) return;
  close_books(now);
  const bool is_missed = before == Stage::drain && !foreign_inbox_ && !are_receivers_complete();
  close_at_ = is_missed ? now + std::min(kLatePatience, run_.options.drain) : now;
}

/// What the present stage does now; when it wants to be called next, at the latest.
TimePoint Crew::step(TimePoint now) {
  switch (stage_) {
    case Stage::connect:
      return connect(now);
    case Stage::subscribe:
      subscribe();
      break;
    case Stage::probe:
      probe(now);
      break;
    case Stage::load:
      return load(now);
    case Stage::drain:
      drain();
      break;
    case Stage::close:
      if (now < close_at_) return close_at_;
      if (!is_closing_) begin_close(now);
      break;
    case Stage::abandon:
      break;
  }
  return mqtt::kNever;
}

void Crew::begin_connecting(TimePoint start) {
  ledger_.begin(start);
  if (run_.plan.measures_connecting()) monitor_.begin(now());
  connecting_.emplace(start, run_.plan.connect_rate(), 1);
}

// Connections start on a schedule of their own, open-loop as well: one that is refused or slow
// holds nobody up. The stage ends when the last first attempt has ended.
TimePoint Crew::connect(TimePoint now) {
  const TimePoint start = run_.orders.connect_start;
  if (start > now) return start;
  if (!connecting_) begin_connecting(start);
  for (; started_ < turns_.size(); ++started_) {
    const std::uint64_t order = turns_[started_].order;
    const Ramp* ramp = run_.plan.connect_ramp();
    const TimePoint due = ramp != nullptr ? run_.orders.connect_start.load() + ramp->due(order)
                                          : connecting_->due(0, order);
    if (due > now) return due;
    if (run_.plan.measures_connecting()) {
      const Duration lag = this->now() - due;
      result_.metrics.own_lag.histogram.record(lag);
      result_.metrics.send_lag.histogram.record(lag);
    }
    turns_[started_].connection->start(due);
  }
  if (ledger_.settled == turns_.size()) report_.finish(Stage::connect);
  return mqtt::kNever;
}

void Crew::subscribe() {
  const bool is_settled = std::ranges::all_of(
      subscribers_, [](const auto& s) { return s->is_settled() || s->is_over(); });
  if (is_settled) report_.finish(Stage::subscribe);
}

// A subscription that was granted need not deliver at once on every broker: message 0 waits until a
// probe has come through each of them.
void Crew::probe(TimePoint now) {
  if (run_.plan.crosses_shards()) return probe_other_shards(now);
  if (now >= next_probes_) {
    // What a broker has too much of comes no sooner for being sent again.
    next_probes_ = now + kProbeInterval * (1U << std::min(probe_round_, 3U));
    for (const auto& receiver : receivers_) receiver->ask_probe(probe_round_);
    ++probe_round_;
    // Nobody here can tell whether those in another shard need one.
    if (run_.options.is_split)
      for (const auto& publisher : publishers_) run_.senders[publisher->index()].wish_probe();
  }
  for (const auto& publisher : publishers_) {
    if (run_.senders[publisher->index()].take_probe_wish()) publisher->send_probe();
  }
  report_.proven.store(result_.subscriptions_proven, std::memory_order_relaxed);
  const bool is_proven = std::ranges::all_of(
      subscribers_, [](const auto& s) { return s->is_proven() || !s->is_live(); });
  if (is_proven) report_.finish(Stage::probe);
}

// Those who come later cannot ask: publishers send probes in turn until the load begins, and at
// once when its time is known, since by then all have subscribed.
void Crew::probe_other_shards(TimePoint now) {
  const TimePoint start = run_.orders.load_start;
  const bool is_news = std::exchange(probed_for_, start) != start;
  if (is_news || now >= next_probes_) {
    next_probes_ = now + kProbeInterval;
    const std::size_t count = std::min<std::size_t>(run_.plan.reach(), publishers_.size());
    for (std::size_t i = 0; i < count; ++i)
      publishers_[next_prober_++ % publishers_.size()]->send_probe();
  }
  report_.finish(Stage::probe);
}

void Crew::begin_load() {
  ledger_.series().set_origin(load_start());
  ledger_.set_window(run_.orders.measure_start, run_.orders.load_end);
  activity_ = run_.plan.activity(*this);
}

TimePoint Crew::load(TimePoint now) {
  const TimePoint end = run_.orders.load_end;
  if (end != load_end()) ledger_.set_window(std::min(ledger_.window_start(), end), end);
  watch_self(now);
  const TimePoint next = activity_->step(now);
  if (now >= end && activity_->is_done()) {
    report_.finish(Stage::load);
    return mqtt::kNever;
  }
  return now < end ? std::min(next, end) : next;
}

void Crew::offer(Publisher& publisher, TimePoint due) {
  ++offered_;
  const bool is_listed = publisher.has_unsent();
  publisher.offer(due, due >= ledger_.window_start());
  if (!is_listed && publisher.has_unsent()) unsent_.push_back(&publisher);
}

// A few at each beat, all of them within a tenth of a second.
void Crew::look_after_publishers(TimePoint now) {
  if (stage_ != Stage::load && stage_ != Stage::drain) return;
  for (std::size_t i = publishers_.size() / kBeatsARound + 1; i > 0; --i) {
    if (next_watched_ >= publishers_.size()) next_watched_ = 0;
    if (publishers_.empty()) return;
    publishers_[next_watched_++]->check_acknowledgements(now);
  }
}

// The measure phase begins and ends on the wall clock for what the generator itself costs; for the
// messages their due times decide.
void Crew::watch_self(TimePoint now) {
  if (now >= ledger_.window_end()) {
    end_measurement(now);
  } else if (now >= ledger_.window_start() && !monitor_.is_running()) {
    monitor_.begin(now);
  }
}

void Crew::end_measurement(TimePoint now) {
  if (monitor_.is_running()) monitor_.end(now);
}

// Lets the drain end early. With publishers elsewhere there is no telling: without a shared clock
// the phase went by arrival, so nothing can still come; with one the whole drain is waited out. So
// it is where other shards still need the echoes here.
void Crew::drain() {
  if (activity_) activity_->step(now());
  for (; finished_publishers_ < publishers_.size(); ++finished_publishers_) {
    Publisher& publisher = *publishers_[finished_publishers_];
    if (!publisher.is_finished()) return;
    publisher.finish();
  }
  if (run_.options.is_split || run_.plan.crosses_shards()) return;
  if (foreign_inbox_ ? !run_.options.run_id.has_value() : are_receivers_complete())
    report_.finish(Stage::drain);
}

bool Crew::are_receivers_complete() {
  if (activity_ && !activity_->is_complete()) return false;
  for (; complete_receivers_ < receivers_.size(); ++complete_receivers_) {
    if (!receivers_[complete_receivers_]->is_complete()) return false;
  }
  return true;
}

// From here on nothing that arrives changes the books.
void Crew::close_books(TimePoint now) {
  end_measurement(now);
  ledger_.close();
  unsent_.clear();
  result_.online_at_end = ledger_.online();
  for (const auto& publisher : publishers_) publisher->freeze(now);
}

void Crew::begin_close(TimePoint now) {
  is_closing_ = true;
  close_limit_ = now + kClosePatience;
  if (activity_) activity_->close();
  for (std::size_t i = 0; i < started_; ++i) {
    if (!turns_[i].connection->is_over()) turns_[i].connection->stop();
  }
}

bool Crew::is_closed_down(TimePoint now) const {
  const std::size_t started = started_ + (activity_ ? activity_->started() : 0);
  return is_closing_ && (ledger_.over >= started || now >= close_limit_);
}

// The connections that were marked before have written by now, those marked by what they read in
// this turn may come after: hence a second look before the next tick.
void Crew::flush() {
  const TimePoint now = this->now();
  std::erase_if(unsent_, [now](Publisher* publisher) {
    publisher->after_flush(now);
    return !publisher->has_unsent();
  });
  if (stage_ == Stage::load) activity_->after_flush(now);
  looked_twice_ = !unsent_.empty() && !looked_twice_;
  if (looked_twice_) loop_.mark(*this);
}

// Merge has to know what each publisher here sent, and of each subscriber of a split pair that it
// is here, even if nothing came.
void Crew::tell_what_was_sent() {
  const bool has_split_pairs = run_.options.is_split && run_.plan.receives_foreign();
  if (!has_split_pairs && !run_.plan.crosses_shards()) return;
  for (const auto& publisher : publishers_) {
    const Sender& sender = run_.senders[publisher->index()];
    result_.exchange.sent[publisher->index()] = {std::min(sender.first_measured(), sender.sent()),
                                                 sender.sent(), sender.refused()};
  }
  if (!has_split_pairs) return;
  for (const auto& subscriber : subscribers_)
    result_.exchange.received.try_emplace({subscriber->index(), subscriber->index()});
}

void Crew::note_arrivals() {
  for (const auto& receiver : receivers_) receiver->note_arrivals();
}

void Crew::settle_publishers() {
  for (const auto& publisher : publishers_) publisher->settle();
  tell_what_was_sent();
}

void Crew::settle_receivers() {
  for (const auto& receiver : receivers_) receiver->settle(now());
  if (foreign_inbox_) foreign_inbox_->settle();
  for (const auto& [number, receiver] : shard_receivers_) receiver->settle();
  if (activity_) activity_->settle();
  ledger_.series().flush();
}

}  // namespace mq_bench
