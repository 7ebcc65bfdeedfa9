#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tools/common/parse.hpp"
#include "tools/mq-bench/plan.hpp"

namespace support {

/// What mq-bench makes of a command line.
struct Line {
  mq_bench::Options options;
  std::string error;
  /// What a run named "r" would do.
  std::unique_ptr<mq_bench::Plan> plan() const { return mq_bench::make_plan(options, "r"); }
};

/// The address of the options is kept: rows refer to it.
inline std::unique_ptr<Line> read_line(const std::vector<std::string>& words) {
  auto line = std::make_unique<Line>();
  const auto parsed = cli::parse(mq_bench::describe(line->options), words);
  if (!parsed) line->error = parsed.error();
  return line;
}

inline std::string error_of(const std::vector<std::string>& words) {
  return read_line(words)->error;
}

}  // namespace support
