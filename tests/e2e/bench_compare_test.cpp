#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/e2e/bench_runs.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;
using nlohmann::json;
using support::TempDir;

namespace {

const Arguments kLoad{"--rate",  "1000/s", "--warmup", "0s", "--duration", "300ms",
                      "--drain", "500ms",  "-q",       "1",  "--run-id",   "same"};

/// A result, as a later call reads it.
json result_of(std::uint16_t port, const Arguments& more = {}) {
  const BenchRun run = run_bench(port, "pair", kLoad + more);
  return json::parse(run.end().out);
}

Exit mq_bench(const Arguments& arguments) {
  return support::run({.argv = Arguments{support::tool("mq-bench")} + arguments});
}

void check_refused(const Arguments& arguments, std::string_view words) {
  const Exit end = mq_bench(arguments);
  CAPTURE(end.err);
  CHECK(end.code == 2);
  CHECK(end.out.empty());
  CHECK(lines_of(end.err).size() == 1);
  CHECK(contains(end.err, words));
}

/// The same result as one of several shards, which all measured at the same time.
std::string as_shard(const TempDir& directory, json result, int number, int count) {
  result["shard"] = {number, count};
  for (const json& phase : result["phases"]) {
    if (phase["name"] == "measure")
      result["clock_offset_ns"] = -phase["start_ns"].get<std::int64_t>();
  }
  return directory.write("shard" + std::to_string(number), result.dump());
}

}  // namespace

TEST_CASE("merge adds shards up, in any order and grouping to the same bytes") {
  BrokerProcess broker(kLite);
  const TempDir directory;
  Arguments shards;
  for (int i = 0; i < 3; ++i) shards.push_back(as_shard(directory, result_of(broker.port()), i, 3));
  const auto out = [&](const char* name) { return (directory.path() / name).string(); };
  CHECK(mq_bench({"merge", shards[0], shards[1], shards[2], "-o", out("all")}).code == 0);
  CHECK(mq_bench({"merge", shards[2], shards[0], shards[1], "-o", out("turned")}).code == 0);
  CHECK(mq_bench({"merge", shards[1], shards[2], "-o", out("part")}).code == 4);
  CHECK(mq_bench({"merge", out("part"), shards[0], "-o", out("grouped")}).code == 0);
  CHECK(content_of(out("all")) == content_of(out("turned")));
  CHECK(content_of(out("all")) == content_of(out("grouped")));

  const json part = json::parse(content_of(out("part")));
  CHECK(part["partial"] == true);
  CHECK(part["counters"]["sent"] == 600);
  const json all = json::parse(content_of(out("all")));
  CHECK(all["partial"] == false);
  for (const char* name : {"scheduled", "sent", "acked", "expected", "unique"})
    CHECK(all["counters"][name] == 900);
  CHECK(all["metrics"]["e2e"]["n"] == 900);
  CHECK(all["counters"]["clients"] == 6);
}

TEST_CASE("merge refuses what does not belong together") {
  BrokerProcess broker(kLite);
  const TempDir directory;
  const json first = result_of(broker.port());
  const std::string one = as_shard(directory, first, 0, 2);
  check_refused({"merge", one, one, "-o", "-"}, "shard 0");
  json other = first;
  other["run_id"] = "another";
  check_refused({"merge", one, as_shard(directory, other, 1, 2), "-o", "-"}, "run");
  const json larger = result_of(broker.port(), {"-s", "99"});
  check_refused({"merge", one, as_shard(directory, larger, 1, 2), "-o", "-"}, "config");
  check_refused({"merge", one}, "-o");
  check_refused({"merge", "-o", "-"}, "merge: needs");
  check_refused({"merge", one, "/no/such/file", "-o", "-"}, "/no/such/file");
}

TEST_CASE("a result that is broken, foreign or of another version is named and not read") {
  const TempDir directory;
  for (const std::string text :
       {"", "{", "[]", "{}", "null", "\x1b[31m", "{\"schema\":\"mq-bench/2\"}"}) {
    CAPTURE(text);
    const std::string file = directory.write("broken", text);
    check_refused({"report", file}, file);
    check_refused({"compare", file, file}, file);
    check_refused({"pair", "--baseline", file, "-p", "1"}, file);
  }
}

TEST_CASE("compare and --baseline fail what got worse beyond its tolerance, with 99") {
  BrokerProcess broker(kLite);
  FaultProxy slow(broker.port(), {.delay = std::chrono::milliseconds(50)});
  const TempDir directory;
  const std::string base = directory.write("base", result_of(broker.port()).dump());
  const json worse = result_of(slow.port());
  const std::string now = directory.write("now", worse.dump());
  const Arguments tolerance{"--tolerance", "e2e.p90:+100%&+20ms,rate.recv:-90%"};
  const Exit failed = mq_bench(Arguments{"compare", base, now, "--force-compare"} + tolerance);
  CAPTURE(failed.out);
  // Each message took two ways of 50 ms: 100 ms more than the machine makes of it.
  CHECK(failed.code == 99);
  CHECK(contains(failed.out, "regression"));
  CHECK(mq_bench(Arguments{"compare", now, base, "--force-compare"} + tolerance).code == 0);
  CHECK(mq_bench(Arguments{"compare", base, base} + tolerance).code == 0);

  const auto run = run_bench(slow.port(), "pair",
                             kLoad + tolerance + Arguments{"--baseline", base, "--force-compare"});
  CHECK(run.code() == 99);
}

TEST_CASE("what is not comparable is 5, unless that is forced") {
  BrokerProcess broker(kLite);
  const TempDir directory;
  const std::string base = directory.write("base", result_of(broker.port()).dump());
  const Arguments other =
      kLoad + Arguments{"-s", "99", "--baseline", base, "--tolerance", "rate.recv:-90%"};
  const auto refused = run_bench(broker.port(), "pair", other);
  CHECK(refused.code() == 5);
  CHECK(contains(refused.end().err, "payload: '128 B' before, '99 B' now"));
  CHECK(run_bench(broker.port(), "pair", other + Arguments{"--force-compare"}).code() == 0);

  json elsewhere = json::parse(content_of(base));
  elsewhere["env"]["cores"] = 99;
  const std::string file = directory.write("elsewhere", elsewhere.dump());
  CHECK(mq_bench({"compare", file, base}).code == 5);
}

TEST_CASE("--tolerance is read before anything is done") {
  for (const std::string tolerance :
       {"", "nonsense:+1%", "e2e.p99", "e2e.p99:", "e2e.p99:+1", "e2e.p99:-5%", "rate.recv:+5%"}) {
    CAPTURE(tolerance);
    check_refused({"pair", "--baseline", "/no/such", "--tolerance", tolerance}, "--tolerance");
  }
}

TEST_CASE("report makes every other form of a stored result") {
  BrokerProcess broker(kLite);
  const TempDir directory;
  const json result = result_of(broker.port());
  const std::string file = directory.write("result", result.dump());
  const std::string junit = directory.path() / "r.xml";
  const Exit end = mq_bench({"report", file, "--junit", junit, "--markdown", "-"});
  CHECK(end.code == 0);
  CHECK(contains(end.err, "RESULT  VALID"));
  CHECK(contains(end.out, "e2e"));
  CHECK(contains(content_of(junit), "loss==0"));
}
