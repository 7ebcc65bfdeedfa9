#include <doctest/doctest.h>

#include <algorithm>

#include "tests/e2e/clients.hpp"

using namespace e2e;

namespace {

struct Misuse {
  std::string tool;
  Arguments arguments;
  std::string names;  ///< Must stand in the line that explains.
};

const std::vector<Misuse> kMisuses{
    {"mq-pub", {}, "-m"},
    {"mq-pub", {"-t", "a"}, "-m"},
    {"mq-pub", {"-m", "x"}, "-t"},
    {"mq-pub", {"-t", "a", "-m", "x", "-n"}, "-n"},
    {"mq-pub", {"-t", "a/#", "-m", "x"}, "a/#"},
    {"mq-pub", {"-t", "a/+/b", "-m", "x"}, "a/+/b"},
    {"mq-pub", {"-t", "", "-m", "x"}, "-t"},
    {"mq-pub", {"-t", "a", "-m"}, "-m"},
    {"mq-pub", {"-t", "a", "-m", "x", "-q", "3"}, "-q"},
    {"mq-pub", {"-t", "a", "-m", "x", "-p", "abc"}, "abc"},
    {"mq-pub", {"-t", "a", "-m", "x", "-p", "10x"}, "10x"},
    {"mq-pub", {"-t", "a", "-m", "x", "-p", "65536"}, "65536"},
    {"mq-pub", {"-t", "a", "-m", "x", "-p", ""}, "-p"},
    {"mq-pub", {"-t", "a", "-m", "x", "-k", "70000"}, "70000"},
    {"mq-pub", {"-t", "a", "-m", "x", "-V", "6"}, "-V"},
    {"mq-pub", {"-t", "a", "-m", "x", "-x", "soon"}, "soon"},
    {"mq-pub", {"-t", "a", "-m", "x", "-c"}, "-c"},
    {"mq-pub", {"-t", "a", "-m", "x", "-P", "secret"}, "-u"},
    {"mq-pub", {"-t", "a", "-m", "x", "--will-payload", "x"}, "--will-topic"},
    {"mq-pub", {"-t", "a", "-m", "x", "--will-topic", "a/#"}, "a/#"},
    {"mq-pub", {"-t", "a", "-m", "x", "-D", "nowhere", "content-type", "x"}, "nowhere"},
    {"mq-pub", {"-t", "a", "-m", "x", "-D", "publish", "nonsense", "x"}, "nonsense"},
    {"mq-pub", {"-t", "a", "-m", "x", "-D", "publish", "topic-alias", "many"}, "many"},
    {"mq-pub", {"-t", "a", "-m", "x", "--nonsense"}, "--nonsense"},
    {"mq-pub", {"-t", "a", "-m", "x", "-y"}, "-y"},
    {"mq-pub", {"-t", "a", "-m", "x", "stray"}, "stray"},
    {"mq-pub", {"-t", "a", "-f", "/nonexistent/file"}, "/nonexistent/file"},
    {"mq-sub", {}, "-t"},
    {"mq-sub", {"-t", "a/#/b"}, "a/#/b"},
    {"mq-sub", {"-t", "a+"}, "a+"},
    {"mq-sub", {"-t", "$share/g"}, "$share/g"},
    {"mq-sub", {"-t", "a", "-T", "b#"}, "b#"},
    {"mq-sub", {"-t", "a", "-C", "0"}, "-C"},
    {"mq-sub", {"-t", "a", "-C", "all"}, "all"},
    {"mq-sub", {"-t", "a", "-W", "0"}, "-W"},
    {"mq-sub", {"-t", "a", "-W", "soon"}, "soon"},
    {"mq-sub", {"-t", "a", "-q", "3"}, "-q"},
    {"mq-sub", {"-t", "a", "-p", "abc"}, "abc"},
    {"mq-sub", {"-t", "a", "-k", "4"}, "-k"},
    {"mq-sub", {"-t", "a", "-F", "%z"}, "z"},
    {"mq-sub", {"-t", "a", "-F", "50%"}, "-F"},
    {"mq-sub", {"-t", "a", "-F", "\\q"}, "q"},
    {"mq-sub", {"-t", "a", "--verbos"}, "--verbos"},
    {"mq-sub", {"-t", "a\n\x1b[31mb#"}, "\\x1b"},
    {"mq-broker-lite", {"-p", "abc"}, "abc"},
    {"mq-broker-lite", {"-p", "70000"}, "70000"},
    {"mq-broker-lite", {"--nonsense"}, "--nonsense"},
    {"mq-broker-lite", {"stray"}, "stray"},
    {"mq-bench", {}, "pair"},
    {"mq-bench", {"juggle"}, "juggle"},
    {"mq-bench", {"pair", "-p", "abc"}, "abc"},
    {"mq-bench", {"pair", "-c", "0"}, "-c"},
    {"mq-bench", {"pair", "--rate", "fast"}, "fast"},
    {"mq-bench", {"pair", "--duration", "5"}, "--duration"},
    {"mq-bench", {"pair", "-q", "3"}, "-q"},
    {"mq-bench", {"pair", "-s", "many"}, "many"},
    {"mq-bench", {"pair", "--nonsense"}, "--nonsense"},
};

int usage_exit_code(const std::string& tool) { return tool == "mq-bench" ? 2 : 1; }

Exit run_tool(const std::string& tool, const Arguments& arguments) {
  Command command{.argv = {support::tool(tool)}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return support::run(std::move(command));
}

const Arguments kTools{"mq-pub", "mq-sub", "mq-broker-lite", "mq-bench"};

}  // namespace

TEST_CASE("what a tool can't understand gets one clear line and the documented exit code") {
  for (const auto& misuse : kMisuses) {
    std::string command = misuse.tool;
    for (const auto& argument : misuse.arguments) command += " '" + argument + "'";
    CAPTURE(command);
    const auto end = run_tool(misuse.tool, misuse.arguments);
    CHECK(end.code == usage_exit_code(misuse.tool));
    CHECK(end.out == "");
    CAPTURE(end.err);
    CHECK(end.err.starts_with(misuse.tool + ": "));
    CHECK(std::count(end.err.begin(), end.err.end(), '\n') == 1);
    CHECK(end.err.ends_with('\n'));
    CHECK(end.err.find(misuse.names) != std::string::npos);
  }
}

TEST_CASE("--help explains every tool on stdout") {
  for (const auto& tool : kTools) {
    CAPTURE(tool);
    const auto end = run_tool(tool, {"--help"});
    CHECK(end.code == 0);
    CHECK(end.err == "");
    CHECK(end.out.find(tool) != std::string::npos);
    CHECK(end.out.find("--port") != std::string::npos);
    CHECK(end.out.find("--version") != std::string::npos);
  }
}

TEST_CASE("--version shows the one version number of all tools") {
  const auto first = run_tool(kTools[0], {"--version"}).out;
  const auto number = first.substr(first.rfind(' ') + 1);
  CHECK(number.find('.') != std::string::npos);
  for (const auto& tool : kTools) {
    CAPTURE(tool);
    const auto end = run_tool(tool, {"--version"});
    CHECK(end.code == 0);
    CHECK(end.err == "");
    CHECK(end.out == tool + " " + number);
  }
}
