#include <doctest/doctest.h>

#include "tests/e2e/bench_runs.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;
using support::TempDir;

namespace {

Exit mq_bench(const Arguments& arguments) {
  return support::run({.argv = Arguments{support::tool("mq-bench")} + arguments});
}

const Arguments kBrief{"--rate", "500/s", "--warmup", "0s", "--duration", "100ms"};

struct Refused {
  std::string settings;  ///< Below the line of the scenario.
  std::string names;
};
const std::vector<Refused> kRefused{
    {"clients = \"x\"", ":2: clients: 'x'"},
    {"clients = 2.5", ":2: clients: '2.5'"},
    {"clients = -3", ":2: clients: '-3'"},
    {"clients = 1979-05-27", ":2: clients: "},
    {"qos = 1\nclients = 2\nclients = 3", ":4: "},
    {"nonsense = 1", ":2: nonsense"},
    {"hold = \"1s\"", ":2: hold: has no meaning for pair"},
    {"duration = \"5\"", ":2: duration: '5'"},
    {"assert = [\"loss==0\", \"foo<1\"]", ":2: assert: 'foo'"},
    {"qos = true", ":2: qos"},
    {"[load]\nclients = 1", ":2: load"},
    {"topic = \"a", ":2: not TOML"},
    {"\x01", ":2: not TOML"},
};

}  // namespace

TEST_CASE("a scenario's file is the command line in another form") {
  BrokerProcess broker(kLite);
  const TempDir directory;
  const std::string file = directory.write("load.toml",
                                           "# twice a day\n"
                                           "scenario = \"pair\"\n"
                                           "clients = 3\n"
                                           "rate = \"500/s\"\n"
                                           "qos = 1\n"
                                           "warmup = \"0s\"\n"
                                           "duration = \"100ms\"\n"
                                           "assert = [\"loss==0\", \"connected==6\"]\n");
  auto command = bench(broker.port(), "run", {});
  command.argv.insert(command.argv.begin() + 2, file);
  const BenchRun run(support::run(command));
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  CHECK(run.counter("unique") == 50);
  CHECK(run.counter("acked") == 50);
  CHECK(run.text("/asserts/1/verdict") == "pass");

  // What the command line says wins.
  command.argv.insert(command.argv.end(), {"-c", "2", "-q", "0"});
  const BenchRun changed(support::run(command));
  CHECK(changed.counter("connected") == 4);
  CHECK(changed.counter("acked") == 0);
  CHECK(changed.code() == 99);
}

TEST_CASE("a mistake in a scenario's file is told with its line, unconnected") {
  const TempDir directory;
  const std::string port = std::to_string(support::free_port());
  for (const auto& [settings, names] : kRefused) {
    CAPTURE(settings);
    const std::string file = directory.write("x.toml", "scenario = \"pair\"\n" + settings + "\n");
    const Exit end = mq_bench({"run", file, "-p", port});
    CAPTURE(end.err);
    CHECK(end.code == 2);
    CHECK(end.out.empty());
    CHECK(lines_of(end.err).size() == 1);
    CHECK(contains(end.err, file + names));
  }
  for (const std::string text : {"", "clients = 2\n", "scenario = \"frob\"\n", "scenario = 3\n"}) {
    const std::string file = directory.write("x.toml", text);
    const Exit end = mq_bench({"run", file, "-p", port});
    CHECK(end.code == 2);
    CHECK(contains(end.err, "scenario"));
  }
}

TEST_CASE("presets are listed, shown as files, and run with what the command line changes") {
  BrokerProcess broker(kLite);
  const Exit list = mq_bench({"list"});
  CHECK(list.code == 0);
  for (const char* name : {"ci-smoke", "p2p-1k", "conn-10k", "emqx-symmetric-q1", "big-256k"})
    CHECK(contains(list.out, name));

  const TempDir directory;
  const Exit shown = mq_bench({"list", "ci-smoke"});
  CHECK(shown.code == 0);
  const std::string file = directory.write("ci-smoke.toml", shown.out);
  for (const std::string& what : {std::string("ci-smoke"), file}) {
    auto command = bench(broker.port(), "run", kBrief + Arguments{"-c", "5"});
    command.argv.insert(command.argv.begin() + 2, what);
    const BenchRun run(support::run(command));
    CAPTURE(run.end().err);
    CHECK(run.code() == 0);
    CHECK(run.counter("connected") == 10);
    CHECK(run.counter("acked") == 50);
  }
}

TEST_CASE("every preset is a valid scenario: it gets as far as the broker that is not there") {
  const std::string port = std::to_string(support::free_port());
  for (const auto& line : lines_of(mq_bench({"list"}).out)) {
    const std::string preset = line.substr(0, line.find(' '));
    if (preset == "PRESET") continue;
    CAPTURE(preset);
    // Short of what large ones need: the files and the patience of a test.
    const std::string text = mq_bench({"list", preset}).out;
    Arguments few{"run", preset, "-p", port};
    for (const auto& [key, flag] :
         {std::pair("clients = ", "-c"), {"pub = ", "--pub"}, {"sub = ", "--sub"}}) {
      if (contains(text, std::string("\n") + key)) few = few + Arguments{flag, "2"};
    }
    const Exit end = mq_bench(few);
    CAPTURE(end.err);
    CHECK(end.code == 3);
  }
}

TEST_CASE("check tells what is missing for a load, and ends with 2 then") {
  CHECK(mq_bench({"check", "pair", "-c", "2"}).code == 0);
  const Exit end =
      support::run({.argv = {"sh", "-c", "ulimit -n 100; exec \"$0\" check conn -c 1000",
                             support::tool("mq-bench")}});
  CHECK(end.code == 2);
  CHECK(contains(end.out, "open files"));
  CHECK(contains(end.out, "ulimit"));
}
