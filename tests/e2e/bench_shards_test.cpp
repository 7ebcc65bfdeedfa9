#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/e2e/clients.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;
using nlohmann::json;

namespace {

Command bench(const Arguments& arguments) {
  Command command{.argv = {support::tool("mq-bench")}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return command;
}

/// One shard of a small run against `port`.
Command shard(std::uint16_t port, const std::string& which, const Arguments& more) {
  Command command = bench({"pair",
                           "-h",
                           "127.0.0.1",
                           "-p",
                           std::to_string(port),
                           "-c",
                           "5",
                           "--rate",
                           "500/s",
                           "-q",
                           "1",
                           "--warmup",
                           "0s",
                           "--duration",
                           "600ms",
                           "--run-id",
                           "together",
                           "--allow-limited",
                           "--shard",
                           which});
  command.argv.insert(command.argv.end(), more.begin(), more.end());
  return command;
}

std::string url(std::uint16_t port) { return "mqtt://127.0.0.1:" + std::to_string(port); }

json content(const std::string& path) {
  std::ifstream file(path);
  return json::parse(file, nullptr, false);
}

}  // namespace

TEST_CASE("shards that meet at a barrier make one run, which merge puts together") {
  const support::TempDir folder;
  const auto file = [&folder](const std::string& name) { return (folder.path() / name).string(); };
  BrokerProcess broker(kLite);
  for (const auto kind : {kLite, BrokerProcess::Kind::mosquitto}) {
    CAPTURE(support::name(kind));
    BrokerProcess control(kind);
    const Arguments meet{"--barrier", url(control.port())};
    Process first(shard(broker.port(), "0/2", {meet[0], meet[1], "--json", file("0.json")}));
    Process second(shard(broker.port(), "1/2", {meet[0], meet[1], "--json", file("1.json")}));
    const auto first_end = first.wait();
    CAPTURE(first_end.err);
    CAPTURE(first_end.out);
    CHECK(first_end.code == 0);
    CHECK(second.wait().code == 0);
    CHECK(content(file("0.json"))["counters"]["publishers"] == 3);
    CHECK(content(file("1.json"))["counters"]["publishers"] == 2);

    const auto all = support::run(
        bench({"merge", file("1.json"), file("0.json"), "-o", file("all.json"), "--assert",
               "loss==0", "--assert", "connected==10", "--assert", "sent==300"}));
    CAPTURE(all.out);
    CHECK(all.code == 0);
    CHECK(all.out.contains("\nshards  2 of 2  machines 1  start skew "));
    const json merged = content(file("all.json"));
    CHECK(merged["shards"] == json({0, 1}));
    CHECK(merged["counters"]["sent"] == 300);
    CHECK(merged["counters"]["unique"] == 300);
    CHECK(merged["rates"]["target"] == 500);
    CHECK(merged["merged"]["skew_ns"] < 400'000'000);

    const auto again = support::run(
        bench({"merge", file("0.json"), file("1.json"), "-o", file("again.json"), "--assert",
               "sent==300", "--assert", "loss==0", "--assert", "connected==10"}));
    CHECK(content(file("again.json")) == merged);
    const auto part = support::run(bench({"merge", file("1.json"), "-o", file("part.json")}));
    CHECK(part.code == 4);
    CHECK(content(file("part.json"))["partial"] == true);
    const auto twice =
        support::run(bench({"merge", file("1.json"), file("1.json"), "-o", file("no.json")}));
    CHECK(twice.code == 2);
    CHECK(twice.err.ends_with("1.json: shard 1 is in " + file("1.json") + " already\n"));
  }
}

TEST_CASE("a shard that dies before the start ends the waiting of the others: exit 4") {
  const support::TempDir folder;
  BrokerProcess broker(kLite);
  BrokerProcess control(kLite);
  auto witness = subscribed(control.port(), {"-t", "ctl/together/ready/#", "-F", "%t %p"});
  Process first(shard(broker.port(), "0/3", {"--barrier", url(control.port())}));
  Process second(shard(broker.port(), "1/3", {"--barrier", url(control.port())}));
  CHECK(witness->wait_for_line("ctl/together/ready/1 ready").has_value());
  second.signal(SIGKILL);
  const auto end = first.wait();
  CHECK(end.code == 4);
  CHECK(end.out.contains("        not started: shard 1 died before the start\n"));
}

TEST_CASE("a shard that cannot connect tells those who wait, and those who come later: exit 4") {
  BrokerProcess broker(kLite);
  for (const auto kind : {kLite, BrokerProcess::Kind::mosquitto}) {
    CAPTURE(support::name(kind));
    BrokerProcess control(kind);
    const Arguments meet{"--barrier", url(control.port())};
    auto witness = subscribed(control.port(), {"-t", "ctl/together/ready/#", "-F", "%t %p"});
    Process waiting(shard(broker.port(), "0/3", meet));
    CHECK(witness->wait_for_line("ctl/together/ready/0 ready").has_value());
    const auto refused =
        support::run(shard(support::free_port(), "1/3", meet + Arguments{"--reconnect", "off"}));
    CHECK(refused.code == 3);
    const auto end = waiting.wait();
    CHECK(end.code == 4);
    CHECK(end.out.contains("        not started: shard 1 died before the start\n"));
    const auto late = support::run(shard(broker.port(), "2/3", meet));
    CHECK(late.code == 4);
    CHECK(late.out.contains("        not started: shard 1 died before the start\n"));
  }
}

TEST_CASE("what a dead shard left does not stop a run that it is part of again") {
  BrokerProcess broker(kLite);
  BrokerProcess control(kLite);
  const Arguments meet{"--barrier", url(control.port())};
  CHECK(support::run(shard(support::free_port(), "1/2", meet + Arguments{"--reconnect", "off"}))
            .code == 3);
  Process first(shard(broker.port(), "0/2", meet));
  Process second(shard(broker.port(), "1/2", meet));
  CHECK(first.wait().code == 0);
  CHECK(second.wait().code == 0);
}

TEST_CASE("a control broker that is not there ends the run: exit 4") {
  BrokerProcess broker(kLite);
  const auto end =
      support::run(shard(broker.port(), "0/2", {"--barrier", url(support::free_port())}));
  CHECK(end.code == 4);
  CHECK(end.out.contains("not started: the control broker: "));
}

TEST_CASE("a signal ends the waiting at the barrier: 130, and 4 for the others") {
  BrokerProcess broker(kLite);
  BrokerProcess control(kLite);
  auto witness = subscribed(control.port(), {"-t", "ctl/together/ready/#", "-F", "%t %p"});
  Process stopped(shard(broker.port(), "0/3", {"--barrier", url(control.port())}));
  CHECK(witness->wait_for_line("ctl/together/ready/0 ready").has_value());
  Process other(shard(broker.port(), "1/3", {"--barrier", url(control.port())}));
  CHECK(witness->wait_for_line("ctl/together/ready/1 ready").has_value());
  stopped.signal(SIGINT);
  CHECK(stopped.wait().code == 130);
  const auto end = other.wait();
  CHECK(end.code == 4);
  CHECK(end.out.contains("        not started: shard 0 died before the start\n"));
}

TEST_CASE("connections of several shards begin together as well") {
  const support::TempDir folder;
  const auto file = [&folder](const std::string& name) { return (folder.path() / name).string(); };
  BrokerProcess broker(kLite);
  const auto conn = [&](const std::string& which, const std::string& output) {
    return bench({"conn",
                  "-h",
                  "127.0.0.1",
                  "-p",
                  std::to_string(broker.port()),
                  "-c",
                  "30",
                  "--rate",
                  "1000/s",
                  "--hold",
                  "300ms",
                  "--allow-limited",
                  "--run-id",
                  "c",
                  "--shard",
                  which,
                  "--barrier",
                  url(broker.port()),
                  "--json",
                  output});
  };
  Process first(conn("0/2", file("0.json")));
  Process second(conn("1/2", file("1.json")));
  CHECK(first.wait().code == 0);
  CHECK(second.wait().code == 0);
  const auto all = support::run(bench({"merge", file("0.json"), file("1.json"), "-o",
                                       file("all.json"), "--assert", "connected==30"}));
  CAPTURE(all.out);
  CHECK(all.code == 0);
}

TEST_CASE(
    "a shared subscription with members in two shards: only together they tell what is lost") {
  const support::TempDir folder;
  const auto file = [&folder](const std::string& name) { return (folder.path() / name).string(); };
  BrokerProcess broker(kLite);
  const std::string port = std::to_string(broker.port());
  const auto member = [&](const std::string& which, const std::string& output) {
    return bench({"sub",
                  "-h",
                  "127.0.0.1",
                  "-p",
                  port,
                  "-c",
                  "4",
                  "-t",
                  "$share/g/load/#",
                  "-q",
                  "1",
                  "--run-id",
                  "group",
                  "--shard",
                  which,
                  "--barrier",
                  url(broker.port()),
                  "--allow-limited",
                  "--json",
                  output});
  };
  auto witness = subscribed(broker.port(), {"-t", "ctl/group/go"});
  Process first(member("0/2", file("0.json")));
  Process second(member("1/2", file("1.json")));
  CHECK(witness->wait_for_line("500").has_value());
  const auto sent =
      support::run(bench({"pub",      "-h",      "127.0.0.1",  "-p",       port,
                          "-t",       "load/%i", "-c",         "2",        "-q",
                          "1",        "--rate",  "500/s",      "--run-id", "group",
                          "--warmup", "0s",      "--duration", "2s",       "--allow-limited"}));
  CHECK(sent.code == 0);
  for (Process* const process : {&first, &second}) process->signal(SIGINT);
  CHECK(first.wait().code == 130);
  CHECK(second.wait().code == 130);
  const auto all =
      support::run(bench({"merge", file("0.json"), file("1.json"), "-o", file("all.json")}));
  CAPTURE(all.out);
  CHECK(all.code == 4);  // They were interrupted.
  const json counters = content(file("all.json"))["counters"];
  const json here = content(file("0.json"))["counters"]["unique"];
  CHECK(here > 0);
  CHECK(here < counters["unique"]);
  CHECK(counters["expected"] == counters["unique"]);
  CHECK(counters["lost"] == 0);
  CHECK(counters["dup"] == 0);
}

TEST_CASE("wrong words about shards are told before anything is connected") {
  const auto complaint = [](const Arguments& more) {
    Command command = bench({"pair", "-h", "127.0.0.1", "-p", "1"});
    command.argv.insert(command.argv.end(), more.begin(), more.end());
    const auto end = support::run(command);
    CHECK(end.code == 2);
    return end.err;
  };
  CHECK(complaint({"--shard", "0/2", "-c", "2"}) ==
        "mq-bench: --shard: needs a --run-id, the same for all shards\n");
  CHECK(complaint({"--shard", "2/2"}) ==
        "mq-bench: --shard: '2/2' is not a shard like 0/4: its number, from 0, and how many\n");
  CHECK(complaint({"--shard", "0/2", "--run-id", "r"}) ==
        "mq-bench: --shard: 1 clients are not enough for 2 shards\n");
  CHECK(complaint({"--barrier", "http://x"}).starts_with("mq-bench: --barrier: "));
  CHECK(complaint({"--barrier", "mqtt://x"}) ==
        "mq-bench: --barrier: needs a --run-id, the same for all shards\n");
  CHECK(complaint({"--start-at", "2001-01-01T00:00:00Z"}) ==
        "mq-bench: --start-at: '2001-01-01T00:00:00Z' is not a time that is still to come\n");
  CHECK(complaint({"--start-at", "tomorrow"}) ==
        "mq-bench: --start-at: 'tomorrow' is not a time in UTC like 2026-01-31T12:00:00Z\n");
}
