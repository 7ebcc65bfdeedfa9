#include "tools/mq-bench/precedence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <ranges>
#include <string_view>
#include <utility>

namespace mq_bench {
namespace {

using cli::Complaint;

/// A closed loop has no rate, and the other way round: a preset's cannot be taken back otherwise.
void settle_pace(Options& options) {
  constexpr std::array<std::string_view, 4> kPaces{"rate", "rate-per-client", "ramp", "arrival"};
  const bool has_pace = options.has_rate() || options.arrival != Arrival{};
  if (!options.is_closed_loop || !has_pace) return;
  const bool is_loop_given = options.is_on_command_line("loop");
  const bool is_pace_given = std::ranges::any_of(
      kPaces, [&](std::string_view name) { return options.is_on_command_line(name); });
  if (is_loop_given == is_pace_given) return;
  options.is_closed_loop = is_loop_given;
  if (!is_loop_given) return;
  options.rate.reset();
  options.rate_per_client.reset();
  options.ramp.reset();
  options.arrival = {};
}

/// Of the scenario's conditions those stay whose figure the command line says nothing about.
void join(std::vector<Condition>& given, std::vector<Condition>& of_scenario) {
  std::erase_if(of_scenario, [&given](const Condition& condition) {
    return std::ranges::any_of(given, [&condition](const Condition& other) {
      return other.figure().name() == condition.figure().name();
    });
  });
  given.insert(given.begin(), std::make_move_iterator(of_scenario.begin()),
               std::make_move_iterator(of_scenario.end()));
  of_scenario.clear();
}

/// A flag in a complaint.
struct Mention {
  std::size_t at = 0;
  std::size_t length = 0;
  const cli::Option* row = nullptr;
  const Options::Given* given = nullptr;  ///< The last time; nullptr: never.
  bool is_on_command_line() const { return given != nullptr && given->line == 0; }
  bool is_in_scenario() const { return given != nullptr && given->line > 0; }
};

/// Where the next flag might begin, from `at`: at a dash that begins a word outside of quotes.
std::size_t next_dash(std::string_view text, std::size_t at) {
  for (bool begins = true; at < text.size(); ++at) {
    if (begins && text[at] == '-') return at;
    if (begins && text[at] == '\'') at = std::min(text.find('\'', at + 1), text.size() - 1);
    begins = text[at] == ' ' || text[at] == '(';
  }
  return text.size();
}

std::vector<Mention> mentions_in(std::string_view complaint, const Options& options,
                                 const std::vector<cli::Option>& rows) {
  constexpr std::string_view kFlag = "-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::vector<Mention> found;
  for (std::size_t at = next_dash(complaint, 0); at < complaint.size();) {
    const std::size_t end = std::min(complaint.find_first_not_of(kFlag, at), complaint.size());
    const std::string_view flag = complaint.substr(at, end - at);
    const auto row = std::ranges::find_if(rows, [flag](const cli::Option& option) {
      return flag == option.flag() || flag == fmt::format("--{}", option.name);
    });
    if (row != rows.end()) {
      const auto past = std::views::reverse(options.given);
      const auto given = std::ranges::find(past, row->name, &Options::Given::name);
      found.push_back({at, end - at, &*row, given == past.end() ? nullptr : &*given});
    }
    at = next_dash(complaint, std::min(complaint.find_first_of(" (", end), complaint.size()));
  }
  return found;
}

}  // namespace

void settle_precedence(Options& options) {
  if (!options.source) return;
  settle_pace(options);
  join(options.conditions, options.source->conditions);
  join(options.abort_conditions, options.source->abort_conditions);
}

Complaint located(const Complaint& complaint, const Options& options,
                  const std::vector<cli::Option>& rows) {
  if (complaint.empty() || !options.source) return complaint;
  const Options::Source& source = *options.source;
  const auto mentions = mentions_in(complaint, options, rows);
  if (mentions.empty()) return fmt::format("{}: {}", source.name, complaint);
  const bool is_by_words = std::ranges::any_of(mentions, &Mention::is_on_command_line);
  if (is_by_words && std::ranges::none_of(mentions, &Mention::is_in_scenario)) return complaint;
  std::size_t line = 0;
  std::string text = complaint;
  for (const Mention& mention : std::views::reverse(mentions)) {
    if (mention.is_in_scenario()) {
      line = std::max(line, mention.given->line);
      text.replace(mention.at, mention.length, mention.given->key);
    } else if (!is_by_words) {
      text.replace(mention.at, mention.length, mention.row->name);
    }
  }
  return fmt::format("{}:{}: {}", source.name, line > 0 ? line : source.line, text);
}

}  // namespace mq_bench
