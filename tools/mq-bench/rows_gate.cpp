#include <algorithm>

#include "tools/mq-bench/rows.hpp"

namespace mq_bench {

using cli::Complaint;
using cli::Words;

namespace {

constexpr std::size_t kLongestRunId = 64;

/// It becomes part of topics and client ids, here and in the control broker.
Complaint set_run_id(std::optional<std::string>& target, const std::string& word) {
  const bool is_plain = std::ranges::all_of(word, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_' || c == '.';
  });
  if (word.empty() || word.size() > kLongestRunId || !is_plain)
    return cli::is_not(word, "name of a run: 1 to 64 letters, digits, -, _ and dots");
  target = word;
  return {};
}

void add_baseline_rows(RowTable& table, Options& options) {
  constexpr CommandSet kCompared = kLoads | bit(Command::compare);
  table.add(kLoads, {.name = "baseline",
                     .value = "FILE",
                     .group = kResultGroup,
                     .help = "an earlier JSON result that this run must not fall behind",
                     .man = "A regression exits 99, a baseline that is not comparable (another "
                            "load, processor or number of cores) 5.",
                     .set = cli::set_text(options.baseline_file),
                     .hint = cli::Option::Hint::file});
  table.add(kCompared,
            {.name = "tolerance",
             .value = "LIST",
             .group = kResultGroup,
             .help = "how much worse than the baseline is good enough, like e2e.p99:+15%&+1ms",
             .man = "Figures as for --assert, with a comma between them: "
                    "e2e.p99:+15%&+1ms,rate.recv:-2%. With two bounds a figure is worse only if it "
                    "passes both. Shares of messages (loss:+0.1%) are points of those expected. By "
                    "default, as far as the baseline has them: e2e, rtt and ack p50 (+25%&+500us) "
                    "and p99 (+25%&+2ms), connect_total.p99 (+25%&+10ms), rate.recv and rate.sent "
                    "(-2%), loss and dup (+0.1%), mem.rss (+25%&+16MiB). Needs --baseline, except "
                    "in a scenario.",
             .set = [&options](Words words) -> Complaint {
               auto tolerances = parse_tolerances(words[0]);
               if (!tolerances) return tolerances.error();
               options.tolerances = *std::move(tolerances);
               return {};
             }});
  table.add(kCompared, {.name = "force-compare",
                        .group = kResultGroup,
                        .help = "compare with a baseline of another load or machine all the same",
                        .set = cli::set_flag(options.force_compare)});
  table.add(kLoads,
            {.name = "repeat",
             .value = "COUNT",
             .group = kResultGroup,
             .help = "run so many times; the baseline is compared with the medians",
             .man = "A figure is a regression only if its median is and at least four of five runs "
                    "are worse than the baseline. The result is that of the run in the middle, "
                    "with the figures of all; the exit code is that of the worst run.",
             .default_text = "1",
             .set = cli::set_number(options.repeat, {"number of runs", 1, 1'000})});
}

void add_abort_row(RowTable& table, Options& options) {
  table.add(
      kLoads,
      {.name = "abort-on",
       .value = "CONDITION",
       .group = kResultGroup,
       .help = "end the run when this holds for a second, like loss>0 or e2e.p99>1s; repeatable",
       .man = "As --assert, for each second of the measurement by itself: percentiles, counts "
              "and rates are those of that second. One without data, or with too few samples "
              "for a percentile, ends nothing. The result is written, and the run exits 4. A "
              "message counts as lost once it has been due for longer than --drain.",
       .set = [&options](Words words) -> Complaint {
         auto condition = Condition::parse(words[0]);
         if (!condition) return condition.error();
         if (condition->is_about_warm_up())
           return cli::is_not(words[0], "condition of the measurement, which begins after it");
         options.abort_conditions.push_back(std::move(*condition));
         return {};
       }});
}

}  // namespace

void add_gate_rows(RowTable& table, Options& options) {
  add_baseline_rows(table, options);
  table.add(
      kLoads,
      {.name = "run-id",
       .value = "ID",
       .group = kResultGroup,
       .help = "name of the run; sub and pub under one name on one machine give end-to-end latency",
       .man = "It stands in topics and client ids: 1 to 64 letters, digits, -, _ and dots.",
       .default_text = "random",
       .set = [&options](Words words) { return set_run_id(options.run_id, words[0]); }});
  table.add(
      kLoads | bit(Command::merge),
      {.name = "assert",
       .value = "CONDITION",
       .group = kResultGroup,
       .help = "what the result must satisfy, like e2e.p99<50ms or loss<=0.1%; repeatable",
       .man =
           "Given once or more, it takes the place of the default assertions, and of "
           "a scenario's about the same figure. Times: e2e "
           "(rtt with --mode echo), ack, send_lag, own_lag, e2e_service, ack_service, rec, tcp, "
           "tls, connack, "
           "connect_total, suback, first_delivery, reconnect, each with .p99 (any "
           "percentile), .min, .max, .mean or .n; e2e counts lost messages as infinitely "
           "late, e2e.delivered does not; e2e@warmup.p99 is of the messages due in the "
           "warm-up, e2e@measure.p99 the same as e2e.p99. Messages: loss, dup, "
           "dup_allowed, ooo, late (also in % of those expected), scheduled, sent, "
           "skipped_offline, skipped_backlog, acked, nacked, unacked, no_subscribers, expected, "
           "unique, foreign, corrupt. Others: clients, connected, held, reconnects, "
           "departures, "
           "returns, resumed, return_retries, ack_timeouts, "
           "window_full, send_blocked, mem.rss, mem.growth (from the first to the last quarter of "
           "the measurement, as drift.p50, drift.p99, drift.sent and drift.recv are), "
           "loop_lag.max, rate.target, rate.offered, rate.sent, rate.recv, rate.expected. The "
           "right side may be a multiple of a figure, as in rate.recv>=0.99*rate.expected, or "
           "a figure itself, as in connected==clients. "
           "Without data, or with too few samples, an assertion fails. merge adds these to "
           "those of the shards.",
       .set = [&options](Words words) -> Complaint {
         auto condition = Condition::parse(words[0]);
         if (!condition) return condition.error();
         options.conditions.push_back(std::move(*condition));
         return {};
       }});
  add_abort_row(table, options);
  table.add(kLoads, {.name = "allow-limited",
                     .group = kResultGroup,
                     .help = "a run in which the generator was at its limit still counts as valid",
                     .set = cli::set_flag(options.allow_limited)});
  table.add(
      kLoads,
      {.name = "no-default-asserts",
       .group = kResultGroup,
       .help = "messages lost, refused or unanswered, QoS 2 duplicates and clients that never "
               "connected do not fail the run",
       .set = cli::set_flag(options.default_asserts, false)});
}

}  // namespace mq_bench
