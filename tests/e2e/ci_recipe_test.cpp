#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/e2e/clients.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;

namespace {

const std::string kScript = MQ_SOURCE_DIR "/scripts/ci/broker-gate.sh";

/// Nothing that depends on how busy this machine is.
const std::string kAssert = "ASSERT=loss==0 rate.recv>=0.1*rate.expected";

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// The script as a CI job runs it, only shorter, with `settings` as its environment.
Exit run_script(const Arguments& settings, const Arguments& options = {}) {
  Command command{.argv = {"env", "PATH=" MQ_BIN_DIR ":" + std::string(std::getenv("PATH"))}};
  command.argv.insert(command.argv.end(), settings.begin(), settings.end());
  for (const char* const word :
       {kScript.c_str(), "--warmup", "0s", "--duration", "500ms", "--allow-limited"})
    command.argv.emplace_back(word);
  command.argv.insert(command.argv.end(), options.begin(), options.end());
  return support::run(command);
}

}  // namespace

TEST_CASE("the CI recipe: load on a broker of its own, files for the CI server, then a baseline") {
  const support::TempDir folder;
  const std::string first = (folder.path() / "first").string();
  const std::string second = (folder.path() / "second").string();
  const auto end = run_script({"OUT=" + first, "BASELINE=none", kAssert});
  CAPTURE(end.out);
  CAPTURE(end.err);
  CHECK(end.code == 0);
  CHECK(end.out.contains("PASS loss==0"));
  CHECK(content(first + "/result.json").starts_with("{\"schema\":\"mq-bench/1\""));
  CHECK(content(first + "/junit.xml").contains("<testcase classname=\"mq-bench.pair\""));
  CHECK(content(first + "/summary.md").starts_with("### mq-bench pair: valid"));

  const auto again = run_script({"OUT=" + second, "BASELINE=" + first + "/result.json",
                                 "TOLERANCE=e2e.p50:+1h, rate.recv:-90%", kAssert});
  CAPTURE(again.out);
  CHECK(again.code == 0);
  CHECK(again.out.contains("\nBASE    PASS against run "));
  CHECK(content(second + "/junit.xml").contains("name=\"baseline: e2e.p50\""));
}

TEST_CASE(
    "the CI recipe fails the job when an assertion fails, and when the broker does not start") {
  const support::TempDir folder;
  const std::string out = "OUT=" + (folder.path() / "out").string();
  CHECK(run_script({out, "ASSERT=e2e.p50<1ns"}).code == 99);
  CHECK(run_script({out}, {"--no-such-option"}).code == 2);
  const std::string scenario = folder.write("s.toml", "scenario = \"none\"\n");
  CHECK(run_script({out, "PRESET=" + scenario}).code == 2);
}

TEST_CASE("the recipes for GitHub and GitLab call the script that is tested here") {
  for (const char* const name : {"github-actions.yml", "gitlab-ci.yml"}) {
    const std::string recipe = content(std::string(MQ_SOURCE_DIR "/scripts/ci/") + name);
    CHECK(recipe.contains("scripts/ci/broker-gate.sh --repeat 5 --force-compare"));
  }
}
