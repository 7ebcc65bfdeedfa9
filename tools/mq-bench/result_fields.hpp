#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

// The plain numbers of a result by their names in the JSON: what writes, reads and merges results
// knows them from here, so a new figure is a line in one table.

struct CounterField {
  std::string_view name;
  std::uint64_t Counters::*field;
};
std::span<const CounterField> counter_fields();

/// A number of the whole run, and what stands for several shards together.
struct FigureField {
  enum class Merge { sum, most };
  std::string_view name;
  std::uint64_t Result::*field;
  Merge merge = Merge::sum;
  bool is_new = false;  ///< The first results of this schema do not have it: 0 then.
};
/// Those beside the message counters.
std::span<const FigureField> figure_fields();
/// Events during the measure phase by the clock on the wall, which rates come from.
std::span<const FigureField> window_fields();

}  // namespace mq_bench
