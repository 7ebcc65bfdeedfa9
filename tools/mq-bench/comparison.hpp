#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/mq-bench/result.hpp"
#include "tools/mq-bench/tolerance.hpp"

namespace mq_bench {

/// A result held against an earlier one of the same load.
struct Comparison {
  enum class Outcome {
    ok,
    better,
    regression,
    no_data,       ///< One of the two has nothing of this kind; never a pass.
    insufficient,  ///< Too few samples for this percentile; never a pass.
  };
  struct Row {
    std::string figure;
    std::string base;  ///< "2.9ms", with several runs their median.
    std::string now;
    std::string change;     ///< "+17.2%"
    std::string tolerance;  ///< "+15%&+1ms"
    Outcome outcome = Outcome::ok;
    bool passed() const { return outcome == Outcome::ok || outcome == Outcome::better; }
  };

  std::string base_run_id;
  std::vector<std::string> differences;  ///< Why the two are not comparable; empty: they are.
  bool is_forced = false;                ///< They are compared all the same.
  std::vector<Row> rows;

  bool is_comparable() const { return differences.empty() || is_forced; }
  bool passed() const;
};
std::string_view name(Comparison::Outcome outcome);
std::optional<Comparison::Outcome> comparison_outcome_named(std::string_view name);

/// What makes two results incomparable, a line each: another load, another machine.
std::vector<std::string> differences(const Result& base, const Result& now);

struct CompareOptions {
  std::span<const Tolerance> tolerances;
  bool force = false;  ///< Compare what is not comparable.
  /// What speaks against the base itself, a line each; then it is not comparable.
  std::vector<std::string> flaws_of_base = {};
};
/// With several runs on a side the medians are compared, and it is a regression only if at least
/// four of five new runs are worse than the old median.
Comparison compare(const Result& base, const Result& now, const CompareOptions& options);

/// The figures of one run that comparisons may ask for.
Repeat figures_of(const Result& result, std::span<const Tolerance> tolerances);
/// What stands for several runs of the same load: the one in the middle, with the figures of all;
/// there is at least one.
Result combine(std::vector<Result> runs, std::span<const Tolerance> tolerances);

/// The comparison as a table for people.
std::string render_table(const Comparison& comparison);

}  // namespace mq_bench
