#include <cstdio>

#include "tools/common/parse.hpp"
#include "tools/mq-bench/file_commands.hpp"
#include "tools/mq-bench/list.hpp"
#include "tools/mq-bench/load_command.hpp"
#include "tools/mq-bench/options.hpp"
#include "tools/mq-bench/output_files.hpp"
#include "tools/mq-bench/preflight.hpp"
#include "tools/mq-bench/verdict.hpp"

namespace {

using namespace mq_bench;
using cli::usage_error;

/// `mq-bench check`: what the load asks of this machine, without any connection.
int check(const cli::Tool& tool, const Options& options) {
  Machine machine = read_machine(options.link.sources);
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
    case Command::merge:
      return run_merge(tool, options);
    case Command::compare:
      return run_compare(tool, options);
    case Command::report:
      return run_report(tool, options);
    default:
      return run_load(tool, options);
  }
}
