#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/mq-bench/figure.hpp"

namespace mq_bench {

/// How much worse than a baseline a figure may get: relatively, absolutely, or both. With both,
/// only what passes both bounds counts as worse, so that neither a large share of next to nothing
/// nor a small share of a lot makes a regression.
struct Tolerance {
  Figure figure;
  std::optional<double> percent;  ///< Of the baseline; of messages, in points of those expected.
  std::optional<double> amount;   ///< In the figure's unit.
  bool is_default = false;        ///< Nobody asked for it: without data it is left out.

  /// "+15%&+1ms"
  std::string text() const;
  /// Whether `now` is worse than `base` by more than is tolerated; `expected` messages are what a
  /// share of messages is of.
  bool is_passed_by(double base, double now, double expected) const;
  /// Whether it is worse at all.
  bool is_worse(double base, double now) const;
};

/// "e2e.p99:+15%&+1ms, rate.recv:-2%": the sign says which way is worse, which is fixed for each
/// figure.
std::expected<std::vector<Tolerance>, std::string> parse_tolerances(std::string_view text);

/// Those that apply when none is given.
std::vector<Tolerance> default_tolerances();

}  // namespace mq_bench
