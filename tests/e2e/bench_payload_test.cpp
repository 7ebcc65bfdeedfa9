#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/e2e/bench_runs.hpp"
#include "tests/e2e/tls_house.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;
using support::TempDir;

namespace {

const Arguments kBrief{"--rate", "500/s", "-q", "1", "--warmup", "0s", "--duration", "100ms"};

/// What another client saw of a load on load/#, a line each, and nothing of the probes.
std::vector<std::string> witnessed(BrokerProcess& broker, const std::string& format,
                                   const Arguments& load) {
  auto witness = subscribed(broker.port(), {"-V", "5", "-t", "load/#", "-q", "1", "-F", format},
                            Family::mosquitto);
  const BenchRun run = run_bench(broker.port(), "pair",
                                 Arguments{"-t", "load/%i", "-V", "5", "-c", "2"} + kBrief + load);
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  CHECK(run.counter("unique") == 50);
  CHECK(run.counter("corrupt") == 0);
  publish(broker.port(), {"-t", "load/end", "-m", "the end", "-q", "1"}, Family::mosquitto);
  CHECK(witness->wait_for_line("the end").has_value());
  witness->signal(SIGTERM);
  return lines_of(without_ready(witness->wait().out));
}

}  // namespace

TEST_CASE("other clients see a template's JSON, with what was asked for in it") {
  BrokerProcess broker(kLite);
  const TempDir directory;
  const std::string file = directory.write(
      "sensor", R"({"id":"s${client}","n":${seq},"ts":${time},"celsius":${random:18.0..25.5}})");
  const auto lines =
      witnessed(broker, "%p", {"-m", "template:" + file, "--header", "property", "--seed", "7"});
  std::set<std::string> ids;
  std::size_t readings = 0;
  for (const std::string& line : lines) {
    if (!line.starts_with('{')) continue;
    const auto json = nlohmann::json::parse(line);
    ids.insert(json["id"]);
    CHECK(json["celsius"] >= 18.0);
    CHECK(json["celsius"] <= 25.5);
    CHECK(json["ts"] > 1'700'000'000'000);
    ++readings;
  }
  CHECK(ids == std::set<std::string>{"s0", "s1"});
  CHECK(readings >= 50);  // Probes look the same.
}

TEST_CASE("where a payload has no room for the header MQTT 3.1.1 is refused") {
  const auto end = support::run({.argv = {support::tool("mq-bench"), "pair", "-s", "8"}});
  CHECK(end.code == 2);
  CHECK(end.err.contains("-s: 8 bytes cannot hold"));
}

TEST_CASE("every client shows its own certificate and logs in by a line of a file") {
  const TempDir directory;
  for (const char* name : {"dev0", "dev1"}) {
    const Credentials own =
        house().authority.issue(name, {.subject = std::string("/CN=") + name, .names = ""});
    std::filesystem::copy_file(own.certfile, directory.path() / (std::string(name) + ".crt"));
    std::filesystem::copy_file(own.keyfile, directory.path() / (std::string(name) + ".key"));
  }
  const std::string users = directory.write("users", "anna\nben\n");
  BrokerProcess broker(tls_listener({"require_certificate true"}));
  const std::string base = directory.path().string() + "/dev%i";
  const Arguments load{"-c",       "2",
                       "--rate",   "100/s",
                       "--hold",   "50ms",
                       "--cert",   base + ".crt",
                       "--key",    base + ".key",
                       "-u",       "@" + users,
                       "--cafile", house().authority.cafile()};
  CHECK(run_bench(broker.port(), "conn", load).counter("connected") == 2);
  const auto more = support::run(bench(broker.port(), "conn", load + Arguments{"-c", "3"}));
  CHECK(more.code == 2);
  CHECK(more.err.contains("has 2 lines for 3 clients"));
}
