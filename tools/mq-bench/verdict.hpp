#pragma once

#include <string>
#include <vector>

#include "tools/mq-bench/assertion.hpp"
#include "tools/mq-bench/comparison.hpp"
#include "tools/mq-bench/result.hpp"

namespace mq_bench {

enum class ExitCode : int {
  ok = 0,
  usage = 2,
  never_connected = 3,
  partial = 4,
  invalid = 5,
  assertion_failed = 99,
};

/// Of two exit codes the one that says more: a signal, then the first of 2, 3, 4, 5 and 99.
int weightier(int one, int other);

struct JudgeOptions {
  bool allow_limited = false;  ///< A generator at its limit does not make the run invalid.
  bool default_asserts = true;
  /// Of the user; they take the place of the default ones.
  std::vector<Condition> conditions = {};
};

/// What a result is worth.
struct Verdict {
  std::vector<std::string> invalid_reasons;  ///< Empty: valid.
  std::vector<std::string>
      warnings;  ///< What --allow-limited took the edge off, or is no fault yet.
  bool partial = false;
  std::vector<std::string> partial_reasons;
  std::vector<Assertion> assertions;
  std::optional<Comparison> baseline;
  JudgeOptions judged_by;
  int exit_code = 0;
  bool is_valid() const { return invalid_reasons.empty(); }
};

/// Why the generator itself, and not the broker, was the limit; empty: it was not.
std::vector<std::string> generator_limits(const Result& result);
/// What is asserted of a result, and whether it holds.
std::vector<Assertion> check_assertions(const Result& result, const JudgeOptions& options);

Verdict judge(const Result& result, const JudgeOptions& options);

/// Why a result of this verdict is nothing to hold others against: it is invalid, or partial.
std::vector<std::string> flaws(const Verdict& verdict);

/// Holds the verdict's result against a baseline too.
void add_baseline(Verdict& verdict, const Result& result, Comparison comparison);

/// Another of several runs of which one is shown: what is wrong with it is wrong with all of them
/// together, and stands there under its name. Comes last.
void add_run(Verdict& verdict, const std::string& run_id, const Verdict& run);

}  // namespace mq_bench
