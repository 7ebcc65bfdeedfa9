#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/common/connection_options.hpp"
#include "tools/common/option.hpp"
#include "tools/mq-bench/assertion.hpp"
#include "tools/mq-bench/command.hpp"
#include "tools/mq-bench/identities.hpp"
#include "tools/mq-bench/link_options.hpp"
#include "tools/mq-bench/observer.hpp"
#include "tools/mq-bench/payload_source.hpp"
#include "tools/mq-bench/result.hpp"
#include "tools/mq-bench/timetable.hpp"
#include "tools/mq-bench/tolerance.hpp"
#include "tools/mq-bench/verdict.hpp"

namespace mq_bench {

/// What the command line asks for. Fields of options that the subcommand has no use for keep their
/// defaults: giving such an option is an error.
struct Options {
  std::optional<Command> command;
  std::optional<Command> load;     ///< The one whose load it is: of run and check, the scenario's.
  std::vector<std::string> words;  ///< The command's operands.
  cli::ConnectionOptions connection;
  LinkOptions link;
  std::optional<std::string> id_prefix;
  Identities identities;

  std::uint32_t clients = 1;
  std::uint32_t publishers = 1;          ///< Of fanout and fanin.
  std::uint32_t subscribers = 1;         ///< Of fanout and fanin.
  std::optional<std::uint32_t> members;  ///< In each group; nothing: all are one.
  std::optional<std::string> filter;     ///< Of pairs, where it is not the topic.
  std::uint32_t kill = 10'000;           ///< Of 10,000 clients of a storm so many are cut off.
  mqtt::Duration back = std::chrono::seconds(2);  ///< All of them are back after this.
  std::uint32_t topics = 1'000;                   ///< Of retained messages.
  std::optional<Rate> churn;
  std::uint32_t decoys = 0;              ///< More filters of each subscriber.
  std::optional<std::uint32_t> threads;  ///< Nothing: as many as the load needs.
  std::optional<Rate> rate;              ///< Of all clients together.
  std::optional<Rate> rate_per_client;
  std::optional<Ramp> ramp;  ///< Of all clients together, in place of a rate.
  Arrival arrival;
  bool has_random_phases = false;      ///< Of the clients; else they are spread evenly.
  bool is_closed_loop = false;         ///< A message is due when one before it was answered.
  mqtt::Duration expected_interval{};  ///< Between a closed loop's messages; 0: not known.
  bool is_echo = false;   ///< Of pairs: messages come back, and are timed by their sender.
  bool is_split = false;  ///< Of pairs: the ends are in different shards.
  std::uint64_t seed = 1;
  std::uint8_t qos = 0;
  PayloadWish payload;
  PayloadSource payloads;            ///< What has been made of it.
  std::optional<std::string> share;  ///< The group that subscribers form.
  std::optional<std::string> topic;  ///< `%i` stands for the client's number.
  std::uint16_t maximum_in_flight = 65'535;
  std::uint32_t maximum_backlog = 10'000;  ///< Messages per client.

  mqtt::Duration warmup = std::chrono::seconds(5);
  mqtt::Duration duration = std::chrono::seconds(30);
  std::optional<std::uint64_t> count;  ///< Of messages to measure; the duration follows from it.
  mqtt::Duration drain = std::chrono::seconds(5);
  mqtt::Duration hold = std::chrono::seconds(30);
  std::optional<std::string> run_id;
  Shards shards;                                  ///< One: which part of the run this is.
  std::optional<cli::ConnectionOptions> barrier;  ///< The control broker.
  std::optional<mqtt::Duration> start_at;         ///< Since 1970.
  mqtt::Duration clock_bound{};                   ///< 0: pub and sub share a clock.

  std::optional<std::string> merged_file;  ///< Of -o.
  std::optional<std::string> json_file;    ///< "-" is stdout.
  std::optional<std::string> junit_file;
  std::optional<std::string> markdown_file;
  std::optional<std::string> hdr_file;
  std::optional<std::string> html_file;
  std::optional<std::string> events_file;
  Progress progress = Progress::automatic;
  std::optional<mqtt::net::ListenOptions> metrics;
  std::vector<Condition> conditions;        ///< Of --assert.
  std::vector<Condition> abort_conditions;  ///< On each second of the measurement.
  std::optional<std::string> baseline_file;
  std::vector<Tolerance> tolerances = default_tolerances();
  bool force_compare = false;
  std::uint32_t repeat = 1;
  bool allow_limited = false;
  bool default_asserts = true;

  /// Options that were given, with the commands they apply to: for the check at the end.
  struct Given {
    std::string_view name;  ///< The long one.
    std::string flag;
    CommandSet commands = 0;
    std::size_t line = 0;  ///< In the scenario; 0: the command line has given it.
    std::string key;       ///< As the scenario writes it.
  };
  std::vector<Given> given;
  /// Where the load is described, if it is in a scenario.
  struct Source {
    std::string name;
    std::size_t line = 0;               ///< Of the key that names the subcommand.
    std::vector<Condition> conditions;  ///< Its own; see join_conditions().
    std::vector<Condition> abort_conditions;
  };
  std::optional<Source> source;

  /// Whether the command line itself has set this option, by its long name.
  bool is_on_command_line(std::string_view name) const {
    return std::ranges::any_of(
        given, [name](const Given& option) { return option.name == name && option.line == 0; });
  }
  /// Of a command that has one.
  Mode mode() const { return is_echo ? Mode::echo : *row_of(load.value_or(*command)).mode; }
  bool has_pairs() const { return mode() == Mode::pair || mode() == Mode::echo; }
  bool is_fan() const { return mode() == Mode::fanout || mode() == Mode::fanin; }
  /// Of fanin: subscribers, or groups of them.
  std::uint32_t fanin_receivers() const {
    if (!share) return subscribers;
    const std::uint32_t size = members.value_or(subscribers);
    return (subscribers + size - 1) / size;
  }
  /// Of a fan in several shards: messages go from one to another.
  bool crosses_shards() const {
    if (shards.count < 2 || !is_fan()) return false;
    return mode() == Mode::fanout || fanin_receivers() % shards.count != 0;
  }
  bool has_rate() const { return rate || rate_per_client || ramp; }
  bool publishes() const {
    return has_pairs() || mode() == Mode::pub || mode() == Mode::retained || is_fan() ||
           (mode() == Mode::storm && has_rate());
  }
  /// Clients that a rate is shared by.
  std::uint32_t senders() const {
    return is_fan() ? publishers : mode() == Mode::retained ? 1 : clients;
  }
  /// Clients of one kind have numbers below this.
  std::uint32_t most_of_a_kind() const { return std::max({clients, publishers, subscribers}); }
  /// How many the load wants here at a time.
  std::uint64_t connections() const {
    const auto here = [this](std::uint64_t all) { return (all + shards.count - 1) / shards.count; };
    if (is_fan() || mode() == Mode::retained) return here(publishers) + here(subscribers);
    if (mode() == Mode::wills) return here(clients) + here(subscribers);
    if (mode() == Mode::storm) return here(clients) * (has_rate() ? 2 : 1);
    return here(clients) * (mode() == Mode::echo ? 3 : mode() == Mode::pair ? 2 : 1);
  }
  JudgeOptions judging() const { return {allow_limited, default_asserts, conditions}; }
  /// How many unanswered messages a client has at most, when answers set the pace.
  std::uint16_t closed_window() const {
    return maximum_in_flight == 65'535 ? std::uint16_t{1} : maximum_in_flight;
  }
  /// Of all clients together: messages, or connections in conn mode.
  Rate total_rate() const;
  /// When that many publishers send.
  Pace pace(std::uint32_t senders) const {
    return {total_rate(), senders, arrival, seed, ramp ? &*ramp : nullptr, has_random_phases};
  }
  /// The ramp is no part of what is measured.
  mqtt::Duration time_before_measuring() const {
    return warmup + (ramp ? ramp->length : mqtt::Duration());
  }
};

/// The topic or filter of client number `index`.
std::string expand(std::string_view pattern, std::uint32_t index);

/// The pattern as a filter for the topics of all clients: + in the place of their numbers.
std::string as_filter(std::string_view pattern);

cli::Tool describe(Options& options);

}  // namespace mq_bench
