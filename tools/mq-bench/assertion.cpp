#include "tools/mq-bench/assertion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "tools/common/setters.hpp"
#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/text.hpp"
#include "tools/mq-bench/units.hpp"

namespace mq_bench {

struct Quantity {
  enum class Kind { count, messages, rate, bytes } kind;
  std::string_view name;
  double (*of)(const Result& result);
  /// Where it has a meaning: nobody receives in pub mode, nobody sends in sub mode.
  bool (*has)(const Result& result);
};

namespace {

using Kind = Quantity::Kind;

constexpr std::array<std::string_view, 4> kOutcomeNames{"pass", "fail", "no_data", "insufficient"};

bool always(const Result&) { return true; }
bool sends(const Result& r) { return r.publishers > 0; }
bool receives(const Result& r) { return r.receivers > 0; }
bool expects(const Result& r) { return r.measure.expected + r.warm.expected > 0; }

double number(std::uint64_t count) { return static_cast<double>(count); }

// Losses of the warm-up are losses too; rates and percentiles are those of the measure phase.
constexpr std::array kQuantities{
    Quantity{Kind::messages, "loss",
             [](const Result& r) { return number(r.measure.lost + r.warm.lost); }, expects},
    Quantity{Kind::messages, "dup",
             [](const Result& r) { return number(r.measure.duplicates + r.warm.duplicates); },
             expects},
    Quantity{Kind::messages, "ooo",
             [](const Result& r) { return number(r.measure.out_of_order + r.warm.out_of_order); },
             expects},
    Quantity{Kind::count, "nacked",
             [](const Result& r) { return number(r.measure.nacked + r.warm.nacked); }, sends},
    Quantity{Kind::count, "unacked",
             [](const Result& r) { return number(r.measure.unacked + r.warm.unacked); }, sends},
    Quantity{Kind::count, "connected", [](const Result& r) { return number(r.connected); }, always},
    Quantity{Kind::count, "held", [](const Result& r) { return number(r.online_at_end); }, always},
    Quantity{Kind::count, "reconnects", [](const Result& r) { return number(r.reconnects); },
             always},
    Quantity{Kind::rate, "rate.target", [](const Result& r) { return r.target_rate; }, sends},
    Quantity{Kind::rate, "rate.offered",
             [](const Result& r) { return per_second(r.offered, r.measured); }, sends},
    Quantity{Kind::rate, "rate.sent",
             [](const Result& r) { return per_second(r.sent, r.measured); }, sends},
    Quantity{Kind::rate, "rate.recv",
             [](const Result& r) { return per_second(r.received, r.measured); }, receives},
    Quantity{Kind::rate, "rate.expected",
             [](const Result& r) { return per_second(r.measure.expected, r.measured); }, expects},
    Quantity{Kind::bytes, "mem.rss", [](const Result& r) { return number(r.self.rss_bytes); },
             always},
};

const Quantity* find_quantity(std::string_view name) {
  const auto found = std::ranges::find(kQuantities, name, &Quantity::name);
  return found == kQuantities.end() ? nullptr : &*found;
}

const Metric* find_metric(const Metrics& metrics, std::string_view name) {
  const auto all = metrics.all();
  const auto found = std::ranges::find(all, name, &Metric::name);
  return found == all.end() ? nullptr : *found;
}

/// A number from the beginning of `text`, which keeps what stands behind it.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
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

std::string shown(Kind kind, double value) {
  if (kind == Kind::rate) return fmt::format("{:.1f}/s", value);
  if (kind == Kind::bytes) return fmt::format("{:.1f}MiB", value / 1048576);
  return fmt::format("{:.0f}", value);
}

std::string details_of_loss(const Result& result) {
  if (!result.first_lost) return {};
  return fmt::format("; first: pub {} seq {}", result.first_lost->first, result.first_lost->second);
}

double percent_of_expected(const Result& result, double count) {
  return 100 * count / number(result.measure.expected + result.warm.expected);
}

}  // namespace

std::string_view name(Assertion::Outcome outcome) {
  return kOutcomeNames[static_cast<std::size_t>(outcome)];
}

std::optional<Assertion::Outcome> outcome_named(std::string_view name) {
  const auto found = std::ranges::find(kOutcomeNames, name);
  if (found == kOutcomeNames.end()) return std::nullopt;
  return static_cast<Assertion::Outcome>(found - kOutcomeNames.begin());
}

std::expected<Condition, std::string> Condition::parse(std::string_view text) {
  std::string compact;
  std::ranges::copy_if(text, std::back_inserter(compact), [](char c) { return c != ' '; });
  const std::size_t at = std::min(compact.find_first_of("<>=!"), compact.size());
  const std::string_view left = std::string_view(compact).substr(0, at);
  const std::string_view rest = std::string_view(compact).substr(at);
  constexpr std::array<std::pair<std::string_view, Operator>, 6> kOperators{
      {{"<=", Operator::at_most},
       {">=", Operator::at_least},
       {"==", Operator::equal},
       {"!=", Operator::unequal},
       {"<", Operator::less},
       {">", Operator::greater}}};
  const auto found = std::ranges::find_if(
      kOperators, [rest](const auto& pair) { return rest.starts_with(pair.first); });
  if (found == kOperators.end())
    return std::unexpected(cli::is_not(text, "condition like e2e.p99<50ms or loss==0"));
  std::expected<Condition, std::string> condition = Condition();
  condition->quantity_ = find_quantity(left);
  if (condition->quantity_ == nullptr) condition = of_metric(left);
  if (!condition) return condition;
  condition->text_ = compact;
  condition->operator_ = found->second;
  std::string complaint = condition->read_bound(rest.substr(found->first.size()));
  if (!complaint.empty()) return std::unexpected(std::move(complaint));
  return condition;
}

/// METRIC[@measure][.delivered].FIELD
std::expected<Condition, std::string> Condition::of_metric(std::string_view left) {
  const std::string unknown = cli::is_not(left, "figure that a result has");
  Condition condition;
  const std::size_t dot = left.find('.');
  if (dot == std::string_view::npos) return std::unexpected(unknown);
  std::string_view metric = left.substr(0, dot);
  std::string_view field = left.substr(dot + 1);
  if (metric.ends_with("@measure")) metric.remove_suffix(std::string_view("@measure").size());
  const Metrics metrics;
  if (find_metric(metrics, metric) == nullptr) return std::unexpected(unknown);
  condition.metric_ = metric;
  if (metric == "e2e" && field.starts_with("delivered.")) {
    condition.delivered_only_ = true;
    field.remove_prefix(std::string_view("delivered.").size());
  }
  condition.field_ = field;
  if (field == "min" || field == "max" || field == "mean" || field == "n") return condition;
  if (!field.starts_with('p')) return std::unexpected(unknown);
  field.remove_prefix(1);
  const auto percentile = take_number(field);
  if (!percentile || !field.empty() || *percentile <= 0 || *percentile >= 100)
    return std::unexpected(unknown);
  condition.field_ = "p";
  condition.millionths_ = static_cast<std::uint32_t>(*percentile * 10'000 + 0.5);
  return condition;
}

/// What is wrong with it, or nothing.
std::string Condition::read_bound(std::string_view right) {
  const std::string unfit = cli::is_not(right, "value that this figure can be compared with");
  if (quantity_ == nullptr && field_ != "n") {
    const auto duration = parse_duration(right);
    if (!duration) return duration.error();
    bound_ = static_cast<double>(duration->count());
    return {};
  }
  factor_ = find_quantity(right);
  if (factor_ != nullptr) {
    bound_ = 1;
  } else {
    const auto number = take_number(right);
    if (!number) return unfit;
    bound_ = *number;
    if (right.starts_with('*')) {
      factor_ = find_quantity(right.substr(1));
      if (factor_ == nullptr) return unfit;
    }
  }
  const Kind kind = quantity_ == nullptr ? Kind::count : quantity_->kind;
  if (factor_ != nullptr) return factor_->kind == kind ? std::string() : unfit;
  is_share_ = kind == Kind::messages && right == "%";
  const auto unit = is_share_ ? std::optional(1.0) : unit_of(kind, right);
  if (!unit) return unfit;
  bound_ *= *unit;
  return {};
}

bool Condition::holds(double value, double bound) const {
  switch (operator_) {
    case Operator::less:
      return value < bound;
    case Operator::at_most:
      return value <= bound;
    case Operator::equal:
      return value == bound;
    case Operator::unequal:
      return value != bound;
    case Operator::at_least:
      return value >= bound;
    case Operator::greater:
      return value > bound;
  }
  return false;
}

Assertion Condition::check(const Result& result) const {
  using enum Assertion::Outcome;
  if (quantity_ == nullptr) return check_metric(result);
  if (!quantity_->has(result) || (factor_ != nullptr && !factor_->has(result)))
    return {text_, "no data", no_data};
  const double value = quantity_->of(result);
  const double bound = factor_ != nullptr ? bound_ * factor_->of(result) : bound_;
  std::string found = shown(quantity_->kind, value);
  if (quantity_->kind == Kind::messages && value > 0)
    found += fmt::format(" = {:.3g}%", percent_of_expected(result, value));
  if (quantity_->name == "loss") found += details_of_loss(result);
  if (factor_ != nullptr)
    found += fmt::format("; {} {}", factor_->name, shown(factor_->kind, factor_->of(result)));
  const double compared = is_share_ ? percent_of_expected(result, value) : value;
  return {text_, std::move(found), holds(compared, bound) ? pass : fail};
}

Assertion Condition::check_metric(const Result& result) const {
  using enum Assertion::Outcome;
  const Metric& metric = *find_metric(result.metrics, metric_);
  const Histogram& histogram = metric.histogram;
  const bool is_e2e = &metric == &result.metrics.e2e;
  const std::uint64_t lost = is_e2e && !delivered_only_ ? result.measure.lost : 0;
  if (histogram.count() + lost == 0) return {text_, "no data", no_data};
  const auto outcome = [this](double value) { return holds(value, bound_) ? pass : fail; };
  if (field_ == "n")
    return {text_, fmt::format("{}", histogram.count()), outcome(number(histogram.count()))};
  Quantile quantile{Quantile::Kind::value, field_ == "min"   ? histogram.min()
                                           : field_ == "max" ? histogram.max()
                                                             : histogram.mean()};
  if (field_ == "p") quantile = histogram.quantile({millionths_, {}}, lost);
  // Whatever was lost is later than any bound, the slowest included.
  if (lost > 0 && (field_ == "max" || field_ == "mean" || histogram.count() == 0))
    quantile = {Quantile::Kind::infinite, {}};
  if (quantile.kind == Quantile::Kind::insufficient)
    return {text_, fmt::format("n={} is too few", histogram.count()), insufficient};
  const double value = quantile.kind == Quantile::Kind::infinite
                           ? std::numeric_limits<double>::infinity()
                           : static_cast<double>(quantile.value.count());
  return {text_, quantile_text(quantile), outcome(value)};
}

}  // namespace mq_bench
