#include "tools/mq-bench/assertion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "tools/common/setters.hpp"
#include "tools/mq-bench/text.hpp"
#include "tools/mq-bench/units.hpp"

namespace mq_bench {
namespace {

constexpr std::array<std::string_view, 4> kOutcomeNames{"pass", "fail", "no_data", "insufficient"};

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
  auto figure = Figure::parse(left);
  if (!figure) return std::unexpected(std::move(figure.error()));
  Condition condition;
  condition.figure_ = *std::move(figure);
  condition.text_ = compact;
  condition.operator_ = found->second;
  std::string complaint = condition.read_bound(rest.substr(found->first.size()));
  if (!complaint.empty()) return std::unexpected(std::move(complaint));
  return condition;
}

/// What is wrong with it, or nothing.
std::string Condition::read_bound(std::string_view right) {
  std::string_view digits = right;
  const auto number = take_number(digits);
  is_share_ = figure_.kind() == Figure::Kind::messages && number && digits == "%";
  const auto amount = is_share_ ? number : parse_amount(figure_.kind(), right);
  if (!amount && number && figure_.kind() == Figure::Kind::duration && !digits.starts_with('*'))
    return parse_duration(right).error();
  if (!amount) return read_factor(right);
  bound_ = *amount;
  return {};
}

/// FIGURE, or NUMBER*FIGURE of the same kind.
std::string Condition::read_factor(std::string_view right) {
  const std::string unfit = cli::is_not(right, "value that this figure can be compared with");
  std::string_view name = right;
  bound_ = 1;
  if (const auto number = take_number(name)) {
    if (!name.starts_with('*')) return unfit;
    bound_ = *number;
    name.remove_prefix(1);
  }
  auto factor = Figure::parse(name);
  if (!factor || factor->kind() != figure_.kind()) return unfit;
  factor_ = *std::move(factor);
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
  using State = Figure::Value::State;
  const Figure::Value value = figure_.of(result);
  const Figure::Value factor = factor_ ? factor_->of(result) : Figure::Value{State::known, 1};
  if (value.state == State::insufficient || factor.state == State::insufficient)
    return {text_, fmt::format("n={:.0f} is too few", value.number), insufficient};
  if (!value.is_known() || !factor.is_known()) return {text_, "no data", no_data};
  double compared = is_share_ ? percent_of_expected(result, value.number) : value.number;
  const auto apart = static_cast<double>(result.clock_bound.count());
  if (figure_.is_end_to_end()) compared += is_upper_bound() ? apart : -apart;
  return {text_, shown(figure_.kind(), value.number) + details(result, value.number),
          holds(compared, bound_ * factor.number) ? pass : fail};
}

/// What else a person wants to know about the value that was found.
std::string Condition::details(const Result& result, double value) const {
  std::string text;
  if (figure_.kind() == Figure::Kind::messages && value > 0)
    text += fmt::format(" = {:.3g}%", percent_of_expected(result, value));
  if (figure_.name() == "loss") text += result.losses.first();
  if (factor_)
    text +=
        fmt::format("; {} {}", factor_->name(), shown(factor_->kind(), factor_->of(result).number));
  if (figure_.is_end_to_end() && result.clock_bound > Duration())
    text += fmt::format(" ±{}", milliseconds(result.clock_bound));
  return text;
}

}  // namespace mq_bench
