#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/mq-bench/assertion.hpp"
#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// What happened between two looks at a run: counts and histograms of the window alone; how many
/// there are of something as it is now.
Result window_between(const Result& before, const Result& now, Duration length);

/// Ends a run when one of the conditions holds: while it measures, looks at each second by itself.
/// Percentiles that a second has too few samples for, and figures without data, end nothing.
class AbortWatch {
 public:
  explicit AbortWatch(std::vector<Condition> conditions) : conditions_(std::move(conditions)) {}

  bool is_due(TimePoint now) const { return !conditions_.empty() && now >= next_; }
  /// `so_far`: of the run from its beginning. Why it should end; empty: it may go on.
  std::string look(Result so_far, TimePoint now);

 private:
  std::vector<Condition> conditions_;
  TimePoint next_;
  std::optional<Result> before_;
  TimePoint looked_;
};

}  // namespace mq_bench
