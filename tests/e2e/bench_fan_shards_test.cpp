#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/e2e/bench_runs.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;
using nlohmann::json;

namespace {

/// A run in two shards, each against a port of its own, which meet at a broker; and what merge
/// makes of them.
class TwoShards {
 public:
  TwoShards(const Arguments& load, std::uint16_t first_port, std::uint16_t second_port) {
    BrokerProcess control(kLite);
    Process first(shard(load, 0, first_port, control.port()));
    Process second(shard(load, 1, second_port, control.port()));
    first_ = first.wait();
    second_ = second.wait();
    all_ = support::run(
        {.argv = {support::tool("mq-bench"), "merge", file("1"), file("0"), "-o", file("all")}});
  }

  const Exit& first() const { return first_; }
  const Exit& second() const { return second_; }
  const Exit& all() const { return all_; }
  json result(const std::string& name) const {
    std::ifstream stream(file(name));
    return json::parse(stream, nullptr, false);
  }
  json counter(const std::string& name) const { return result("all")["counters"][name]; }
  /// Every one that was expected came, and once.
  void check_clean(std::int64_t expected) const {
    CAPTURE(first_.out);
    CAPTURE(second_.out);
    CAPTURE(all_.out);
    CHECK(first_.code == 0);
    CHECK(second_.code == 0);
    CHECK(all_.code == 0);
    CHECK(counter("expected") == expected);
    CHECK(counter("unique") == expected);
    for (const char* const name : {"lost", "dup", "foreign", "corrupt"}) {
      CAPTURE(name);
      CHECK(counter(name) == 0);
    }
  }

 private:
  std::string file(const std::string& name) const {
    return (folder_.path() / (name + ".json")).string();
  }
  Command shard(const Arguments& load, int number, std::uint16_t port, std::uint16_t control) {
    const std::string which = std::to_string(number);
    Command command{.argv = Arguments{support::tool("mq-bench")} + load};
    for (const std::string& word :
         Arguments{"-h", "127.0.0.1", "-p", std::to_string(port), "--run-id", "fan",
                   "--allow-limited", "--shard", which + "/2", "--barrier",
                   "mqtt://127.0.0.1:" + std::to_string(control), "--json", file(which)})
      command.argv.push_back(word);
    return command;
  }

  support::TempDir folder_;
  Exit first_, second_, all_;
};

const Arguments kBrief{"-q",    "1",          "--rate", "500/s",   "--warmup",
                       "200ms", "--duration", "400ms",  "--drain", "3s"};

}  // namespace

TEST_CASE("a fan divided among two shards is one run: every message reaches all its receivers") {
  BrokerProcess broker(kLite);
  const auto run = [&](const Arguments& load) {
    return TwoShards(load + kBrief, broker.port(), broker.port());
  };
  const TwoShards out = run({"fanout", "--pub", "1", "--sub", "5"});
  out.check_clean(1000);
  CHECK(out.counter("connected") == 6);
  CHECK(out.counter("sent") == 200);
  CHECK(out.result("0")["counters"]["publishers"] == 1);
  CHECK(out.result("1")["counters"]["publishers"] == 0);
  // Each shard times by its own window what is due, and they do not start at the same instant: what
  // is the first message of the measurement for one may belong to the warm-up for the other.
  const json second = out.result("1")["counters"];
  CHECK(second["unique"].get<int>() + second["warmup"]["unique"].get<int>() == 600);
  CHECK(out.result("all")["metrics"]["e2e"]["n"] > 500);
  CHECK(out.result("all")["counters"]["warmup"]["unique"] == 500);
  CHECK(out.second().out.contains("(merge tells what was lost)"));
  run({"fanin", "--pub", "5", "--sub", "3"}).check_clean(200);
  const TwoShards group = run({"fanin", "--pub", "4", "--sub", "6", "--share", "g"});
  group.check_clean(200);
  CHECK(group.result("0")["counters"]["unique"] > 0);
  CHECK(group.result("1")["counters"]["unique"] > 0);
  const TwoShards even =
      run({"fanin", "--pub", "6", "--sub", "4", "--share", "g", "--members", "2"});
  even.check_clean(200);
  CHECK_FALSE(even.result("0").contains("seq_ranges"));
}

TEST_CASE("what is lost or doubled between two shards shows when they are put together") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(),
                   {.faults = {{.kind = Kind::drop, .first = 201, .count = 7, .every = 10},
                               {.kind = Kind::duplicate, .first = 206, .count = 3, .every = 10}},
                    .counts = is_load});
  const TwoShards run(
      Arguments{"fanout", "--pub", "1", "--sub", "2", "--assert", "loss==0"} + kBrief,
      broker.port(), proxy.port());
  CAPTURE(run.second().out);
  CAPTURE(run.all().out);
  CHECK(run.second().code == 0);  // Alone it cannot tell.
  CHECK(run.all().code == 99);
  CHECK(run.all().out.contains("FAIL loss==0 (7 "));
  CHECK(run.counter("sent") == 200);
  CHECK(run.counter("expected") == 400);
  CHECK(run.counter("lost") == 7);
  CHECK(run.counter("unique") == 393);
  CHECK(run.counter("dup") == 3);
  CHECK(run.counter("losses") == json::array({{{"pub", 0}, {"lost", 7}, {"first_seq", 200}}}));
  CHECK(run.result("all")["counters"]["warmup"]["lost"] == 0);
}

TEST_CASE("retained messages, wills and storms are divided") {
  BrokerProcess broker(kLite);
  const auto run = [&](const Arguments& load) {
    return TwoShards(load, broker.port(), broker.port());
  };
  const TwoShards retained =
      run({"retained", "--topics", "50", "--sub", "3", "-q", "1", "--rate", "1000/s", "--warmup",
           "500ms", "--duration", "500ms", "--drain", "2s"});
  retained.check_clean(150);
  CHECK(retained.result("1")["counters"]["unique"] == 50);
  const TwoShards wills = run({"wills", "-c", "6", "--sub", "4", "-q", "1", "--warmup", "500ms",
                               "--duration", "1s", "--drain", "3s"});
  wills.check_clean(12);
  CHECK(wills.counter("departures") == 6);
  const TwoShards storm =
      run(Arguments{"storm", "-c", "6", "--session", "1h", "--back", "200ms", "-q", "1", "--rate",
                    "200/s", "--warmup", "200ms", "--duration", "1s", "--drain", "5s"});
  storm.check_clean(200);
  CHECK(storm.counter("returns") == 6);
}
