#include "tools/mq-bench/file_commands.hpp"

#include <cstdio>
#include <utility>

#include "tools/common/parse.hpp"
#include "tools/mq-bench/comparison.hpp"
#include "tools/mq-bench/merge.hpp"
#include "tools/mq-bench/output_files.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/result_reader.hpp"
#include "tools/mq-bench/verdict.hpp"

namespace mq_bench {

using cli::usage_error;

namespace {

/// Files are opened only now: one of them may be what was read.
int tell(const cli::Tool& tool, const Options& options, const StoredRun& run, int exit_code) {
  OutputFiles files;
  if (const std::string complaint = files.open(options); !complaint.empty())
    return usage_error(tool, complaint);
  const bool is_told =
      print(files.use_stdout() ? stderr : stdout, render_text(run.result, run.verdict));
  std::string complaint = files.write(run.result, run.verdict);
  if (complaint.empty() && !is_told) complaint = "the summary could not be written";
  return complaint.empty() ? exit_code : usage_error(tool, complaint);
}

}  // namespace

int run_merge(const cli::Tool& tool, const Options& options) {
  std::vector<NamedRun> runs;
  for (const std::string& path : options.words) {
    auto run = read_run(path);
    if (!run) return usage_error(tool, run.error());
    runs.push_back({path, *std::move(run)});
  }
  const auto merged = merge(std::move(runs), options.conditions);
  if (!merged) return usage_error(tool, merged.error());
  return tell(tool, options, *merged, merged->verdict.exit_code);
}

int run_compare(const cli::Tool& tool, const Options& options) {
  const auto base = read_run(options.words[0]);
  if (!base) return usage_error(tool, base.error());
  auto now = read_run(options.words[1]);
  if (!now) return usage_error(tool, now.error());
  const int own_exit_code = now->verdict.exit_code;
  add_baseline(now->verdict, now->result,
               compare(base->result, now->result,
                       {options.tolerances, options.force_compare, flaws(base->verdict)}));
  now->verdict.exit_code = weightier(own_exit_code, now->verdict.exit_code);
  return tell(tool, options, *now, now->verdict.exit_code);
}

int run_report(const cli::Tool& tool, const Options& options) {
  const auto run = read_run(options.words[0]);
  if (!run) return usage_error(tool, run.error());
  return tell(tool, options, *run, 0);
}

}  // namespace mq_bench
