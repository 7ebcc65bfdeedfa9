#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "tools/mq-bench/assertion.hpp"
#include "tools/mq-bench/result_reader.hpp"

namespace mq_bench {

/// A result and the file that it came from, for complaints.
struct NamedRun {
  std::string name;
  StoredRun run;
};

/// One result of those of several shards of a run (at least one): counts are summed, histograms
/// added and percentiles taken from the sum, rates are those of the seconds that all measured, and
/// the shards' assertions and `conditions` are judged anew. Neither order nor grouping matters:
/// merging merged results gives the same, to the byte. Refused when they are not of the same run,
/// or a shard is there twice.
std::expected<StoredRun, std::string> merge(std::vector<NamedRun> runs,
                                            std::span<const Condition> conditions);

}  // namespace mq_bench
