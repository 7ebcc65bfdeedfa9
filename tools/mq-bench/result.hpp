#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/mq-bench/environment.hpp"
#include "tools/mq-bench/exchange.hpp"
#include "tools/mq-bench/histogram.hpp"
#include "tools/mq-bench/losses.hpp"
#include "tools/mq-bench/series.hpp"

namespace mq_bench {

/// What the JSON form of a result calls itself; a number for each change that readers must know of.
inline constexpr std::string_view kSchema = "mq-bench/1";

enum class Mode { pair, pub, sub, conn, fanout, fanin, storm, retained, wills, echo };
std::string_view name(Mode mode);
std::optional<Mode> mode_named(std::string_view name);

/// What became of the messages of one phase. A message belongs to a phase by its intended time,
/// whenever it was sent or arrived.
struct Counters {
  std::uint64_t scheduled = 0;        ///< Slots of the schedule.
  std::uint64_t skipped_offline = 0;  ///< Slots that passed while the client had no connection.
  std::uint64_t skipped_backlog =
      0;                   ///< Slots that found the client's backlog full, or never left it.
  std::uint64_t sent = 0;  ///< Taken by the socket to the last byte.
  std::uint64_t acked = 0;
  std::uint64_t nacked = 0;
  std::uint64_t unacked = 0;         ///< Sent, no answer by the end of the drain (QoS >= 1).
  std::uint64_t no_subscribers = 0;  ///< Of the acked ones: the broker knew nobody to send it to.
  std::uint64_t expected = 0;  ///< Sent, not refused, and its receiver's subscription was live.
  std::uint64_t unique = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t duplicates_allowed = 0;  ///< Of those: QoS 1 with DUP after a reconnect.
  std::uint64_t out_of_order = 0;
};

/// One series of durations and the name it has in every output.
struct Metric {
  std::string_view name;
  Histogram histogram;
  bool is_of_messages = true;  ///< Of those due in one phase; else of connections, in all phases.
};

/// All histograms of a phase: its messages, and, with the measure phase, the connections of the
/// whole run. A storm's returns have a metric of their own, so these need no phases.
struct Metrics {
  Metric e2e{"e2e", {}};            ///< tr - ti.
  Metric rtt{"rtt", {}};            ///< The same of a message that came back to its sender.
  Metric ack{"ack", {}};            ///< ta - ti: PUBACK or PUBCOMP.
  Metric send_lag{"send_lag", {}};  ///< ts - ti; in conn mode, the start of the attempt - ti.
  Metric own_lag{"own_lag", {}};    ///< The part of send_lag that is the generator's own: until the
                                    ///< message was offered to the socket for the first time.
  Metric e2e_service{"e2e_service", {}};  ///< tr - ts, which hides what a stalled sender adds: for
                                          ///< comparison only. Where both ends share a thread.
  Metric ack_service{"ack_service", {}};  ///< ta - ts, likewise.
  Metric rec{"rec", {}};                  ///< PUBREC - ti, on the way of QoS 2.
  Metric tcp{"tcp", {}, false};           ///< Scheduled start -> connected, without TLS or such.
  Metric tls{"tls", {}, false};  ///< Connected -> the end of the handshake (of WebSocket too).
  Metric connack{"connack", {}, false};              ///< CONNECT -> CONNACK.
  Metric connect_total{"connect_total", {}, false};  ///< Scheduled start -> CONNACK.
  Metric suback{"suback", {}, false};                ///< SUBSCRIBE -> SUBACK.
  /// SUBACK -> the first message: a probe, or retained.
  Metric first_delivery{"first_delivery", {}, false};
  Metric reconnect{"reconnect", {}, false};  ///< Scheduled return of a client that left -> CONNACK.

  std::array<Metric*, 15> all() {
    return {&e2e, &rtt, &ack,     &send_lag,      &own_lag, &e2e_service,    &ack_service, &rec,
            &tcp, &tls, &connack, &connect_total, &suback,  &first_delivery, &reconnect};
  }
  std::array<const Metric*, 15> all() const {
    return {&e2e, &rtt, &ack,     &send_lag,      &own_lag, &e2e_service,    &ack_service, &rec,
            &tcp, &tls, &connack, &connect_total, &suback,  &first_delivery, &reconnect};
  }
};

struct Phase {
  std::string name;
  TimePoint start;
  TimePoint end;
};

/// How the generator itself fared while it measured.
struct SelfStats {
  Duration loop_lag_max{};
  double cpu_share = 0;  ///< Of one core, by the busiest thread.
  std::uint64_t involuntary_switches = 0;
  std::uint64_t rss_bytes = 0;
};

/// Which of the parts that a run was divided into a result is about.
struct Shards {
  std::uint32_t count = 1;
  std::vector<std::uint32_t> given = {0};  ///< In ascending order.
  friend bool operator==(const Shards&, const Shards&) = default;
};

/// What a merged result keeps of its shards besides their sums. Texts begin with the shard.
struct Joined {
  std::set<std::string> invalid_reasons;
  std::set<std::string> warnings;
  std::set<std::string> partial_reasons;
  std::set<Environment> machines;
  /// The measure phases by the wall clock: the first and the last start, the first end. From the
  /// last start to the first end all shards measured.
  TimePoint first_start;
  TimePoint last_start;
  TimePoint first_end;
  Duration skew() const { return last_start - first_start; }
  Duration common_window() const { return std::max(first_end - last_start, Duration()); }
};

/// One of several runs of the same load, one after the other.
struct Repeat {
  std::string run_id;
  std::map<std::string, double> figures;  ///< Those that may be compared, by name.
};

/// Everything a run found out, without any judgement or rendering.
struct Result {
  std::string tool_version = MQ_TOOLS_VERSION;

  // What was asked for.
  Mode mode = Mode::pair;
  std::string run_id;
  Shards shards;
  std::string url;
  /// Of a CONNACK: what the broker says about itself (5.0), by the names in the standard.
  std::map<std::string, std::string> connack_properties;
  Environment environment;
  std::map<std::string, std::string> config;  ///< The settings, for the record.
  unsigned qos = 0;
  std::uint64_t size = 0;
  std::uint64_t publishers = 0;
  std::uint64_t receivers = 0;
  std::uint64_t clients = 0;  ///< Connections asked for.
  double target_rate = 0;     ///< Per second; 0 when the mode has none.
  Duration clock_bound{};     ///< How far the clocks of both ends of a message may be apart.

  // What happened.
  std::vector<Phase> phases;
  Duration clock_offset{};  ///< What the wall clock shows when the clock of `phases` shows 0.
  Duration warmup{};
  Duration measured{};  ///< Length of the measure phase (of the hold, in conn mode).
  Counters measure;
  Counters warm;
  std::uint64_t offered = 0;  ///< Slots reached during the measure phase, by the clock on the wall.
  std::uint64_t sent = 0;     ///< Messages that left during it.
  std::uint64_t received = 0;  ///< Messages that came during it, duplicates included.
  std::uint64_t late = 0;      ///< Arrived after the drain: they stay lost.
  std::uint64_t foreign = 0;   ///< Of another run, or not meant for who got them.
  std::uint64_t corrupt = 0;   ///< Payloads that nobody in this run can have sent.
  std::uint64_t unclassified = 0;
  std::uint64_t displacement_max = 0;
  bool sequences_exact = true;
  Losses losses;

  std::uint64_t connected = 0;  ///< Clients that had a successful CONNACK at least once.
  std::uint64_t online_at_end = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t departures = 0;  ///< Clients that left, or were cut off, because the run says so;
  std::uint64_t returns = 0;     ///< those of them that came back;
  std::uint64_t resumed = 0;     ///< and those that found their session.
  std::uint64_t return_retries = 0;  ///< Attempts to come back that were not let in.
  std::uint64_t ack_timeouts = 0;    ///< Connections given up for want of an acknowledgement.
  /// How long publishers, all together, had messages that only the window kept back (Receive
  /// Maximum or --inflight), and how long what the socket did not take.
  std::uint64_t window_full_ns = 0;
  std::uint64_t send_blocked_ns = 0;
  std::uint64_t subscriptions = 0;         ///< Asked for.
  std::uint64_t subscriptions_proven = 0;  ///< Granted, and in pair mode a probe came through.
  Exchange exchange;  ///< Of messages that go from one shard to another, or to a group in several.
  std::map<std::string, std::uint64_t> errors;  ///< One line each, with how often it happened.

  Metrics metrics;
  Metrics warm_metrics;  ///< Of the messages due in the warm-up.
  Series series;         ///< Its latencies are those of series_metric().
  SelfStats self;        ///< The worst of all threads; switches together.
  std::vector<SelfStats> threads;
  std::optional<int> signal;
  std::string aborted;  ///< Why the run did not begin or was ended early; empty: neither.
  /// Several runs: their figures; the rest is that of the run in the middle.
  std::vector<Repeat> repeats;
  std::optional<Joined> joined;  ///< Of a merged result.

  /// It is a part of which only the whole can tell what was lost.
  bool is_one_end() const { return !joined && !exchange.received.empty(); }
  /// What a run of this mode is about, and its series shows.
  const Metric& series_metric() const;
  /// How late messages arrive, the lost ones infinitely: end to end, or at their sender again.
  const Metric& delivery_metric() const { return mode == Mode::echo ? metrics.rtt : metrics.e2e; }
  /// Messages that a metric of this result is short of.
  std::uint64_t lost_of(const Metric& metric) const;
};

/// What a part of the clients found out joins the whole: figures and histograms are added, of
/// maxima the higher counts. Texts, phases and the window stay the whole's.
void add(Result& whole, const Result& part);
void add(Counters& whole, const Counters& part);

/// The error that voids a run whose ends go by different clocks.
inline constexpr std::string_view kClocksApart =
    "clocks not comparable: a publisher in another shard goes by another clock (--mode echo, "
    "--clock-bound or --affinity pair do without)";

/// Tells whether two results are comparable: equal for equal settings, wherever and whenever.
std::string config_hash(const Result& result);

}  // namespace mq_bench
