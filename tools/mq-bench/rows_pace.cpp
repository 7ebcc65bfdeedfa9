#include "tools/mq-bench/rows.hpp"
#include "tools/mq-bench/units.hpp"

namespace mq_bench {
namespace {

using cli::Complaint;
using cli::Words;

Complaint set_ramp(Options& options, const std::string& word) {
  const auto ramp = parse_ramp(word);
  if (!ramp) return ramp.error();
  options.ramp = *ramp;
  return {};
}

Complaint set_arrival(Options& options, const std::string& word) {
  const auto arrival = parse_arrival(word);
  if (!arrival) return arrival.error();
  options.arrival = *arrival;
  return {};
}

}  // namespace

void add_pace_rows(RowTable& table, Options& options) {
  table.add(kRated,
            {.name = "ramp",
             .value = "FROM..TO/s:TIME",
             .group = kLoadGroup,
             .help = "a rate that grows from FROM to TO, like 0..1000/s:30s, and then stays",
             .man = "In place of --rate. The time of the ramp comes before the warm-up: what is "
                    "measured is the rate at its end. In conn it is the rate of connecting.",
             .set = [&options](Words words) { return set_ramp(options, words[0]); }});
  table.add(kPublishing,
            {.name = "arrival",
             .value = "HOW",
             .group = kLoadGroup,
             .help = "how a client's messages follow each other: uniform, poisson or burst:N",
             .man = "poisson: as if many independent senders stood behind each client, with gaps "
                    "by chance (see --seed); burst:N: N messages at once, then none for as long. "
                    "The rate on the whole is the same.",
             .default_text = "uniform",
             .set = [&options](Words words) { return set_arrival(options, words[0]); },
             .choices = {"uniform", "poisson", "burst:10"}});
  table.add(kPublishing,
            {.name = "phases",
             .value = "HOW",
             .group = kLoadGroup,
             .help = "how the turns of the clients lie: even, at equal distances, or random",
             .man = "random: each client begins at a time by chance (see --seed) within its first "
                    "interval, and keeps to it, so that some send together and others far apart.",
             .default_text = "even",
             .set = cli::set_choice(
                 options.has_random_phases, "kind of phases (even, random)",
                 std::vector<std::pair<std::string_view, bool>>{{"even", false}, {"random", true}}),
             .choices = {"even", "random"}});
  table.add(kPublishing,
            {.name = "seed",
             .value = "NUMBER",
             .group = kLoadGroup,
             .help = "what all random choices follow from: the same seed, the same load",
             .default_text = "1",
             .set = cli::set_number(options.seed, {"seed", 0})});
}

}  // namespace mq_bench
