#include <cstdio>

#include "tools/common/parse.hpp"
#include "tools/mq-bench/environment.hpp"
#include "tools/mq-bench/options.hpp"
#include "tools/mq-bench/output_files.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/verdict.hpp"
#include "tools/mq-bench/workload.hpp"

namespace {

using namespace mq_bench;

int usage_error(const cli::Tool& tool, std::string_view what) {
  cli::complain(tool, what);
  return static_cast<int>(ExitCode::usage);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  const cli::Tool tool = describe(options);
  if (const auto exit_code = cli::parse_command_line(tool, argc, argv)) return *exit_code;
  // Everything that can be wrong is found before the first connection.
  const std::uint64_t connections = options.clients * (options.mode() == Mode::pair ? 2ULL : 1ULL);
  if (const auto complaint = prepare_descriptors(connections); !complaint.empty())
    return usage_error(tool, complaint);
  OutputFiles files;
  if (const std::string complaint = files.open(options); !complaint.empty())
    return usage_error(tool, complaint);

  const Environment environment = read_environment();
  const Result result = Workload(options, environment).run();
  const Verdict verdict =
      judge(result, {options.allow_limited, options.default_asserts, options.conditions});
  bool is_written = print(files.use_stdout() ? stderr : stdout, render_text(result, verdict));
  is_written = files.write(result, verdict) && is_written;
  if (!is_written) return usage_error(tool, "the result could not be written");
  return verdict.exit_code;
}
