#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/e2e/bench_runs.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;
using nlohmann::json;

namespace {

json content(const std::string& path) {
  std::ifstream file(path);
  return json::parse(file, nullptr, false);
}

/// Both halves of a run of five pairs whose ends are in different shards, put together; the
/// network loses seven messages of the load. `under_test` and `control` are brokers' ports.
struct Halves {
  Halves(std::uint16_t under_test, std::uint16_t control, const Arguments& more) {
    const auto half = [&](const std::string& which, const std::string& output) {
      return bench(under_test, "pair",
                   Arguments{"-c",
                             "5",
                             "-q",
                             "1",
                             "--rate",
                             "500/s",
                             "--warmup",
                             "200ms",
                             "--duration",
                             "1s",
                             "--drain",
                             "2s",
                             "--run-id",
                             "halves",
                             "--affinity",
                             "split",
                             "--shard",
                             which,
                             "--barrier",
                             "mqtt://127.0.0.1:" + std::to_string(control),
                             "--no-default-asserts",
                             "--json",
                             output} +
                       more);
    };
    Process one(half("0/2", file("0.json")));
    Process other(half("1/2", file("1.json")));
    ends = {one.wait(), other.wait()};
    merged =
        support::run({.argv = {support::tool("mq-bench"), "merge", file("1.json"), file("0.json"),
                               "-o", file("all.json"), "--assert", "loss==0"}});
    all = content(file("all.json"));
  }
  std::string file(const std::string& name) const { return (folder.path() / name).string(); }

  support::TempDir folder;
  std::vector<Exit> ends;
  Exit merged;
  json all;
};

bool is_in_measurement(const mqtt::Publish& publish) {
  return is_load(publish) && stamp_of(publish.payload.view()).sequence >= 30;
}

}  // namespace

TEST_CASE("--affinity split: what one shard sends and the other does not get is lost, exactly") {
  BrokerProcess broker(kLite);
  BrokerProcess control(kLite);
  FaultProxy proxy(broker.port(),
                   {.faults = {{.kind = Kind::drop, .first = 10, .count = 7, .every = 30},
                               {.kind = Kind::duplicate, .first = 301, .count = 4, .every = 5}},
                    .counts = is_in_measurement});
  const Halves halves(proxy.port(), control.port(), {});
  for (const Exit& end : halves.ends) {
    CAPTURE(end.err);
    CHECK(end.code == 0);
  }
  CAPTURE(halves.merged.out);
  CHECK(halves.merged.code == 99);
  const json& counters = halves.all["counters"];
  CHECK(counters["sent"] == 500);
  CHECK(counters["expected"] == 500);
  CHECK(counters["lost"] == 7);
  CHECK(counters["unique"] == 493);
  CHECK(counters["dup"] == 4);
  CHECK(counters["warmup"]["sent"] == 100);
  CHECK(counters["warmup"]["unique"] == 100);
  CHECK(counters["connected"] == 10);
  CHECK(halves.all["valid"] == true);
  CHECK(halves.all["config"]["affinity"] == "split");
  // Both have the same boot: so they have a common clock.
  CHECK(halves.all["metrics"]["e2e"]["negative"] == 0);
  CHECK(halves.all["metrics"]["e2e"]["n"] > 400);
}

TEST_CASE("--affinity split --mode echo: the sender keeps the books, whoever sends back") {
  BrokerProcess broker(kLite);
  BrokerProcess control(kLite);
  FaultProxy proxy(broker.port(), {.faults = {{.kind = Kind::drop, .first = 10, .count = 7}},
                                   .counts = is_in_measurement});
  const Halves halves(proxy.port(), control.port(), {"--mode", "echo"});
  CAPTURE(halves.ends[0].err);
  CAPTURE(halves.merged.out);
  CHECK(halves.merged.code == 99);
  const json& counters = halves.all["counters"];
  CHECK(counters["sent"] == 500);
  CHECK(counters["lost"] == 7);
  CHECK(counters["unique"] == 493);
  CHECK(counters["connected"] == 15);
  CHECK(halves.all["metrics"]["rtt"]["n"] == 493);
  CHECK_FALSE(halves.all["metrics"].contains("e2e"));
}
