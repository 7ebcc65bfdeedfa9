#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <toml.hpp>
#include <utility>

#include "tools/common/terminal.hpp"
#include "tools/mq-bench/scenario.hpp"

// The only file that knows TOML's grammar: toml11 reads it, and says where each value stands.

namespace mq_bench {
namespace {

using Outcome = std::expected<void, std::string>;

/// toml11 reads brackets by recursion.
constexpr int kDeepest = 200;

std::string at(const std::string& source, std::size_t line, std::string_view what) {
  return fmt::format("{}:{}: {}", source, line, what);
}

std::size_t line_of(const toml::value& value) { return value.location().line(); }

/// Counts brackets wherever they stand: more open ones than any scenario has are not worth reading.
bool is_too_deep(std::string_view text) {
  int depth = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c == '\n') depth = std::max(depth, 0);
    if (depth > kDeepest) return true;
  }
  return false;
}

/// What toml11 has to say, in one line: "[error] toml::parse_table: invalid line format" and a
/// drawing below it.
std::string reason(std::string_view what) {
  std::string_view line = what.substr(0, what.find('\n'));
  if (const std::size_t colon = line.find(": "); colon != std::string_view::npos)
    line.remove_prefix(colon + 2);
  return std::string(line);
}

/// The value as the command line would have it.
std::expected<SettingValue, std::string> read_value(const toml::value& value) {
  SettingValue read{line_of(value), {}};
  if (value.is_string()) {
    read.text = value.as_string().str;
  } else if (value.is_integer()) {
    // What toml11 makes of those that do not fit.
    if (value.as_integer() == std::numeric_limits<toml::integer>::max())
      return std::unexpected("is too large for a number without quotes");
    read.text = std::to_string(value.as_integer());
  } else if (value.is_floating()) {
    read.text = fmt::format("{}", value.as_floating());
  } else if (!value.is_boolean()) {
    return std::unexpected("is text, a number, true or false, or an array of such");
  }
  if (read.text && read.text->contains('\0')) return std::unexpected("holds a NUL");
  return read;
}

Outcome add_setting(Scenario& scenario, const std::string& key, const toml::value& value) {
  Setting setting{line_of(value), key, key, {}};
  std::ranges::replace(setting.name, '_', '-');
  const auto complain = [&](std::size_t line, std::string_view what) {
    return std::unexpected(
        at(scenario.source, line, fmt::format("{}: {}", cli::escaped(key), what)));
  };
  if (std::ranges::find(scenario.settings, setting.name, &Setting::name) != scenario.settings.end())
    return complain(setting.line, "given twice");
  const auto add = [&](const toml::value& element) -> Outcome {
    auto read = read_value(element);
    if (!read) return complain(line_of(element), read.error());
    const bool is_off = element.is_boolean() && !element.as_boolean();
    if (!is_off) setting.values.push_back(std::move(*read));
    return {};
  };
  if (value.is_array()) {
    for (const toml::value& element : value.as_array()) {
      if (Outcome added = add(element); !added) return added;
    }
  } else if (Outcome added = add(value); !added) {
    return added;
  }
  scenario.settings.push_back(std::move(setting));
  return {};
}

Outcome set_command(Scenario& scenario, const toml::value& value) {
  std::string names;
  for (const CommandRow& row : all_commands()) {
    if (!row.mode) continue;
    if (value.is_string() && value.as_string().str == row.name) {
      scenario.command = row.command;
      scenario.command_line = line_of(value);
      return {};
    }
    names += fmt::format("{}{}", names.empty() ? "" : ", ", row.name);
  }
  return std::unexpected(
      at(scenario.source, line_of(value), fmt::format("scenario: is one of {}, in quotes", names)));
}

Outcome add_key(Scenario& scenario, const std::string& key, const toml::value& value) {
  if (key == "scenario") return set_command(scenario, value);
  if (key != "title" && key != "description") return add_setting(scenario, key, value);
  if (!value.is_string())
    return std::unexpected(at(scenario.source, line_of(value), key + ": is a text in quotes"));
  (key == "title" ? scenario.title : scenario.description) = value.as_string().str;
  return {};
}

std::expected<toml::value, std::string> read_toml(std::string_view text,
                                                  const std::string& source) {
  std::istringstream stream{std::string(text)};
  try {
    return toml::parse(stream, source);
  } catch (const toml::exception& error) {
    return std::unexpected(
        at(source, error.location().line(),
           fmt::format("not TOML: {} (text like \"10s\" stands in quotes)", reason(error.what()))));
  } catch (const std::exception&) {
    return std::unexpected(fmt::format("{}: not TOML", source));
  }
}

}  // namespace

std::expected<Scenario, std::string> parse_scenario(std::string_view text, std::string source) {
  if (is_too_deep(text)) return std::unexpected(fmt::format("{}: too many brackets", source));
  const auto document = read_toml(text, source);
  if (!document) return std::unexpected(document.error());
  const toml::table& table = document->as_table();
  // In the order of the file: the first mistake is the one that is told.
  std::vector<const toml::table::value_type*> entries;
  for (const auto& entry : table) entries.push_back(&entry);
  std::ranges::sort(entries, {}, [](const auto* entry) {
    return std::pair(line_of(entry->second), entry->first);
  });
  Scenario scenario{.source = std::move(source)};
  for (const auto* entry : entries) {
    if (Outcome added = add_key(scenario, entry->first, entry->second); !added)
      return std::unexpected(std::move(added.error()));
  }
  if (!table.contains("scenario"))
    return std::unexpected(scenario.source + ": has no scenario, like scenario = \"pair\"");
  return scenario;
}

}  // namespace mq_bench
