#include <cstdio>
#include <memory>

#include "tools/common/parse.hpp"
#include "tools/mq-bench/environment.hpp"
#include "tools/mq-bench/options.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/verdict.hpp"
#include "tools/mq-bench/workload.hpp"

namespace {

using namespace mq_bench;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

bool print(std::FILE* file, const std::string& text) {
  const bool is_written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fflush(file) == 0 && is_written;
}

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
  const std::uint64_t connections = options.clients * (*options.mode == Mode::pair ? 2ULL : 1ULL);
  if (const auto complaint = prepare_descriptors(connections); !complaint.empty())
    return usage_error(tool, complaint);
  const bool json_on_stdout = options.json_file == "-";
  File json_file;
  if (options.json_file && !json_on_stdout) {
    json_file.reset(std::fopen(options.json_file->c_str(), "we"));
    if (!json_file) return usage_error(tool, "--json: cannot write " + *options.json_file);
  }

  const Environment environment = read_environment();
  const Result result = Workload(options, environment).run();
  const Verdict verdict = judge(result, {options.allow_limited, options.default_asserts});
  bool is_written = print(json_on_stdout ? stderr : stdout, render_text(result, verdict));
  if (options.json_file) {
    is_written = print(json_on_stdout ? stdout : json_file.get(),
                       render_json(result, verdict, environment)) &&
                 is_written;
  }
  if (!is_written) return usage_error(tool, "the result could not be written");
  return verdict.exit_code;
}
