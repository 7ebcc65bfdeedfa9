#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/mq-bench/event_log.hpp"
#include "tools/mq-bench/result.hpp"
#include "tools/mq-bench/series_recorder.hpp"
#include "tools/mq-bench/tracker.hpp"

namespace mq_bench {

/// The books that all clients of one thread write into: what happened to messages and connections,
/// and the histograms. One per loop; nobody else counts. Every event of a message comes by here,
/// the hot path of a run: whoever wants to know of messages one by one hooks in at the note_…()s.
class Ledger {
 public:
  explicit Ledger(Result& result) : result_(result), series_(result.series) {}

  /// Those of connections, whenever, and of messages of the measure phase.
  Metrics& metrics() { return result_.metrics; }
  /// Those of messages: a histogram for each phase and thread, none for a client.
  Metrics& metrics(bool is_measured) {
    return is_measured ? result_.metrics : result_.warm_metrics;
  }
  Result& result() { return result_; }
  Counters& counters(bool is_measured) { return is_measured ? result_.measure : result_.warm; }

  /// The run begins, its mode is known.
  void begin(TimePoint now) {
    series_metric_ = &result_.series_metric();
    series_.begin(now);
  }
  /// In a closed loop nothing is due before there is room for it: what is measured from then is
  /// no more than service time.
  void call_it_service_time() {
    for (const bool is_measured : {false, true}) {
      e2e_[is_measured] = &metrics(is_measured).e2e_service;
      ack_[is_measured] = &metrics(is_measured).ack_service;
    }
  }
  /// What arrives has been at the other end and is back at its sender.
  void call_it_round_trip() {
    e2e_ = {&result_.warm_metrics.rtt, &result_.metrics.rtt};
    delivery_ = &result_.metrics.rtt;
  }
  SeriesRecorder& series() { return series_; }
  /// A sample of a metric, of whichever phase: the series shows it if it is about this metric.
  void note_latency(const Metric& metric, TimePoint now, Duration sample) {
    if (&metric == series_metric_) series_.note_latency(now, sample);
  }

  /// The measure phase on the wall clock: rates count what happens in it.
  void set_window(TimePoint start, TimePoint end) {
    window_start_ = start;
    window_end_ = end;
  }
  bool in_window(TimePoint now) const { return now >= window_start_ && now < window_end_; }
  TimePoint window_start() const { return window_start_; }
  TimePoint window_end() const { return window_end_; }

  /// The drain is over: what arrives from now on is late and changes no balance.
  void close() { is_closed_ = true; }
  bool is_closed() const { return is_closed_; }

  // The life of a message. `due`: when it was meant to be sent.

  /// Its slot was reached, whatever is to become of it.
  void note_offered(TimePoint now) {
    if (in_window(now)) ++result_.offered;
    series_.note_offered(now);
  }
  /// The socket has had its chance to take it.
  void note_tried(TimePoint due, bool is_measured, TimePoint now) {
    metrics(is_measured).own_lag.histogram.record(now - due);
  }
  void note_sent(TimePoint due, bool is_measured, TimePoint now) {
    ++counters(is_measured).sent;
    metrics(is_measured).send_lag.histogram.record(now - due);
    if (in_window(now)) ++result_.sent;
    series_.note_sent(now);
  }
  void note_acked(TimePoint due, bool is_measured, TimePoint now) {
    ++counters(is_measured).acked;
    ack_[is_measured]->histogram.record(now - due);
    note_latency(metrics().ack, now, now - due);
  }
  /// Something of this run came: for the first time or not.
  void note_received(TimePoint now) {
    if (in_window(now)) ++result_.received;
    series_.note_received(now);
  }
  /// What the tracker makes of it: once more, out of order, or just as it should be.
  void note_arrival(SequenceTracker::Arrival arrival, const SequenceTracker& tracker,
                    bool is_measured);
  /// The same where nobody promised an order: the members of a group overtake one another.
  void note_unordered(SequenceTracker::Arrival arrival, bool is_measured);
  /// It came for the first time.
  void note_delivered(TimePoint due, bool is_measured, TimePoint now) {
    e2e_[is_measured]->histogram.record(now - due);
    note_latency(*delivery_, now, now - due);
  }

  void note_error(std::string text);

  void set_events(EventLog* events) { events_ = events; }
  /// For a line in the log of events, if somebody wants one.
  void note_event(TimePoint now, EventKind kind, std::string_view client,
                  std::string_view reason = {}) {
    if (events_ != nullptr) events_->note(now, kind, client, reason);
  }

  // Census of the connections.
  std::uint32_t settled = 0;  ///< First attempt has ended, one way or the other.
  std::uint32_t over = 0;
  std::uint32_t online() const { return online_; }
  void count_online(int difference) {
    online_ += static_cast<std::uint32_t>(difference);
    series_.set_connections(online_);
  }

 private:
  Result& result_;
  SeriesRecorder series_;
  const Metric* series_metric_ = nullptr;
  /// Of the warm-up and of the measure phase.
  std::array<Metric*, 2> e2e_{&result_.warm_metrics.e2e, &result_.metrics.e2e};
  std::array<Metric*, 2> ack_{&result_.warm_metrics.ack, &result_.metrics.ack};
  const Metric* delivery_ = &result_.metrics.e2e;  ///< What the series knows e2e_ as.
  EventLog* events_ = nullptr;
  TimePoint window_start_ = mqtt::kNever;
  TimePoint window_end_ = mqtt::kNever;
  std::uint32_t online_ = 0;
  bool is_closed_ = false;
};

}  // namespace mq_bench
