#include "tools/mq-bench/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "tools/common/config_file.hpp"
#include "tools/common/parse.hpp"
#include "tools/common/setters.hpp"
#include "tools/common/terminal.hpp"
#include "tools/mq-bench/presets.hpp"

namespace mq_bench {
namespace {

using cli::Complaint;

constexpr std::size_t kLargestFile = 1'000'000;

/// Of these one excludes the others: what the command line says replaces any of them in a scenario.
using Alternatives = std::vector<std::string_view>;
const std::array kAlternatives{
    Alternatives{"rate", "rate-per-client", "ramp"},
    Alternatives{"duration", "count"},
    Alternatives{"size", "message"},
    Alternatives{"barrier", "start-at"},
};
/// Of these the scenario's stay beside the command line's: see settle_precedence().
constexpr std::array<std::string_view, 2> kJoined{"assert", "abort-on"};

bool is_overruled(std::string_view name, const std::set<std::string_view>& given) {
  if (given.contains(name)) return std::ranges::find(kJoined, name) == kJoined.end();
  return std::ranges::any_of(kAlternatives, [&](const Alternatives& names) {
    return std::ranges::find(names, name) != names.end() &&
           std::ranges::any_of(names,
                               [&](std::string_view other) { return given.contains(other); });
  });
}

/// "; did you mean clients?", or nothing when no name is near.
std::string suggestion(std::string_view name, const std::vector<cli::Option>& rows) {
  std::vector<std::string_view> names{"scenario", "title", "description"};
  for (const cli::Option& row : rows) names.push_back(row.name);
  const auto close = cli::closest(name, names);
  return close ? fmt::format("; did you mean {}?", *close) : std::string();
}

Complaint apply_value(const cli::Option& row, const SettingValue& value) {
  if (row.is_flag() != !value.text) {
    return row.is_flag() ? Complaint("is true or false, without quotes")
                         : fmt::format("needs a value: {}", row.value);
  }
  std::vector<std::string> words;
  if (value.text && row.word_count != nullptr) {
    words = cli::split_value(row, *value.text);
    if (words.size() != row.word_count(words)) return fmt::format("needs {}", row.value);
  } else if (value.text) {
    words.push_back(*value.text);
  }
  return row.set(words);
}

Complaint apply_setting(const Setting& setting, const Scenario& scenario, const cli::Option& row,
                        Options& options) {
  const auto complain = [&](std::size_t line, std::string_view what) {
    return fmt::format("{}:{}: {}: {}", scenario.source, line, setting.key, what);
  };
  for (const SettingValue& value : setting.values) {
    const Complaint complaint = apply_value(row, value);
    if (!complaint.empty()) return complain(value.line, complaint);
    Options::Given& given = options.given.back();
    given.line = value.line;
    given.key = cli::escaped(setting.key);
    if ((given.commands & bit(scenario.command)) == 0)
      return complain(setting.line, fmt::format("has no meaning for {}", name(scenario.command)));
  }
  return {};
}

std::expected<std::string, std::string> read_text(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return std::unexpected(fmt::format("{}: is a directory", cli::escaped(path)));
  std::ifstream file(path, std::ios::binary);
  std::string text(kLargestFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open())
    return std::unexpected(fmt::format("{}: cannot be read", cli::escaped(path)));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kLargestFile)
    return std::unexpected(fmt::format("{}: too large for a scenario", cli::escaped(path)));
  return text;
}

}  // namespace

std::expected<Scenario, std::string> find_scenario(const std::string& name) {
  if (const Preset* preset = find_preset(name); preset != nullptr)
    return parse_scenario(preset->text, name);
  std::error_code error;
  const bool is_file =
      name.contains('/') || name.ends_with(".toml") || std::filesystem::exists(name, error);
  if (!is_file) {
    std::vector<std::string_view> names;
    for (const Preset& preset : all_presets()) names.push_back(preset.name);
    const auto close = cli::closest(name, names);
    return std::unexpected(fmt::format(
        "{} is neither a preset nor a file; {}", cli::quoted(name),
        close ? fmt::format("did you mean {}?", *close) : "mq-bench list names the presets"));
  }
  const auto text = read_text(name);
  if (!text) return std::unexpected(text.error());
  return parse_scenario(*text, cli::escaped(name));
}

Complaint apply(const Scenario& scenario, const std::vector<cli::Option>& rows, Options& options,
                const std::set<std::string_view>& given) {
  options.load = scenario.command;
  Options::Source& source =
      options.source.emplace(Options::Source{scenario.source, scenario.command_line, {}, {}});
  for (const Setting& setting : scenario.settings) {
    const auto row = std::ranges::find(rows, setting.name, &cli::Option::name);
    if (row == rows.end()) {
      return fmt::format("{}:{}: {}: there is no such setting{}", scenario.source, setting.line,
                         cli::escaped(setting.key), suggestion(setting.name, rows));
    }
    if (is_overruled(setting.name, given)) continue;
    Complaint complaint = apply_setting(setting, scenario, *row, options);
    if (!complaint.empty()) return complaint;
  }
  source.conditions = std::exchange(options.conditions, {});
  source.abort_conditions = std::exchange(options.abort_conditions, {});
  return {};
}

Complaint settle(const Scenario& scenario, Options& options) {
  const cli::Tool tool = describe(options);
  options.command = Command::run;
  options.words = {scenario.source};
  Complaint complaint = apply(scenario, tool.options, options);
  return complaint.empty() ? tool.check() : complaint;
}

}  // namespace mq_bench
