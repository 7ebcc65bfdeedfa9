#include "tools/mq-bench/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "tools/common/setters.hpp"
#include "tools/mq-bench/drift.hpp"
#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/rates.hpp"
#include "tools/mq-bench/text.hpp"
#include "tools/mq-bench/units.hpp"

namespace mq_bench {
namespace {

using Kind = Figure::Kind;
using Worse = Figure::Worse;

bool always(const Result&) { return true; }
bool is_measured(const Result& r) { return r.measured > Duration(); }
bool has_target(const Result& r) { return r.target_rate > 0; }
bool sends(const Result& r) { return r.publishers > 0; }
bool receives(const Result& r) { return r.receivers > 0; }
bool leaves(const Result& r) { return r.departures > 0; }
bool expects(const Result& r) { return r.measure.expected + r.warm.expected > 0; }

double number(std::uint64_t count) { return static_cast<double>(count); }

/// Messages of the warm-up count too: losses there are losses.
template <std::uint64_t Counters::*Field>
double total(const Result& r) {
  return number(r.measure.*Field + r.warm.*Field);
}
template <std::uint64_t Result::*Field>
double figure(const Result& r) {
  return number(r.*Field);
}
template <double Rates::*Field>
double rate(const Result& r) {
  return rates_of(r).*Field;
}

template <const Percentile& Of>
bool has_drift(const Result& r) {
  return drift(r, Of).has_value();
}
template <const Percentile& Of>
double drift_of(const Result& r) {
  return static_cast<double>(drift(r, Of).value_or(Duration()).count());
}

template <std::uint64_t Series::Row::*Count>
double rate_drift_of(const Result& r) {
  return rate_drift(r, Count).value_or(0);
}
bool has_sent_drift(const Result& r) {
  return sends(r) && rate_drift(r, &Series::Row::sent).has_value();
}
bool has_received_drift(const Result& r) {
  return receives(r) && rate_drift(r, &Series::Row::received).has_value();
}

struct Row {
  std::string_view name;
  Kind kind;
  Worse worse;
  double (*read)(const Result&);
  bool (*has)(const Result&);
};

constexpr std::array kRows{
    Row{"loss", Kind::messages, Worse::up, total<&Counters::lost>, expects},
    Row{"dup", Kind::messages, Worse::up, total<&Counters::duplicates>, expects},
    Row{"dup_allowed", Kind::messages, Worse::up, total<&Counters::duplicates_allowed>, expects},
    Row{"ooo", Kind::messages, Worse::up, total<&Counters::out_of_order>, expects},
    Row{"late", Kind::messages, Worse::up, figure<&Result::late>, expects},
    Row{"foreign", Kind::count, Worse::up, figure<&Result::foreign>, receives},
    Row{"corrupt", Kind::count, Worse::up, figure<&Result::corrupt>, receives},
    Row{"scheduled", Kind::count, Worse::neither, total<&Counters::scheduled>, sends},
    Row{"sent", Kind::count, Worse::down, total<&Counters::sent>, sends},
    Row{"skipped_offline", Kind::count, Worse::up, total<&Counters::skipped_offline>, sends},
    Row{"skipped_backlog", Kind::count, Worse::up, total<&Counters::skipped_backlog>, sends},
    Row{"acked", Kind::count, Worse::down, total<&Counters::acked>, sends},
    Row{"nacked", Kind::count, Worse::up, total<&Counters::nacked>, sends},
    Row{"unacked", Kind::count, Worse::up, total<&Counters::unacked>, sends},
    Row{"no_subscribers", Kind::count, Worse::up, total<&Counters::no_subscribers>, sends},
    Row{"expected", Kind::count, Worse::neither, total<&Counters::expected>, expects},
    Row{"unique", Kind::count, Worse::down, total<&Counters::unique>, expects},
    Row{"clients", Kind::count, Worse::neither, figure<&Result::clients>, always},
    Row{"connected", Kind::count, Worse::down, figure<&Result::connected>, always},
    Row{"held", Kind::count, Worse::down, figure<&Result::online_at_end>, always},
    Row{"reconnects", Kind::count, Worse::up, figure<&Result::reconnects>, always},
    Row{"ack_timeouts", Kind::count, Worse::up, figure<&Result::ack_timeouts>, sends},
    Row{"departures", Kind::count, Worse::neither, figure<&Result::departures>, leaves},
    Row{"returns", Kind::count, Worse::down, figure<&Result::returns>, leaves},
    Row{"resumed", Kind::count, Worse::down, figure<&Result::resumed>, leaves},
    Row{"return_retries", Kind::count, Worse::up, figure<&Result::return_retries>, leaves},
    Row{"window_full", Kind::duration, Worse::up, figure<&Result::window_full_ns>, sends},
    Row{"send_blocked", Kind::duration, Worse::up, figure<&Result::send_blocked_ns>, sends},
    Row{"rate.target", Kind::rate, Worse::neither, [](const Result& r) { return r.target_rate; },
        has_target},
    Row{"rate.offered", Kind::rate, Worse::down, rate<&Rates::offered>, sends},
    Row{"rate.sent", Kind::rate, Worse::down, rate<&Rates::sent>, sends},
    Row{"rate.recv", Kind::rate, Worse::down, rate<&Rates::received>, receives},
    Row{"rate.expected", Kind::rate, Worse::neither,
        [](const Result& r) { return per_second(r.measure.expected, r.measured); }, expects},
    Row{"mem.rss", Kind::bytes, Worse::up, [](const Result& r) { return number(r.self.rss_bytes); },
        is_measured},
    Row{"drift.p50", Kind::duration, Worse::up, drift_of<kP50>, has_drift<kP50>},
    Row{"drift.p99", Kind::duration, Worse::up, drift_of<kP99>, has_drift<kP99>},
    Row{"drift.sent", Kind::rate, Worse::up, rate_drift_of<&Series::Row::sent>, has_sent_drift},
    Row{"drift.recv", Kind::rate, Worse::up, rate_drift_of<&Series::Row::received>,
        has_received_drift},
    Row{"mem.growth", Kind::bytes, Worse::up,
        [](const Result& r) { return memory_growth(r).value_or(0); },
        [](const Result& r) { return memory_growth(r).has_value(); }},
    Row{"loop_lag.max", Kind::duration, Worse::up,
        [](const Result& r) { return static_cast<double>(r.self.loop_lag_max.count()); },
        is_measured},
};

const Metric* find_metric(const Metrics& metrics, std::string_view name) {
  const auto all = metrics.all();
  const auto found = std::ranges::find(all, name, &Metric::name);
  return found == all.end() ? nullptr : *found;
}

/// What a unit of this kind multiplies with; nothing where it is not of this kind.
std::optional<double> unit_of(Kind kind, std::string_view unit) {
  using Size = std::pair<std::string_view, double>;
  constexpr std::array<Size, 4> kBytes{
      {{"B", 1.0}, {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}}};
  constexpr std::array<Size, 4> kRates{
      {{"", 1.0}, {"/s", 1.0}, {"/m", 1 / 60.0}, {"/h", 1 / 3600.0}}};
  if (kind != Kind::bytes && kind != Kind::rate)
    return unit.empty() ? std::optional(1.0) : std::nullopt;
  for (const auto& [name, size] : kind == Kind::bytes ? kBytes : kRates) {
    if (name == unit) return size;
  }
  return std::nullopt;
}

}  // namespace

std::expected<Figure, std::string> Figure::parse(std::string_view name) {
  const auto row = std::ranges::find(kRows, name, &Row::name);
  if (row == kRows.end()) return of_metric(name);
  Figure figure;
  figure.name_ = name;
  figure.kind_ = row->kind;
  figure.worse_ = row->worse;
  figure.read_ = row->read;
  figure.has_ = row->has;
  return figure;
}

/// METRIC[@PHASE]: connections are counted in all phases together, which can be asked for like the
/// measure phase.
bool Figure::take_metric(std::string_view metric) {
  const std::size_t at = std::min(metric.find('@'), metric.size());
  const std::string_view phase = metric.substr(at);
  metric_ = metric.substr(0, at);
  is_of_warm_up_ = phase == "@warmup";
  const Metrics metrics;
  const Metric* const found = find_metric(metrics, metric_);
  if (found == nullptr) return false;
  return phase.empty() || phase == "@measure" || (is_of_warm_up_ && found->is_of_messages);
}

/// METRIC[@PHASE][.delivered].FIELD
std::expected<Figure, std::string> Figure::of_metric(std::string_view name) {
  const auto unknown = std::unexpected(cli::is_not(name, "figure that a result has"));
  Figure figure;
  figure.name_ = name;
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return unknown;
  std::string_view field = name.substr(dot + 1);
  if (!figure.take_metric(name.substr(0, dot))) return unknown;
  const bool counts_lost = figure.metric_ == "e2e" || figure.metric_ == "rtt";
  if (counts_lost && field.starts_with("delivered.")) {
    figure.delivered_only_ = true;
    field.remove_prefix(std::string_view("delivered.").size());
  }
  figure.field_ = field;
  if (field == "n") {
    figure.kind_ = Kind::count;
    figure.worse_ = Worse::neither;
  }
  if (field == "min" || field == "max" || field == "mean" || field == "n") return figure;
  if (!field.starts_with('p')) return unknown;
  field.remove_prefix(1);
  const auto percentile = take_number(field);
  if (!percentile || !field.empty() || *percentile <= 0 || *percentile >= 100) return unknown;
  figure.field_ = "p";
  figure.millionths_ = static_cast<std::uint32_t>(*percentile * 10'000 + 0.5);
  return figure;
}

Figure::Value Figure::of(const Result& result) const {
  if (read_ == nullptr) return of_metric(result);
  if (!has_(result)) return {};
  return {Value::State::known, read_(result)};
}

Figure::Value Figure::of_metric(const Result& result) const {
  using enum Value::State;
  const Metric& metric =
      *find_metric(is_of_warm_up_ ? result.warm_metrics : result.metrics, metric_);
  const Histogram& histogram = metric.histogram;
  const std::uint64_t lost = delivered_only_ ? 0 : result.lost_of(metric);
  if (histogram.count() + lost == 0) return {};
  if (field_ == "n") return {known, number(histogram.count())};
  Quantile quantile{Quantile::Kind::value, field_ == "min"   ? histogram.min()
                                           : field_ == "max" ? histogram.max()
                                                             : histogram.mean()};
  if (field_ == "p") quantile = histogram.quantile({millionths_, {}}, lost);
  // Whatever was lost is later than any bound, the slowest included.
  if (lost > 0 && (field_ == "max" || field_ == "mean" || histogram.count() == 0))
    quantile = {Quantile::Kind::infinite, {}};
  if (quantile.kind == Quantile::Kind::insufficient)
    return {insufficient, number(histogram.count())};
  return {known, quantile.kind == Quantile::Kind::infinite
                     ? std::numeric_limits<double>::infinity()
                     : static_cast<double>(quantile.value.count())};
}

std::string shown(Kind kind, double number) {
  if (std::isinf(number)) return "∞";
  switch (kind) {
    case Kind::duration:
      return milliseconds(Duration(static_cast<std::int64_t>(number)));
    case Kind::rate:
      return fmt::format("{:.1f}/s", number);
    case Kind::bytes:
      return fmt::format("{:.1f}MiB", number / 1048576);
    case Kind::count:
    case Kind::messages:
      break;
  }
  return fmt::format("{:.0f}", number);
}

std::optional<double> parse_amount(Kind kind, std::string_view text) {
  if (kind == Kind::duration) {
    const auto duration = parse_duration(text);
    return duration ? std::optional(static_cast<double>(duration->count())) : std::nullopt;
  }
  const auto number = take_number(text);
  const auto unit = unit_of(kind, text);
  return number && unit ? std::optional(*number * *unit) : std::nullopt;
}

std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || !(value >= 0) || std::isinf(value)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

double percent_of_expected(const Result& result, double count) {
  return 100 * count / number(result.measure.expected + result.warm.expected);
}

}  // namespace mq_bench
