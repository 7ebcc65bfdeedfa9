#include <cstdio>

#include "tools/common/parse.hpp"
#include "tools/mq-bench/environment.hpp"
#include "tools/mq-bench/list.hpp"
#include "tools/mq-bench/options.hpp"
#include "tools/mq-bench/output_files.hpp"
#include "tools/mq-bench/preflight.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/verdict.hpp"
#include "tools/mq-bench/workload.hpp"

namespace {

using namespace mq_bench;

int usage_error(const cli::Tool& tool, std::string_view what) {
  cli::complain(tool, what);
  return static_cast<int>(ExitCode::usage);
}

/// `mq-bench check`: what the load asks of this machine, without any connection.
int check(const cli::Tool& tool, const Options& options) {
  Machine machine = read_machine();
  measure(machine);
  const std::vector<Finding> findings = examine(needs_of(options), machine);
  if (!print(stdout, render(findings))) return usage_error(tool, "stdout: cannot be written");
  const bool is_possible = impossibility(findings).empty();
  return static_cast<int>(is_possible ? ExitCode::ok : ExitCode::usage);
}

int list(const cli::Tool& tool, const Options& options) {
  const auto text = mq_bench::list(options);
  if (!text) return usage_error(tool, text.error());
  return print(stdout, *text) ? 0 : usage_error(tool, "stdout: cannot be written");
}

int load(const cli::Tool& tool, const Options& options) {
  // Everything that can be wrong is found before the first connection.
  std::string complaint = impossibility(examine(needs_of(options), read_machine()));
  if (complaint.empty()) complaint = prepare_descriptors(options.connections());
  if (!complaint.empty()) return usage_error(tool, complaint);
  OutputFiles files;
  if (complaint = files.open(options); !complaint.empty()) return usage_error(tool, complaint);

  const Result result = Workload(options, read_environment()).run();
  const Verdict verdict =
      judge(result, {options.allow_limited, options.default_asserts, options.conditions});
  bool is_written = print(files.use_stdout() ? stderr : stdout, render_text(result, verdict));
  is_written = files.write(result, verdict) && is_written;
  if (!is_written) return usage_error(tool, "the result could not be written");
  return verdict.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  const cli::Tool tool = describe(options);
  if (const auto exit_code = cli::parse_command_line(tool, argc, argv)) return *exit_code;
  switch (*options.command) {
    case Command::list:
      return list(tool, options);
    case Command::check:
      return check(tool, options);
    default:
      return load(tool, options);
  }
}
