#include "tools/mq-bench/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "libmqtt/base/escape.hpp"
#include "tools/common/terminal.hpp"
#include "tools/mq-bench/figures.hpp"

namespace mq_bench {
namespace {

using Outcome = Comparison::Outcome;
using Readings = std::vector<double>;

constexpr std::array<std::string_view, 5> kOutcomes{"ok", "better", "regression", "no_data",
                                                    "insufficient"};

/// What a figure was in each run that the result stands for; empty when the runs do not all tell.
Readings readings(const Result& result, const Figure& figure) {
  Readings values;
  for (const Repeat& repeat : result.repeats) {
    const auto found = repeat.figures.find(figure.name());
    if (found != repeat.figures.end()) values.push_back(found->second);
  }
  if (!values.empty() && values.size() == result.repeats.size()) return values;
  const Figure::Value value = figure.of(result);
  return value.is_known() ? Readings{value.number} : Readings{};
}

/// Of an even number of values the lower one in the middle: a value that really occurred.
double median(Readings values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::string change(Figure::Kind kind, double base, double now) {
  if (std::isinf(base) || std::isinf(now) || base == 0) {
    if (base == now) return "0";
    return now < base ? "-" + shown(kind, base) : "+" + shown(kind, now);
  }
  return fmt::format("{:+.1f}%", 100 * (now - base) / std::abs(base));
}

Outcome without_data(const Figure& figure, const Result& base, const Result& now) {
  for (const Result* const result : {&base, &now}) {
    if (figure.of(*result).state == Figure::Value::State::insufficient)
      return Outcome::insufficient;
  }
  return Outcome::no_data;
}

Comparison::Row compare(const Tolerance& tolerance, const Result& base, const Result& now) {
  const Figure& figure = tolerance.figure;
  const Readings before = readings(base, figure);
  const Readings after = readings(now, figure);
  Comparison::Row row{figure.name(), "-", "-", "-", tolerance.text(), {}};
  if (!before.empty()) row.base = shown(figure.kind(), median(before));
  if (!after.empty()) row.now = shown(figure.kind(), median(after));
  if (before.empty() || after.empty()) {
    row.outcome = without_data(figure, base, now);
    return row;
  }
  const double old_value = median(before);
  const double new_value = median(after);
  row.change = change(figure.kind(), old_value, new_value);
  const auto expected = static_cast<double>(now.measure.expected + now.warm.expected);
  const auto worse = static_cast<std::size_t>(std::ranges::count_if(
      after, [&](double value) { return tolerance.is_worse(old_value, value); }));
  const bool is_worse_mostly = worse >= (4 * after.size() + 4) / 5;
  if (tolerance.is_passed_by(old_value, new_value, expected) && is_worse_mostly) {
    row.outcome = Outcome::regression;
  } else if (tolerance.is_passed_by(new_value, old_value, expected)) {
    row.outcome = Outcome::better;
  }
  return row;
}

void compare_config(const Result& base, const Result& now, std::vector<std::string>& found) {
  std::map<std::string, std::pair<std::string, std::string>> settings;
  for (const auto& [key, value] : base.config) settings[key].first = value;
  for (const auto& [key, value] : now.config) settings[key].second = value;
  const auto text = [](const std::string& value) {
    return value.empty() ? std::string("none") : cli::quoted(value);
  };
  for (const auto& [key, values] : settings) {
    if (values.first != values.second)
      found.push_back(fmt::format("{}: {} before, {} now", mqtt::escaped(key), text(values.first),
                                  text(values.second)));
  }
}

}  // namespace

std::string_view name(Outcome outcome) { return kOutcomes[static_cast<std::size_t>(outcome)]; }

std::optional<Outcome> comparison_outcome_named(std::string_view name) {
  const auto found = std::ranges::find(kOutcomes, name);
  if (found == kOutcomes.end()) return std::nullopt;
  return static_cast<Outcome>(found - kOutcomes.begin());
}

bool Comparison::passed() const { return std::ranges::all_of(rows, &Row::passed); }

std::vector<std::string> differences(const Result& base, const Result& now) {
  std::vector<std::string> found;
  compare_config(base, now, found);
  if (base.environment.cores != now.environment.cores)
    found.push_back(fmt::format("processor cores: {} before, {} now", base.environment.cores,
                                now.environment.cores));
  if (base.environment.cpu != now.environment.cpu)
    found.push_back(fmt::format("processor: {} before, {} now", cli::quoted(base.environment.cpu),
                                cli::quoted(now.environment.cpu)));
  return found;
}

Comparison compare(const Result& base, const Result& now, const CompareOptions& options) {
  Comparison comparison{base.run_id, options.flaws_of_base, options.force, {}};
  std::ranges::move(differences(base, now), std::back_inserter(comparison.differences));
  if (!comparison.is_comparable()) return comparison;
  for (const Tolerance& tolerance : options.tolerances) {
    if (tolerance.is_default && readings(base, tolerance.figure).empty()) continue;
    comparison.rows.push_back(compare(tolerance, base, now));
  }
  return comparison;
}

Repeat figures_of(const Result& result, std::span<const Tolerance> tolerances) {
  Repeat repeat{result.run_id, {}};
  const auto add = [&](const Tolerance& tolerance) {
    const Figure::Value value = tolerance.figure.of(result);
    if (value.is_known()) repeat.figures.emplace(tolerance.figure.name(), value.number);
  };
  std::ranges::for_each(tolerances, add);
  std::ranges::for_each(default_tolerances(), add);
  return repeat;
}

Result combine(std::vector<Result> runs, std::span<const Tolerance> tolerances) {
  if (runs.size() == 1) return std::move(runs.front());
  std::vector<Repeat> repeats;
  for (const Result& run : runs) repeats.push_back(figures_of(run, tolerances));
  const auto headline = [](const Result& run) {
    const Histogram& histogram = leading_metric(run).histogram;
    const std::uint64_t count = histogram.count();
    return std::pair(run.measure.lost,
                     count == 0 ? Duration() : histogram.value_at_rank(rank_of(kP99, count)));
  };
  std::ranges::sort(runs, {}, headline);
  Result middle = std::move(runs[(runs.size() - 1) / 2]);
  middle.repeats = std::move(repeats);
  return middle;
}

std::string render_table(const Comparison& comparison) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (const std::string& difference : comparison.differences)
    fmt::format_to(out, "        {}{}\n", comparison.is_forced ? "differs: " : "", difference);
  if (comparison.rows.empty()) return text;
  fmt::format_to(out, "        {:<22}{:>12}{:>12}{:>11}  {:<18}{}\n", "FIGURE", "BASE", "NOW",
                 "CHANGE", "TOLERANCE", "VERDICT");
  for (const Comparison::Row& row : comparison.rows) {
    const std::string verdict =
        row.passed() ? std::string(name(row.outcome)) : fmt::format("FAIL {}", name(row.outcome));
    fmt::format_to(out, "        {:<22}{:>12}{:>12}{:>11}  {:<18}{}\n", row.figure, row.base,
                   row.now, row.change, row.tolerance, verdict);
  }
  return text;
}

}  // namespace mq_bench
