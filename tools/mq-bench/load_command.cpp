#include "tools/mq-bench/load_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <optional>
#include <utility>

#include "tools/common/parse.hpp"
#include "tools/mq-bench/comparison.hpp"
#include "tools/mq-bench/environment.hpp"
#include "tools/mq-bench/output_files.hpp"
#include "tools/mq-bench/preflight.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/result_reader.hpp"
#include "tools/mq-bench/verdict.hpp"
#include "tools/mq-bench/workload.hpp"

namespace mq_bench {
namespace {

Result run_once(const Options& options) {
  Result result = Workload(options, read_environment()).run();
  result.clock_offset = read_clock_offset();
  return result;
}

std::string check_machine(const Options& options) {
  const std::string complaint = impossibility(examine(needs_of(options), read_machine()));
  return complaint.empty() ? prepare_descriptors(options.connections()) : complaint;
}

/// All runs until one is interrupted, each under a name of its own.
std::vector<Result> run_all(const Options& options, std::FILE* text_file) {
  if (options.repeat == 1) {
    std::vector<Result> runs;
    runs.push_back(run_once(options));
    return runs;
  }
  Options one = options;
  const std::string run_id = options.run_id.value_or(random_run_id());
  std::vector<Result> runs;
  while (runs.size() < options.repeat && (runs.empty() || !runs.back().signal)) {
    one.run_id = fmt::format("{}-{}", run_id, runs.size() + 1);
    runs.push_back(run_once(one));
    print(text_file, render_text(runs.back(), judge(runs.back(), options.judging())));
  }
  return runs;
}

}  // namespace

int run_load(const cli::Tool& tool, const Options& options) {
  const auto usage_error = [&tool](std::string_view what) {
    cli::complain(tool, what);
    return static_cast<int>(ExitCode::usage);
  };
  if (const auto complaint = check_machine(options); !complaint.empty())
    return usage_error(complaint);
  std::optional<StoredRun> baseline;
  if (options.baseline_file) {
    auto run = read_run(*options.baseline_file);
    if (!run) return usage_error("--baseline: " + run.error());
    baseline = *std::move(run);
  }
  OutputFiles files;
  if (const auto complaint = files.open(options); !complaint.empty()) return usage_error(complaint);

  std::FILE* const text_file = files.use_stdout() ? stderr : stdout;
  std::vector<Result> runs = run_all(options, text_file);
  int exit_code = 0;
  for (const Result& run : runs)
    exit_code = weightier(exit_code, judge(run, options.judging()).exit_code);
  const Result result = combine(std::move(runs), options.tolerances);
  Verdict verdict = judge(result, options.judging());
  if (baseline) {
    add_baseline(verdict, result,
                 compare(baseline->result, result, options.tolerances, options.force_compare));
  }
  verdict.exit_code = weightier(exit_code, verdict.exit_code);
  bool is_written = print(text_file, render_text(result, verdict));
  is_written = files.write(result, verdict) && is_written;
  return is_written ? verdict.exit_code : usage_error("the result could not be written");
}

}  // namespace mq_bench
