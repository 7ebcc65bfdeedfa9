#include "tools/mq-bench/rows.hpp"

namespace mq_bench {

using cli::Complaint;
using cli::Words;

void add_gate_rows(RowTable& table, Options& options) {
  table.add(
      kMessaging,
      {.name = "run-id",
       .value = "ID",
       .group = kResultGroup,
       .help = "name of the run; sub and pub under one name on one machine give end-to-end latency",
       .default_text = "random",
       .set = cli::set_text(options.run_id)});
  table.add(
      kLoads,
      {.name = "assert",
       .value = "CONDITION",
       .group = kResultGroup,
       .help = "what the result must satisfy, like e2e.p99<50ms or loss<=0.1%; repeatable",
       .man = "Given once or more, it takes the place of the default assertions. Times: e2e, "
              "ack, send_lag, own_lag, tcp, connack, connect_total, suback, each with .p99 (any "
              "percentile), .min, .max, .mean or .n; e2e counts lost messages as infinitely "
              "late, e2e.delivered does not. Figures: loss, dup, ooo (also in % of those "
              "expected), nacked, unacked, connected, held, reconnects, mem.rss, rate.target, "
              "rate.offered, rate.sent, rate.recv, rate.expected, as in "
              "rate.recv>=0.99*rate.expected. Without data, or with too few samples, an "
              "assertion fails.",
       .set = [&options](Words words) -> Complaint {
         auto condition = Condition::parse(words[0]);
         if (!condition) return condition.error();
         options.conditions.push_back(std::move(*condition));
         return {};
       }});
  table.add(kLoads, {.name = "allow-limited",
                     .group = kResultGroup,
                     .help = "a run in which the generator was at its limit still counts as valid",
                     .set = cli::set_flag(options.allow_limited)});
  table.add(kLoads,
            {.name = "no-default-asserts",
             .group = kResultGroup,
             .help = "loss, QoS 2 duplicates and clients that never connected do not fail the run",
             .set = cli::set_flag(options.default_asserts, false)});
}

}  // namespace mq_bench
