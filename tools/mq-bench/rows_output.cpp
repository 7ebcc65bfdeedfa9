#include "tools/mq-bench/rows.hpp"

namespace mq_bench {

using cli::Option;

void add_output_rows(RowTable& table, Options& options) {
  table.add(bit(Command::merge), {.name = "output",
                                  .letter = 'o',
                                  .value = "FILE",
                                  .group = kResultGroup,
                                  .help = "write the merged result as JSON, as --json does (merge)",
                                  .set = cli::set_text(options.merged_file),
                                  .hint = Option::Hint::file});
  table.add(kResults,
            {.name = "json",
             .value = "FILE",
             .group = kResultGroup,
             .help = "write the result as JSON; - is stdout, and the text then goes to stderr",
             .set = cli::set_text(options.json_file),
             .hint = Option::Hint::file});
  table.add(kResults, {.name = "junit",
                       .value = "FILE",
                       .group = kResultGroup,
                       .help = "write the assertions as JUnit's XML, for a CI server",
                       .set = cli::set_text(options.junit_file),
                       .hint = Option::Hint::file});
  table.add(kResults, {.name = "markdown",
                       .value = "FILE",
                       .group = kResultGroup,
                       .help = "append the result as Markdown, as to $GITHUB_STEP_SUMMARY",
                       .set = cli::set_text(options.markdown_file),
                       .hint = Option::Hint::file});
  table.add(kResults, {.name = "md",
                       .value = "FILE",
                       .group = kResultGroup,
                       .help = "the same as --markdown",
                       .set = cli::set_text(options.markdown_file),
                       .hint = Option::Hint::file});
  table.add(kResults,
            {.name = "html",
             .value = "FILE",
             .group = kResultGroup,
             .help = "write the result as one HTML page with charts, which needs no network",
             .set = cli::set_text(options.html_file),
             .hint = Option::Hint::file});
  table.add(kResults, {.name = "hdr",
                       .value = "FILE",
                       .group = kResultGroup,
                       .help = "write all histograms as a log for HdrHistogram's tools",
                       .man = "The tag of a line is the metric (e2e), with @warmup for what was "
                              "due in the warm-up (e2e@warmup); values are nanoseconds.",
                       .set = cli::set_text(options.hdr_file),
                       .hint = Option::Hint::file});
}

}  // namespace mq_bench
