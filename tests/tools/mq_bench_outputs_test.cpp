#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/temp_dir.hpp"
#include "tests/tools/bench_results.hpp"
#include "tools/mq-bench/output_files.hpp"
#include "tools/mq-bench/report.hpp"

using namespace mq_bench;
using support::good_result;
using support::with_losses;

namespace {

std::string content(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string junit(const Result& result) { return render_junit(result, judge(result, {})); }
std::string markdown(const Result& result) { return render_markdown(result, judge(result, {})); }

}  // namespace

TEST_CASE("JUnit: each assertion is a test, and says what was measured") {
  const std::string good = junit(good_result());
  CHECK(good.contains("<testsuite name=\"mq-bench pair\" tests=\"5\" failures=\"0\" errors=\"0\""));
  CHECK(good.contains("name=\"the run is valid and complete\" time=\"10.000\"/>\n"));
  CHECK(
      good.contains("name=\"loss==0\" time=\"10.000\">\n      <system-out>loss==0: measured 0"
                    "</system-out>\n    </testcase>\n"));
  CHECK(good.contains("    <system-out>RESULT  VALID  run 7f3a  pair 10x10"));
  CHECK(good.contains("exit 0\n</system-out>\n  </testsuite>\n</testsuites>\n"));
  const std::string bad = junit(with_losses(20));
  CHECK(bad.contains("tests=\"5\" failures=\"1\" errors=\"0\""));
  CHECK(
      bad.contains("<failure message=\"loss==0: measured 20 = 0.2%; first: pub 17 seq 20411\"/>"));
  CHECK(bad.ends_with("</testsuites>\n"));
}

TEST_CASE("JUnit: an invalid or partial run is an error, and its reason is escaped") {
  Result result = good_result();
  result.measure.sent = 9'999;
  result.signal = 2;
  const std::string text = junit(result);
  CHECK(text.contains("errors=\"1\""));
  CHECK(text.contains("<error message=\"balance broken in measure: scheduled 10000 != "));
  CHECK(text.contains("; partial: interrupted by signal 2\"/>"));
  result = good_result();
  result.measure.expected = 0;
  result.metrics.own_lag.histogram.record(mqtt::Seconds(9));
  result.self.cpu_share = 2;
  CHECK(junit(result).contains("cpu 200% &gt; 90%"));
}

TEST_CASE("Markdown: verdict, assertions, percentiles and the balance, each as a table") {
  const std::string text = markdown(with_losses(200));
  CHECK(text.starts_with("### mq-bench pair: valid, exit 99\n\nRun 7f3a against 127.0.0.1:1883: "));
  CHECK(text.contains("| Assertion | Measured | Verdict |\n|---|---|---|\n"));
  CHECK(text.contains("| loss==0 | 200 = 2%; first: pub 17 seq 20411 | **FAIL** |\n"));
  CHECK(text.contains("| e2e | 2ms | 2ms | ∞ | ∞ | n/a | ∞ | 9800 |\n"));
  CHECK(text.contains("| e2e.delivered | 2ms | 2ms | 2ms | n/a | n/a | 2ms | 9800 |\n"));
  CHECK_FALSE(markdown(good_result()).contains("e2e.delivered"));
  CHECK(text.contains("| send\\_lag | 0.05ms |"));
  CHECK(text.contains("| lost | 200 |\n"));
  CHECK(text.contains("Offered 1000.0/s of 1000.0/s, sent 1000.0/s, received 1000.0/s.\n"));
}

TEST_CASE("Markdown: what a broker or a run's name says formats nothing") {
  Result result = good_result();
  result.run_id = "a|b\n# c";
  result.errors["<b>no</b>"] = 3;
  const std::string text = markdown(result);
  CHECK(text.contains("Run a\\|b\\\\x0a\\# c against"));
  CHECK(text.contains("- 3 x \\<b\\>no\\</b\\>\n"));
}

TEST_CASE("a job summary is added to, a JUnit file is written anew") {
  const support::TempDir folder;
  Options options;
  options.command = Command::pair;
  options.junit_file = (folder.path() / "r.xml").string();
  options.markdown_file = (folder.path() / "r.md").string();
  const Result result = good_result();
  for (int i = 0; i < 2; ++i) {
    OutputFiles files;
    REQUIRE(files.open(options).empty());
    CHECK_FALSE(files.use_stdout());
    CHECK(files.write(result, judge(result, {})) == "");
  }
  CHECK(content(*options.junit_file) == junit(result));
  CHECK(content(*options.markdown_file) == markdown(result) + markdown(result));
}

TEST_CASE("an earlier result stays as long as there is no new one, and no empty file is left") {
  const support::TempDir folder;
  folder.write("old.json", "a long result that was there before");
  Options options;
  options.command = Command::pair;
  options.json_file = (folder.path() / "old.json").string();
  options.junit_file = (folder.path() / "new.xml").string();
  options.html_file = (folder.path() / "none/r.html").string();
  CHECK(OutputFiles().open(options) == "--html: cannot write " + *options.html_file);
  CHECK(content(*options.json_file) == "a long result that was there before");
  CHECK_FALSE(std::filesystem::exists(*options.junit_file));
  options.html_file.reset();
  {
    OutputFiles files;
    REQUIRE(files.open(options).empty());
    folder.write("old.json", std::string(100'000, 'x'));
    CHECK(files.write(good_result(), judge(good_result(), {})) == "");
  }
  CHECK(content(*options.json_file) == render_json(good_result(), judge(good_result(), {})));
  CHECK(content(*options.junit_file) == junit(good_result()));
}

TEST_CASE("a file that cannot be written is named, and the others are written") {
  const support::TempDir folder;
  Options options;
  options.command = Command::pair;
  options.json_file = "/dev/full";
  options.junit_file = (folder.path() / "r.xml").string();
  OutputFiles files;
  REQUIRE(files.open(options).empty());
  CHECK(files.write(good_result(), judge(good_result(), {})) ==
        "--json: /dev/full could not be written");
  CHECK(content(*options.junit_file) == junit(good_result()));
}

TEST_CASE(
    "one file for two outputs is refused, however it is named; merge writes both of its own") {
  const support::TempDir folder;
  Options options;
  options.merged_file = (folder.path() / "a").string();
  options.json_file = (folder.path() / "b").string();
  OutputFiles files;
  REQUIRE(files.open(options).empty());
  std::filesystem::create_symlink("a", folder.path() / "c");
  const std::string link = folder.path() / "c";
  CHECK(files.conflict("--events", link) == "--events: " + link + " is the file of -o already");
  CHECK(files.write(good_result(), judge(good_result(), {})) == "");
  CHECK(content(*options.merged_file) == content(*options.json_file));
  CHECK(content(*options.json_file).starts_with("{"));
  options.html_file = options.json_file;
  CHECK(OutputFiles().open(options) ==
        "--html: " + *options.html_file + " is the file of --json already");
  options = {};
  options.merged_file = "/nodir/x";
  CHECK(OutputFiles().open(options) == "-o: cannot write /nodir/x");
}

TEST_CASE("a file that cannot be written, and stdout for two of them, are refused by name") {
  const support::TempDir folder;
  Options options;
  options.junit_file = (folder.path() / "none/r.xml").string();
  CHECK(OutputFiles().open(options) == "--junit: cannot write " + *options.junit_file);
  options.json_file = options.junit_file = "-";
  OutputFiles files;
  CHECK(files.open(options) == "--junit: stdout is taken already");
  CHECK(files.use_stdout());
}
