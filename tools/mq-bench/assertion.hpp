#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "tools/mq-bench/figure.hpp"
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

/// A condition that a user put on the result:
///   e2e.p99<50ms   e2e@warmup.max<=1s   loss<=0.1%   connected==5000   mem.rss<256MiB
///   rate.recv>=0.99*rate.expected
/// Everything that can be wrong with it is found while it is read.
class Condition {
 public:
  static std::expected<Condition, std::string> parse(std::string_view text);
  /// A latency between clocks that may be apart is taken at its worst: with the bound added, or
  /// taken off where the condition asks for a least value.
  Assertion check(const Result& result) const;
  /// It says something about the messages due in the warm-up.
  bool is_about_warm_up() const {
    return figure_.is_of_warm_up() || (factor_ && factor_->is_of_warm_up());
  }
  const Figure& figure() const { return figure_; }
  /// As it was given, without blanks.
  const std::string& text() const { return text_; }
  /// It is about this metric, on either side.
  bool is_about(std::string_view metric) const {
    return figure_.is_of(metric) || (factor_ && factor_->is_of(metric));
  }
  /// What one end of the messages alone cannot tell.
  bool is_about_losses() const {
    return figure_.needs_both_ends() || (factor_ && factor_->needs_both_ends());
  }

 private:
  enum class Operator { less, at_most, equal, unequal, at_least, greater };

  bool holds(double value, double bound) const;
  bool is_upper_bound() const {
    return operator_ == Operator::less || operator_ == Operator::at_most;
  }
  std::string read_bound(std::string_view right);
  std::string read_factor(std::string_view right);
  std::string details(const Result& result, double value) const;

  std::string text_;
  Operator operator_ = Operator::less;
  double bound_ = 0;
  Figure figure_;
  std::optional<Figure> factor_;  ///< What bound_ is multiplied with, when there is such.
  bool is_share_ = false;         ///< In per cent of the messages expected.
};

}  // namespace mq_bench
