#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/common/option.hpp"
#include "tools/common/setters.hpp"
#include "tools/mq-bench/options.hpp"

namespace mq_bench {

// The headings of the option table.
inline constexpr std::string_view kBrokerGroup = "Broker";
inline constexpr std::string_view kLoadGroup = "Load";
inline constexpr std::string_view kTimeGroup = "Time";
inline constexpr std::string_view kResultGroup = "Result";
inline constexpr std::string_view kShardGroup = "Many machines";

// Sets of subcommands that a row can apply to.
inline constexpr CommandSet kFans = bit(Command::fanout) | bit(Command::fanin);
inline constexpr CommandSet kAudiences = bit(Command::retained) | bit(Command::wills);
inline constexpr CommandSet kPublishing =
    bit(Command::pair) | bit(Command::pub) | kFans | bit(Command::storm) | bit(Command::retained);
inline constexpr CommandSet kMessaging = kPublishing | bit(Command::sub) | bit(Command::wills);
inline constexpr CommandSet kRated = kPublishing | bit(Command::conn);
inline constexpr CommandSet kLoads = kMessaging | bit(Command::conn);
/// Those that have a result in the end.
inline constexpr CommandSet kResults =
    kLoads | bit(Command::merge) | bit(Command::compare) | bit(Command::report);

/// Collects rows, each with the subcommands it applies to; a row remembers that it was given.
class RowTable {
 public:
  explicit RowTable(Options& options) : options_(options) {}

  void add(CommandSet commands, cli::Option row);
  std::vector<cli::Option> take() { return std::move(rows_); }

 private:
  Options& options_;
  std::vector<cli::Option> rows_;
};

// Each adds the rows of its file.
void add_connection_rows(RowTable& table, Options& options);
void add_link_rows(RowTable& table, Options& options);
void add_load_rows(RowTable& table, Options& options);
void add_storm_rows(RowTable& table, Options& options);
void add_fan_rows(RowTable& table, Options& options);
void add_message_rows(RowTable& table, Options& options);
void add_pace_rows(RowTable& table, Options& options);
void add_time_rows(RowTable& table, Options& options);
void add_output_rows(RowTable& table, Options& options);
void add_live_rows(RowTable& table, Options& options);
void add_gate_rows(RowTable& table, Options& options);
void add_shard_rows(RowTable& table, Options& options);

// Setters for the tool's own units.
cli::Setter set_duration(mqtt::Duration& target, cli::Zero zero);
cli::Setter set_rate(std::optional<Rate>& target);

}  // namespace mq_bench
