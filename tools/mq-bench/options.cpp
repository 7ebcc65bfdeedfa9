#include "tools/mq-bench/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "libmqtt/codec/topic.hpp"
#include "tools/common/setters.hpp"
#include "tools/common/terminal.hpp"
#include "tools/mq-bench/division.hpp"
#include "tools/mq-bench/precedence.hpp"
#include "tools/mq-bench/presets.hpp"
#include "tools/mq-bench/rows.hpp"
#include "tools/mq-bench/scenario.hpp"
#include "tools/mq-bench/settle_load.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

using cli::Complaint;

constexpr std::string_view kDescription =
    "mq-bench pair sends messages from publishers to subscribers of its own and accounts for "
    "each of them; pub "
    "only sends, sub only receives, conn opens connections and holds them.\n\n"
    "run does what a scenario says: a preset that list names, or a FILE in TOML. Its keys "
    "are "
    "the long names of the options below, and scenario names the subcommand; flags are true, "
    "options that may stand more than once have arrays. What the command line gives wins "
    "over "
    "the scenario; of its assertions those stay that are about other figures. list PRESET prints a "
    "preset as such a file. check looks whether this "
    "machine can bear a load, without any connection, and says what to change where it "
    "cannot.\n\n"
    "merge makes one result of those of several shards, compare holds a result against an earlier "
    "one, report shows a result once more in the forms that the options name. \"-\" is stdin.\n\n"
    "Messages are due at fixed times, whatever became of those before them, and latency "
    "counts from the time a "
    "message was due: a broker that stalls cannot hide it by slowing the sender down. Lost "
    "messages count as "
    "infinitely late. A percentile is printed when at least ten samples lie above it. A run "
    "in which the load "
    "generator itself was the bottleneck, or whose books do not balance, declares itself "
    "invalid.";

std::vector<cli::Tool::Text> examples() {
  return {
      {"mq-bench pair -c 10 --rate 20000/s -q 1 --duration 10s",
       "Ten pairs, 20000 messages a second in total."},
      {"mq-bench run ci-smoke -h broker --assert 'e2e.p99<50ms'",
       "A preset; mq-bench list names all of them."},
      {"mq-bench run ci-smoke --repeat 5 --baseline main.json --tolerance 'e2e.p99:+15%&+1ms'",
       "Five runs, whose medians must not be worse than an earlier result."},
      {"mq-broker-lite -p 0 --port-file port --ready-fd 3 3>ready & read -r _ <ready && mq-bench "
       "run ci-smoke -p \"$(cat port)\" --assert loss==0 --assert 'e2e.p99<50ms' --baseline "
       "main.json --junit junit.xml --md \"$GITHUB_STEP_SUMMARY\"",
       "In a CI job, after mkfifo ready: a broker on a free port, and what the server shows. "
       "scripts/ci in the sources has this as a script, and for GitHub and GitLab."},
      {"mq-bench pair -c 1000 --rate 5000/s --run-id r7 --shard 0/2 --barrier mqtt://control "
       "--json 0.json",
       "One half of a run; with 1/2 the other one on another machine, and mq-bench merge 0.json "
       "1.json -o all.json for the whole."},
      {"mq-bench list p2p-1k > mine.toml && mq-bench run mine.toml",
       "A preset as the beginning of a scenario of one's own."},
      {"mq-bench conn -c 5000 --rate 1000/s --hold 1m",
       "Open 5000 connections in five seconds and keep them for a minute."}};
}

std::vector<std::string_view> each_command(std::string_view CommandRow::*text) {
  std::vector<std::string_view> texts;
  for (const CommandRow& row : all_commands()) texts.push_back(row.*text);
  return texts;
}

std::string command_names() {
  return fmt::format("{}", fmt::join(each_command(&CommandRow::name), ", "));
}

Complaint set_word(Options& options, const std::string& word) {
  if (options.command) {
    const CommandRow& row = row_of(*options.command);
    if (!row.takes_words)
      return fmt::format("unexpected word {}: {} is the subcommand", cli::quoted(word), row.name);
    options.words.push_back(word);
    return {};
  }
  const auto row = std::ranges::find(all_commands(), word, &CommandRow::name);
  if (row == all_commands().end())
    return fmt::format("{} is not a subcommand ({})", cli::quoted(word), command_names());
  options.command = row->command;
  return {};
}

/// What run and check are about: a preset, a file, or for check a subcommand's own load.
Complaint load_scenario(Options& options, const std::vector<cli::Option>& rows, cli::Words words,
                        const std::set<std::string_view>& given) {
  const bool is_check = !words.empty() && words[0] == name(Command::check);
  if (words.empty() || (words[0] != name(Command::run) && !is_check)) return {};
  if (words.size() > 2) return fmt::format("unexpected word {}", cli::quoted(words[2]));
  if (words.size() < 2 && is_check) {
    options.load = Command::pair;
    return {};
  }
  if (words.size() < 2)
    return "run: needs a preset (mq-bench list names them) or a scenario's FILE.toml";
  const auto row = std::ranges::find(all_commands(), words[1], &CommandRow::name);
  if (is_check && row != all_commands().end() && row->mode) {
    options.load = row->command;
    return {};
  }
  const auto scenario = find_scenario(words[1]);
  return scenario ? apply(*scenario, rows, options, given) : scenario.error();
}

/// Files that a subcommand works on.
Complaint check_words(const Options& options) {
  const std::size_t count = options.words.size();
  switch (*options.command) {
    case Command::merge:
      if (count == 0) return "merge: needs the JSON results of the shards";
      return options.merged_file || options.json_file ? Complaint()
                                                      : "merge: needs a file for the whole (-o)";
    case Command::compare:
      return count == 2 ? Complaint() : "compare: needs two JSON results, the earlier one first";
    case Command::report:
      return count == 1 ? Complaint() : "report: needs one JSON result";
    default:
      return {};
  }
}

/// What lets several runs be one.
Complaint check_shards(Options& options) {
  const Shards& shards = options.shards;
  if (Complaint complaint = check_division(options); !complaint.empty()) return complaint;
  if ((shards.count > 1 || options.barrier) && options.repeat > 1)
    return "--repeat: has no meaning for a run in several shards";
  if (options.is_split && shards.count < 2)
    return "--affinity split: needs --shard, which the ends of a pair are divided among";
  if (options.is_split && !options.barrier && !options.start_at)
    return "--affinity split: needs --barrier or --start-at, since each shard waits for others";
  if (options.clock_bound > mqtt::Duration() && options.mode() == Mode::pair && !options.is_split)
    return "--clock-bound: has no meaning for pairs that live together (--affinity pair)";
  if (options.clock_bound > mqtt::Duration() && !options.run_id)
    return "--clock-bound: needs a --run-id, the same for all ends";
  if (!options.barrier) return {};
  if (options.start_at) return "--barrier and --start-at exclude each other";
  if (!options.run_id) return "--barrier: needs a --run-id, the same for all shards";
  cli::ConnectionOptions& barrier = *options.barrier;
  using Scheme = mqtt::net::Address::Scheme;
  if (barrier.address.scheme == Scheme::mqtts || barrier.address.scheme == Scheme::wss)
    barrier.transport = options.connection.transport;
  const Complaint complaint = cli::check(barrier);
  return complaint.empty() ? complaint : "--barrier: " + complaint;
}

/// A message that comes back has no latency from end to end, and no other one a round trip.
Complaint check_metrics(std::string_view flag, const std::vector<Condition>& conditions,
                        Mode mode) {
  const bool is_echo = mode == Mode::echo;
  const auto wrong = std::ranges::find_if(
      conditions, [&](const Condition& c) { return c.is_about(is_echo ? "e2e" : "rtt"); });
  if (wrong == conditions.end()) return {};
  return fmt::format("{}: {}: {}", flag, wrong->text(),
                     is_echo ? "--mode echo measures rtt, and no e2e" : "rtt needs --mode echo");
}

/// A gate without what it is for would pass on nothing. A scenario may have one for the runs that
/// get a baseline.
Complaint check_gates(const Options& options) {
  for (const std::string_view gate : {"tolerance", "force-compare"}) {
    if (!options.baseline_file && options.is_on_command_line(gate))
      return fmt::format("--{}: needs a --baseline to compare the run with", gate);
  }
  return {};
}

Complaint check_version(const Options& options) {
  const auto version = options.connection.version.value_or(mqtt::Version::v5_0);
  if (version == mqtt::Version::v5_0 || options.connection.properties.empty()) return {};
  return "-D: needs MQTT 5.0, and -V says otherwise";
}

Complaint check(Options& options) {
  if (!options.command) return "no subcommand: " + command_names();
  for (const Options::Given& given : options.given) {
    const Command command = options.load.value_or(*options.command);
    if ((given.commands & bit(command)) == 0)
      return fmt::format("{}: has no meaning for {}", given.flag, name(command));
  }
  if (const Complaint complaint = check_words(options); !complaint.empty()) return complaint;
  if (!options.load && !row_of(*options.command).mode) return {};
  settle_precedence(options);
  if (options.rate && options.rate_per_client) return "--rate and -r exclude each other";
  if (options.ramp && (options.rate || options.rate_per_client))
    return "--ramp excludes --rate and -r: it ends with a rate of its own";
  if (options.ramp && options.arrival != Arrival{})
    return "--ramp and --arrival exclude each other";
  if (options.is_closed_loop &&
      (options.rate || options.rate_per_client || options.ramp || options.arrival != Arrival{}))
    return "--loop closed: answers set the pace, not --rate, -r, --ramp or --arrival";
  if (!options.is_closed_loop && options.expected_interval > mqtt::Duration())
    return "--expected-interval: needs --loop closed";
  if (options.has_random_phases &&
      (options.is_closed_loop || options.ramp || options.arrival.kind == Arrival::Kind::poisson))
    return "--phases: is for a fixed rate, without --loop closed, --ramp or --arrival poisson";
  // The schedule multiplies the two.
  const auto period = options.total_rate().period.count();
  if (period > std::numeric_limits<std::int64_t>::max() / options.senders() / options.arrival.burst)
    return "the rate is too low for so many clients";
  Complaint complaint = check_version(options);
  if (complaint.empty()) complaint = check_gates(options);
  if (complaint.empty()) complaint = settle_load(options);
  if (complaint.empty()) complaint = check_shards(options);
  if (complaint.empty()) complaint = check_metrics("--assert", options.conditions, options.mode());
  if (complaint.empty())
    complaint = check_metrics("--abort-on", options.abort_conditions, options.mode());
  if (complaint.empty())
    complaint = options.identities.settle(options.connection, options.most_of_a_kind());
  return complaint;
}

}  // namespace

Rate Options::total_rate() const {
  if (rate) return *rate;
  if (ramp) return ramp->target();
  if (mode() == Mode::conn) return {100, mqtt::Seconds(1)};
  if (mode() == Mode::retained) return {1'000, mqtt::Seconds(1)};
  Rate total = rate_per_client.value_or(Rate{});
  total.count *= senders();
  return total;
}

std::string expand(std::string_view pattern, std::uint32_t index) {
  return replaced(pattern, "%i", std::to_string(index));
}

std::string as_filter(std::string_view pattern) { return replaced(pattern, "%i", "+"); }

cli::Tool describe(Options& options) {
  RowTable table(options);
  add_connection_rows(table, options);
  add_link_rows(table, options);
  add_load_rows(table, options);
  add_fan_rows(table, options);
  add_storm_rows(table, options);
  add_pace_rows(table, options);
  add_time_rows(table, options);
  add_output_rows(table, options);
  add_live_rows(table, options);
  add_gate_rows(table, options);
  add_shard_rows(table, options);
  const std::vector<cli::Option> rows = table.take();
  return {
      .name = "mq-bench",
      .summary = "load-test an MQTT broker",
      .synopsis = each_command(&CommandRow::synopsis),
      .description = kDescription,
      .options = rows,
      .exit_codes =
          {{"0", "The run was valid and all assertions passed."},
           {"2",
            "Usage error, or a file or limit that makes the run impossible. The first "
            "that applies of 2, 3, 4, 5 and 99 is the exit code."},
           {"3", "No client ever connected."},
           {"4",
            "The broker was lost and not regained, or a shard is missing; the result is "
            "partial."},
           {"5",
            "The run was invalid: generator at its limit, or books that do not balance; or "
            "the baseline is not comparable."},
           {"99",
            "An assertion failed, by default: messages lost, refused or unanswered at QoS 1 or 2, "
            "duplicates at QoS 2, or clients that did not connect; or a figure fell behind the "
            "baseline."},
           {"130, 143",
            "Interrupted by SIGINT, or by SIGTERM or SIGHUP; the result is partial. A second "
            "SIGINT or SIGTERM does not wait for what is still under way."}},
      .examples = examples(),
      .see_also = {"mq-pub(1)", "mq-sub(1)", "mq-broker-lite(1)"},
      .usage_exit_code = 2,
      .output_exit_code = 2,
      .set_positional = [&options](const std::string& word) { return set_word(options, word); },
      .positional_choices = each_command(&CommandRow::name),
      .following_words = {{.after = "run", .words = preset_names(), .has_files = true},
                          {.after = "list", .words = preset_names()},
                          {.after = "check", .words = preset_names(), .has_files = true},
                          {.after = "merge", .words = {}, .has_files = true},
                          {.after = "compare", .words = {}, .has_files = true},
                          {.after = "report", .words = {}, .has_files = true}},
      .prepare =
          [&options, rows](cli::Words words, const std::set<std::string_view>& given) {
            return load_scenario(options, rows, words, given);
          },
      .check = [&options, rows] { return located(check(options), options, rows); },
  };
}

}  // namespace mq_bench
