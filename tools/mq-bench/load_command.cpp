#include "tools/mq-bench/load_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "tools/common/parse.hpp"
#include "tools/mq-bench/comparison.hpp"
#include "tools/mq-bench/environment.hpp"
#include "tools/mq-bench/event_log.hpp"
#include "tools/mq-bench/observer.hpp"
#include "tools/mq-bench/output_files.hpp"
#include "tools/mq-bench/preflight.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/result_reader.hpp"
#include "tools/mq-bench/verdict.hpp"
#include "tools/mq-bench/workload.hpp"

namespace mq_bench {
namespace {

/// Runs, and shows it; the error is one line, and nothing has been run then.
std::expected<Result, std::string> run_once(const Options& options, EventLog* events) {
  Board board(options.drain);
  Observer::Plan plan{.progress = effective_progress(options.progress),
                      .metrics = options.metrics,
                      .judging = options.judging(),
                      .events = events};
  const bool is_watched =
      plan.progress != Progress::none || plan.metrics || !options.abort_conditions.empty();
  std::unique_ptr<Observer> observer;
  if (!plan.is_idle()) {
    auto started = Observer::start(std::move(plan), board);
    if (!started) return std::unexpected(std::move(started.error()));
    observer = *std::move(started);
  }
  // Outlives the observer: as long as there may be a screen, a signal must not end the process.
  Workload workload(options, read_environment(), time_of,
                    {.board = is_watched ? &board : nullptr, .events = events});
  Result result = workload.run();
  observer.reset();
  result.clock_offset = read_clock_offset();
  return result;
}

std::string check_machine(const Options& options) {
  const std::string complaint =
      impossibility(examine(needs_of(options), read_machine(options.link.sources)));
  return complaint.empty() ? prepare_descriptors(options.connections()) : complaint;
}

bool was_ended(const Result& run) { return run.signal || !run.aborted.empty(); }

/// All runs until one is interrupted or aborted, each under a name of its own.
std::expected<std::vector<Result>, std::string> run_all(const Options& options, EventLog* events,
                                                        std::FILE* text_file) {
  Options one = options;
  const std::string run_id = options.run_id.value_or(random_run_id());
  std::vector<Result> runs;
  while (runs.size() < options.repeat && (runs.empty() || !was_ended(runs.back()))) {
    if (options.repeat > 1) one.run_id = fmt::format("{}-{}", run_id, runs.size() + 1);
    auto result = run_once(one, events);
    if (!result) return std::unexpected(std::move(result.error()));
    runs.push_back(*std::move(result));
    if (options.repeat > 1)
      print(text_file, render_text(runs.back(), judge(runs.back(), options.judging())));
  }
  return runs;
}

/// What came of all runs. One that was cut short is no measurement; that it was, the whole tells.
Result whole_of(std::vector<Result> runs, std::span<const Tolerance> tolerances) {
  std::optional<Result> cut;
  if (runs.size() > 1 && was_ended(runs.back())) {
    cut = std::move(runs.back());
    runs.pop_back();
  }
  Result whole = combine(std::move(runs), tolerances);
  if (!cut) return whole;
  whole.signal = cut->signal;
  whole.aborted = cut->aborted;
  return whole;
}

/// Nothing: nobody wants one. The error names the file.
std::expected<std::unique_ptr<EventLog>, std::string> open_events(const Options& options,
                                                                  const OutputFiles& files) {
  if (!options.events_file) return nullptr;
  if (std::string complaint = files.conflict("--events", *options.events_file); !complaint.empty())
    return std::unexpected(std::move(complaint));
  std::FILE* const file = std::fopen(options.events_file->c_str(), "we");
  if (file == nullptr) return std::unexpected("--events: cannot write " + *options.events_file);
  return std::make_unique<EventLog>(file);
}

}  // namespace

int run_load(const cli::Tool& tool, const Options& options) {
  const auto usage_error = [&tool](std::string_view what) { return cli::usage_error(tool, what); };
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
  const auto events = open_events(options, files);
  if (!events) return usage_error(events.error());
  auto finished = run_all(options, events->get(), text_file);
  if (!finished) return usage_error(finished.error());
  std::vector<Result> runs = *std::move(finished);
  std::vector<std::pair<std::string, Verdict>> verdicts;
  for (const Result& run : runs) verdicts.emplace_back(run.run_id, judge(run, options.judging()));
  const Result result = whole_of(std::move(runs), options.tolerances);
  Verdict verdict = judge(result, options.judging());
  if (baseline) {
    add_baseline(verdict, result,
                 compare(baseline->result, result,
                         {options.tolerances, options.force_compare, flaws(baseline->verdict)}));
  }
  for (const auto& [run_id, other] : verdicts) {
    if (run_id != result.run_id) add_run(verdict, run_id, other);
  }
  // A terminal that hung up reads nothing any more: what counts then are the files.
  const bool is_told = print(text_file, render_text(result, verdict)) || result.signal;
  std::string complaint = files.write(result, verdict);
  if (*events && !(*events)->close() && complaint.empty())
    complaint = fmt::format("--events: {} could not be written", *options.events_file);
  if (complaint.empty() && !is_told) complaint = "the summary could not be written";
  return complaint.empty() ? verdict.exit_code : usage_error(complaint);
}

}  // namespace mq_bench
