#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tools/mq-bench/options.hpp"

namespace mq_bench {

/// A value of a scenario as the command line would have it; nothing: the option is a flag that is
/// set.
struct SettingValue {
  std::size_t line = 0;  ///< From 1.
  std::optional<std::string> text;
};

/// One key of a scenario that stands for an option; a repeatable option may have several values.
struct Setting {
  std::size_t line = 0;
  std::string key;   ///< As it is written, for complaints.
  std::string name;  ///< The option's long name.
  std::vector<SettingValue> values;
};

/// A load test in a file (TOML): the subcommand it is for, and options by their long names.
///   scenario = "pair"
///   description = "what it is for"
///   clients = 50
///   rate = "1000/s"
///   assert = ["e2e.p99<50ms", "loss==0"]
/// Dashes in names may be underscores. A flag is `true`; `false` leaves it as it is.
struct Scenario {
  std::string source;  ///< For complaints: the file's name.
  std::string title = {};
  std::string description = {};
  Command command = Command::pair;
  std::size_t command_line = 1;        ///< Where it is named.
  std::vector<Setting> settings = {};  ///< In the order of their lines.
};

/// The error is one line that begins with "SOURCE:LINE:".
std::expected<Scenario, std::string> parse_scenario(std::string_view text, std::string source);
/// The preset of this name, or else the scenario in this file.
std::expected<Scenario, std::string> find_scenario(const std::string& name);

/// Puts the scenario's settings into the options that `rows` write to, save for those that the
/// command line has given (`given`) or has said otherwise by an option that excludes them.
/// Conditions are kept apart until the command line has been read: see settle_precedence(). The
/// complaint begins with "SOURCE:LINE: KEY:".
cli::Complaint apply(const Scenario& scenario, const std::vector<cli::Option>& rows,
                     Options& options, const std::set<std::string_view>& given = {});

/// A scenario's options by themselves, without any command line, checked.
cli::Complaint settle(const Scenario& scenario, Options& options);

}  // namespace mq_bench
