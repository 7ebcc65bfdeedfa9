#include <doctest/doctest.h>


#include "tests/e2e/bench_runs.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;

namespace {

struct Refused {
  Arguments words;
  std::string names;  ///< What the one line of complaint has to name.
};

/// Everything a command line can have wrong by itself.
const std::vector<Refused> kRefused{
    {{}, "no subcommand"},
    {{"frob"}, "'frob' is not a subcommand"},
    {{"pair", "pub"}, "unexpected word 'pub'"},
    {{"pair", "--frob"}, "--frob"},
    {{"pair", "-c", "0"}, "-c: '0'"},
    {{"pair", "-c", "-1"}, "-c: '-1'"},
    {{"pair", "-c", "1.5"}, "-c: '1.5'"},
    {{"pair", "-c", "0x10"}, "-c: '0x10'"},
    {{"pair", "-c", "99999999999999999999"}, "-c: "},
    {{"pair", "-c"}, "-c"},
    {{"pair", "--rate", "5"}, "--rate: '5'"},
    {{"pair", "--rate", "0/s"}, "--rate: '0/s'"},
    {{"pair", "--rate", "1e9/s"}, "--rate: '1e9/s'"},
    {{"pair", "--rate", "-5/s"}, "--rate: '-5/s'"},
    {{"pair", "--rate", "10/s", "-r", "1/s"}, "--rate and -r"},
    {{"pair", "--duration", "5"}, "--duration: '5'"},
    {{"pair", "--duration", "0s"}, "--duration: '0s'"},
    {{"pair", "--duration", "99999999999h"}, "--duration: '99999999999h'"},
    {{"pair", "--drain", "-1s"}, "--drain: '-1s'"},
    {{"pair", "--warmup", "soon"}, "--warmup: 'soon'"},
    {{"pair", "-q", "3"}, "-q: '3'"},
    {{"pair", "-t", "a/#"}, "-t: 'a/#'"},
    {{"pair", "-c", "2", "-t", "a"}, "-t: "},
    {{"sub"}, "-t"},
    {{"sub", "-t", "a/#/b"}, "-t: 'a/#/b'"},
    {{"pair", "--inflight", "0"}, "--inflight: '0'"},
    {{"pair", "--inflight", "65536"}, "--inflight: '65536'"},
    {{"pair", "--max-backlog", "0"}, "--max-backlog: '0'"},
    {{"pair", "-V", "6"}, "-V: '6'"},
    {{"pair", "--url", "http://x"}, "--url: "},
    {{"pair", "--url", "mqtt://"}, "--url: "},
    {{"conn", "-q", "1"}, "-q: has no meaning for conn"},
    {{"conn", "-s", "16"}, "-s: has no meaning for conn"},
    {{"sub", "-t", "a", "--rate", "1/s"}, "--rate: has no meaning for sub"},
    {{"pub", "--hold", "1s"}, "--hold: has no meaning for pub"},
    {{"pair", "--json", "-", "--markdown", "-"}, "--markdown: stdout is taken"},
    {{"pair", "--hdr", "/"}, "--hdr: "},
    {{"pair", "--junit", "/no/such/place/x"}, "--junit: "},
    {{"pair", "--json", "/no/such/place/x"}, "--json: "},
    {{"pair", "--cafile", "/no/such/file"}, "--cafile: /no/such/file"},
    {{"pair", "--cert", "/no/such/file"}, "--cert"},
    {{"pair", "--password-file", "/no/such/file"}, "--password-file: '/no/such/file'"},
    {{"run"}, "run: "},
    {{"run", "no-such-preset", "-c", "1"}, "'no-such-preset'"},
    {{"list", "no-such-preset"}, "'no-such-preset'"},
};

/// A load of 50 messages.
const Arguments kBrief{"--rate", "500/s", "--warmup", "0s", "--duration", "100ms"};

}  // namespace

TEST_CASE("a command line with a mistake ends with 2 and one line that names it, unconnected") {
  // Whoever tried to connect here would end with 3.
  const std::string port = std::to_string(support::free_port());
  for (const Refused& refused : kRefused) {
    Command command{.argv = {support::tool("mq-bench")}};
    command.argv.insert(command.argv.end(), refused.words.begin(), refused.words.end());
    // Not behind an option that lacks its value, nor where a port has no meaning.
    if (refused.words.size() > 2) command.argv.insert(command.argv.end(), {"-p", port});
    const Exit end = support::run(command);
    CAPTURE(refused.names);
    CAPTURE(end.err);
    CHECK(end.code == 2);
    CHECK(end.out.empty());
    CHECK(end.err.find(refused.names) != std::string::npos);
    CHECK(end.err.starts_with("mq-bench: "));
    CHECK(lines_of(end.err).size() == 1);
  }
}

TEST_CASE("the result goes to stdout as text, or as JSON with the text on stderr") {
  BrokerProcess broker(kLite);
  auto command = bench(broker.port(), "pair", kBrief);
  const Exit json = support::run(command);
  CHECK(json.code == 0);
  CHECK(json.out.starts_with("{"));
  CHECK(json.err.starts_with("RESULT  VALID"));
  std::erase(command.argv, "--json");
  std::erase(command.argv, "-");
  const Exit text = support::run(command);
  CHECK(text.code == 0);
  CHECK(text.out.starts_with("RESULT  VALID"));
  CHECK(text.out.ends_with("exit 0\n"));
}

TEST_CASE("all files of a result tell the same") {
  BrokerProcess broker(kLite);
  const support::TempDir directory;
  const auto file = [&](const char* name) { return (directory.path() / name).string(); };
  directory.write("summary.md", "# Before\n");
  auto command = bench(broker.port(), "pair", kBrief);
  for (const char* word : {"-q", "1", "--assert", "loss==0", "--assert", "e2e.max<1ns"})
    command.argv.emplace_back(word);
  command.argv.insert(command.argv.end(),
                      {"--junit", file("r.xml"), "--markdown", file("summary.md"), "--hdr",
                       file("r.hlog"), "--run-id", "a.b_c-9"});
  const BenchRun run(support::run(command));
  CAPTURE(run.end().err);
  CHECK(run.code() == 99);
  CHECK(run.text("/run_id") == "a.b_c-9");
  CHECK(run.number("/exit_code") == 99);
  const std::string junit = content_of(file("r.xml"));
  // A parser that is not ours: it counts test cases and failures.
  const Exit parsed = support::run(
      {.argv = {"python3", "-c",
                "import sys, xml.etree.ElementTree as t; r = t.parse(sys.stdin).getroot();"
                "print(len(list(r.iter('testcase'))), len(list(r.iter('failure'))))"},
       .input = junit});
  CAPTURE(junit);
  CHECK(parsed.out == "3 1\n");  // one for the run itself
  const std::string summary = content_of(file("summary.md"));
  CHECK(summary.starts_with("# Before\n"));
  CHECK(summary.find("e2e.max") != std::string::npos);
  const std::string hdr = content_of(file("r.hlog"));
  CHECK(hdr.find("HISTFAAA") != std::string::npos);
  CHECK(hdr.find("Tag=e2e") != std::string::npos);
}

TEST_CASE("a result that cannot be written is said, and ends with 2") {
  BrokerProcess broker(kLite);
  auto command = bench(broker.port(), "pair", kBrief);
  command.output_file = "/dev/full";
  const Exit end = support::run(command);
  CHECK(end.code == 2);
  CHECK(end.err.find("--json: stdout could not be written") != std::string::npos);
}

TEST_CASE("too few open files are found before the first connection, with the way to more") {
  const Exit end = support::run({.argv = {"sh", "-c", "ulimit -n 40; exec \"$0\" conn -c 100 -p 1",
                                          support::tool("mq-bench")}});
  CHECK(end.code == 2);
  CHECK(end.err.find("open files") != std::string::npos);
  CHECK(end.err.find("ulimit") != std::string::npos);
}

TEST_CASE("pub and sub under one name on one machine measure from end to end") {
  BrokerProcess broker(kLite);
  const Arguments common{"-t", "load/%i", "--run-id", "both", "-c", "2", "-q", "1"};
  support::FaultProxy proxy(broker.port());
  Process subscriber(
      bench(proxy.port(), "sub", common + Arguments{"--duration", "3s", "--drain", "0s"}));
  CHECK(proxy.faults().wait_for(support::Way::down, mqtt::PacketType::suback, 2));
  const auto sent =
      run_bench(broker.port(), "pub",
                common + Arguments{"--rate", "200/s", "--warmup", "0s", "--duration", "1s"});
  CHECK(sent.code() == 0);
  CHECK(sent.counter("acked") == 200);
  const BenchRun received(subscriber.wait());
  CAPTURE(received.end().err);
  CHECK(received.counter("unique") == 200);
  CHECK(received.counter("lost") == 0);
  CHECK(received.number("/metrics/e2e/n") == received.counter("unique"));
}
