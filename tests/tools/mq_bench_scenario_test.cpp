#include "tools/mq-bench/scenario.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"
#include "tools/common/parse.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

struct Line {
  Options options;
  std::string error;
};

/// A command line over a scenario file called s.toml in the directory that errors do not show.
std::unique_ptr<Line> run_with(const std::string& toml, std::vector<std::string> words = {}) {
  const support::TempDir directory;
  const std::string path = directory.path() / "s.toml";
  std::ofstream(path) << toml;
  words.insert(words.begin(), {"run", path});
  auto line = std::make_unique<Line>();
  const auto parsed = cli::parse(describe(line->options), words);
  if (!parsed) line->error = parsed.error();
  if (const auto at = line->error.find(path); at != std::string::npos)
    line->error.replace(at, path.size(), "s.toml");
  return line;
}

std::string error_of(const std::string& toml, std::vector<std::string> words = {}) {
  return run_with(toml, std::move(words))->error;
}

}  // namespace

TEST_CASE("a scenario's keys are the options, with their own values and checks") {
  const auto line = run_with(
      "title = \"ours\"\n"
      "description = \"what it is for\"\n"
      "scenario = \"pair\"  # the subcommand\n"
      "clients = 50\n"
      "rate = \"1000/s\"\n"
      "max_backlog = 77\n"
      "allow-limited = true\n"
      "no-default-asserts = false\n"
      "assert = [\"loss==0\",\n  \"dup==0\"]\n"
      "host = \"::1\"\n");
  CHECK(line->error == "");
  const Options& options = line->options;
  CHECK(options.command == Command::run);
  CHECK(options.mode() == Mode::pair);
  CHECK(options.clients == 50);
  CHECK(options.total_rate() == Rate{1'000, 1s});
  CHECK(options.maximum_backlog == 77);
  CHECK(options.allow_limited);
  CHECK(options.default_asserts);
  CHECK(options.conditions.size() == 2);
  CHECK(options.connection.address.host == "::1");
}

TEST_CASE("the command line wins over a scenario, wherever it stands") {
  const std::string toml =
      "scenario = \"pair\"\nclients = 5\nrate = \"100/s\"\nqos = 1\n"
      "assert = [\"loss==0\", \"dup==0\"]\n";
  const auto line = run_with(toml, {"-c", "7"});
  CHECK(line->error == "");
  CHECK(line->options.clients == 7);
  CHECK(line->options.qos == 1);
  CHECK(run_with(toml, {"-r", "2/s"})->options.total_rate() == Rate{10, 1s});
}

TEST_CASE("assertions of the command line replace those of a scenario about the same figure") {
  const std::string toml =
      "scenario = \"pair\"\nassert = [\"loss==0\", \"dup==0\"]\nabort-on = \"loss>5\"\n";
  const auto texts = [](const std::vector<Condition>& conditions) {
    std::string text;
    for (const Condition& condition : conditions) text += condition.text() + ' ';
    return text;
  };
  const auto line = run_with(toml, {"--assert", "loss<=1%", "--assert", "ooo==0"});
  CHECK(texts(line->options.conditions) == "dup==0 loss<=1% ooo==0 ");
  CHECK(texts(line->options.abort_conditions) == "loss>5 ");
  CHECK(texts(run_with(toml, {"--abort-on", "loss>9"})->options.abort_conditions) == "loss>9 ");
}

TEST_CASE("a closed loop on the command line takes back a scenario's rate, and a rate its loop") {
  const std::string open = "scenario = \"pair\"\nrate = \"100/s\"\narrival = \"poisson\"\n";
  const auto closed = run_with(open, {"--loop", "closed"});
  CHECK(closed->error == "");
  CHECK(closed->options.is_closed_loop);
  CHECK_FALSE(closed->options.has_rate());
  const auto paced = run_with("scenario = \"pair\"\nloop = \"closed\"\n", {"--rate", "9/s"});
  CHECK(paced->error == "");
  CHECK_FALSE(paced->options.is_closed_loop);
  CHECK(error_of(open + "loop = \"closed\"\n") ==
        "s.toml:4: loop closed: answers set the pace, not rate, rate-per-client, ramp or arrival");
  CHECK(error_of("scenario = \"pair\"\n", {"--loop", "closed", "--rate", "1/s"}) ==
        "--loop closed: answers set the pace, not --rate, -r, --ramp or --arrival");
}

TEST_CASE("a text on the command line takes the place of a scenario's size") {
  CHECK(error_of("scenario = \"pair\"\nsize = 16\n", {"-m", "hello"}) == "");
}

TEST_CASE("mistakes found when options are put together are told with file, line and key") {
  const std::string pair = "scenario = \"pair\"\n";
  CHECK(error_of(pair + "size = 8\n") ==
        "s.toml:2: size: 8 bytes cannot hold the 16 bytes of sequence number and time; with "
        "protocol-version 5 they go into a user property");
  CHECK(error_of(pair + "rate_per_client = \"1/s\"\nrate = \"1/s\"\n") ==
        "s.toml:3: rate and rate_per_client exclude each other");
  CHECK(error_of("# a comment\nscenario = \"sub\"\n") == "s.toml:2: sub: needs a filter (topic)");
  CHECK(error_of(pair + "cafile = \"/nofile.pem\"\n") ==
        "s.toml:2: cafile: /nofile.pem: no such file or directory");
  CHECK(error_of(pair + "\nmessage = \"@nofile\"\n") == "s.toml:3: message: nofile: is not a file");
  CHECK(
      error_of(pair + "clients = 2\ntopic = \"a -t\"\n") ==
      "s.toml:3: topic: with more than one pair the topic needs %i, so that each pair has its own");
}

TEST_CASE("a mistake between a scenario and the command line names both as they are written") {
  const std::string pair = "scenario = \"pair\"\n";
  CHECK(error_of(pair + "size = 8\n", {"-V", "5", "--header", "long"}) ==
        "s.toml:2: size: 8 bytes cannot hold the 32 bytes of sequence number and time");
  CHECK(error_of(pair + "protocol-version = \"3.1.1\"\n", {"-D", "publish", "content-type", "a"}) ==
        "s.toml:2: -D: needs MQTT 5.0, and protocol-version says otherwise");
  CHECK(error_of(pair + "qos = 1\n", {"-s", "8"}).starts_with("-s: 8 bytes cannot hold"));
}

TEST_CASE("what is wrong in a scenario is told with file, line and key") {
  const std::string pair = "scenario = \"pair\"\n";
  CHECK(error_of(pair + "\nrate = 100\n") ==
        "s.toml:3: rate: '100' is not a rate with its unit, like 20000/s or 6/m");
  CHECK(error_of(pair + "cliens = 5\n") ==
        "s.toml:2: cliens: there is no such setting; did you mean clients?");
  CHECK(error_of(pair + "elephants = 5\n") == "s.toml:2: elephants: there is no such setting");
  CHECK(error_of(pair + "hold = \"5s\"\n") == "s.toml:2: hold: has no meaning for pair");
  CHECK(error_of(pair + "allow_limited = 1\n") ==
        "s.toml:2: allow_limited: is true or false, without quotes");
  CHECK(error_of(pair + "clients = true\n") == "s.toml:2: clients: needs a value: COUNT");
  CHECK(error_of(pair + "assert = [\n\"loss==0\",\n\"los==0\"]\n") ==
        "s.toml:4: assert: 'los' is not a figure that a result has");
  CHECK(error_of(pair + "max_backlog = 1\nmax-backlog = 1\n") ==
        "s.toml:3: max-backlog: given twice");
  CHECK(error_of(pair + "[load]\nqos = 1\n").starts_with("s.toml:"));
  CHECK(error_of("scenario = \"list\"\n")
            .starts_with("s.toml:1: scenario: is one of pair, pub, sub, conn"));
  CHECK(error_of("qos = 1\n") == "s.toml: has no scenario, like scenario = \"pair\"");
  CHECK(error_of(pair + "hold = 5s\n").starts_with("s.toml:2: not TOML: "));
  CHECK(error_of("").starts_with("s.toml: has no scenario"));
  CHECK(error_of(std::string(100'000, '[')) == "s.toml: too many brackets");
  CHECK(error_of(pair + "clients = 99999999999999999999\n") ==
        "s.toml:2: clients: is too large for a number without quotes");
  CHECK(error_of(pair + "topic = \"a\\u0000b\"\n") == "s.toml:2: topic: holds a NUL");
}

TEST_CASE("every beginning of a scenario is either read or refused in one line") {
  const std::string toml =
      "scenario = \"pair\"\nrate = \"10/s\"\nassert = [\"loss==0\", 'dup==0']\n"
      "x = { y = 1979-05-27T07:32:00Z }\ntopic = \"\"\"a\\u00e9\"\"\"\n";
  for (std::size_t size = 0; size <= toml.size(); ++size) {
    CAPTURE(size);
    const auto scenario = parse_scenario(std::string_view(toml).substr(0, size), "s");
    if (!scenario) CHECK(scenario.error().find('\n') == std::string::npos);
  }
}

TEST_CASE("run wants exactly one scenario that exists") {
  const auto error = [](const std::vector<std::string>& words) {
    Options options;
    const auto parsed = cli::parse(describe(options), words);
    return parsed ? std::string() : parsed.error();
  };
  CHECK(error({"run"}) ==
        "run: needs a preset (mq-bench list names them) or a scenario's FILE.toml");
  CHECK(error({"run", "ci-smoke", "x"}) == "unexpected word 'x'");
  CHECK(error({"run", "ci-smok"}) ==
        "'ci-smok' is neither a preset nor a file; did you mean ci-smoke?");
  CHECK(error({"run", "flood"}) ==
        "'flood' is neither a preset nor a file; mq-bench list names the presets");
  CHECK(error({"run", "/nowhere/x.toml"}) == "/nowhere/x.toml: cannot be read");
  CHECK(error({"run", "/"}) == "/: is a directory");
  CHECK(error({"run", "ci-smoke", "--hold", "1s"}) == "--hold: has no meaning for pair");
  CHECK(error({"check", "conn", "--hold", "1s"}) == "");
  CHECK(error({"check", "--hold", "1s"}) == "--hold: has no meaning for pair");
  CHECK(error({"list", "-c", "1"}) == "-c: has no meaning for list");
}
