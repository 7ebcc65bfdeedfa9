#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// One statement about the result that was checked.
struct Assertion {
  enum class Outcome {
    pass,
    fail,
    no_data,       ///< The run has nothing of this kind; never a pass.
    insufficient,  ///< Too few samples for this percentile; never a pass.
  };
  std::string expression;  ///< "loss==0"
  std::string value;       ///< What was found: "9 (0.003%; first: pub 17 seq 20411)".
  Outcome outcome = Outcome::fail;
  bool passed() const { return outcome == Outcome::pass; }
};
/// "pass", "no_data" and so on, as the outputs have it.
std::string_view name(Assertion::Outcome outcome);
std::optional<Assertion::Outcome> outcome_named(std::string_view name);

/// Something a result has a figure for; the text before or behind an operator.
struct Quantity;

/// A condition that a user put on the result:
///   e2e.p99<50ms   e2e@measure.max<=1s   loss<=0.1%   connected==5000   mem.rss<256MiB
///   rate.recv>=0.99*rate.expected
/// Everything that can be wrong with it is found while it is read.
class Condition {
 public:
  static std::expected<Condition, std::string> parse(std::string_view text);
  Assertion check(const Result& result) const;
  /// As it was given, without blanks.
  const std::string& text() const { return text_; }

 private:
  enum class Operator { less, at_most, equal, unequal, at_least, greater };

  static std::expected<Condition, std::string> of_metric(std::string_view left);
  bool holds(double value, double bound) const;
  std::string read_bound(std::string_view right);
  Assertion check_metric(const Result& result) const;

  std::string text_;
  Operator operator_ = Operator::less;
  double bound_ = 0;
  const Quantity* quantity_ = nullptr;  ///< None: a metric.
  const Quantity* factor_ = nullptr;    ///< What bound_ is multiplied with, when there is such.
  bool is_share_ = false;               ///< In per cent of the messages expected.
  std::string metric_;
  std::string field_;  ///< Of the metric: min, max, mean, n, or p for the percentile.
  std::uint32_t millionths_ = 0;
  bool delivered_only_ = false;
};

}  // namespace mq_bench
