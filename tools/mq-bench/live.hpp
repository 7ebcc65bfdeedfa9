#pragma once

#include <string>

#include "tools/common/terminal_screen.hpp"
#include "tools/mq-bench/board.hpp"
#include "tools/mq-bench/verdict.hpp"

namespace mq_bench {

/// What those who watch a run are shown of it; made from a snapshot.
struct Live {
  Snapshot snapshot = {};
  std::vector<std::string> limits = {};  ///< Of the generator.
  std::vector<Assertion> assertions = {};
};
Live live(Snapshot snapshot, const JudgeOptions& options);

/// Two lines, each ended by a line feed, which fit into a log; without messages one.
std::string live_lines(const Live& live);
/// When the next of them are worth reading, `elapsed` after the beginning of a phase: each second,
/// when what happened in it is known.
Duration until_next_lines(Duration elapsed);
/// One line, a JSON object.
std::string live_json(const Live& live);
/// Bytes for an ANSI terminal that draw a screen of this size over whatever is there.
std::string live_screen(const Live& live, cli::ScreenSize size, bool has_colors);

/// Messages a second in the last whole row.
double sent_rate(const Result& result);
double received_rate(const Result& result);

/// How the durations are spread, on a logarithmic scale: a small bar for each of `columns` equal
/// steps from the least to the greatest.
std::string spread(const Histogram& histogram, std::size_t columns);

}  // namespace mq_bench
