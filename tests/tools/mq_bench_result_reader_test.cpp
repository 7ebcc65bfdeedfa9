#include "tools/mq-bench/result_reader.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <limits>
#include <string>

#include "tests/support/temp_dir.hpp"
#include "tests/tools/bench_results.hpp"
#include "tools/mq-bench/report.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

std::string json_of(const Result& result, const JudgeOptions& options = {}) {
  return render_json(result, judge(result, options));
}

/// Everything that a result can hold, much of it unusual.
Result rich_result() {
  Result result = support::with_losses(20);
  result.run_id = "run \"7\" \xFF";
  result.environment = {"a cpu", 8, "Linux 6", "boot", "time:[1]", 1024};
  result.phases = {{"connect", TimePoint(1s), TimePoint(2s)},
                   {"measure", TimePoint(2s), TimePoint(12s)}};
  result.errors["connection refused"] = 3;
  result.late = 5;
  result.displacement_max = std::uint64_t{1} << 60;
  result.target_rate = 1000.0 / 3;
  result.sequences_exact = false;
  result.signal = 15;
  result.self = {3ms, 0.123456789, 7, 1 << 20};
  result.clock_bound = 100us;
  result.connack_properties = {{"receive-maximum", "10"}};
  result.exchange.sent[3] = {2, 12, {}};
  result.exchange.sent[3].refused.insert(7, 8);
  for (std::uint32_t receiver : {0U, 2U}) {
    result.exchange.received[{3, receiver}].came.insert(5, 9);
    result.exchange.received[{3, receiver}].excused.insert(10, 11);
  }
  result.exchange.received[{3, 4}] = {};
  result.repeats = {{"7f3a-1", {{"e2e.p99", 2e6}, {"loss", 20}}},
                    {"7f3a-2", {{"e2e.p99", std::numeric_limits<double>::infinity()}}}};
  result.series.first = -1;
  result.series.seconds_per_row = 2;
  result.series.rows = {
      {},
      {.offered = 10, .sent = 9, .received = 8, .missing = -1, .connections = 20, .memory = 4096}};
  result.series.rows[1].latencies = {{3, 7}, {400, 1}};
  result.series.rows[1].max = 2s;
  result.metrics.e2e.histogram.record(2h);
  result.metrics.e2e.histogram.record(-5us);
  result.warm = {.expected = 5, .unique = 2, .lost = 3};
  result.warm_metrics.e2e.histogram.record(7ms);
  result.warm_metrics.ack.histogram.record(8ms);
  return result;
}

/// The complaint about a good result in which one text was replaced.
std::string complaint(const std::string& from, const std::string& to) {
  std::string json = json_of(support::with_losses(20));
  const auto at = json.find(from);
  REQUIRE(at != std::string::npos);
  json.replace(at, from.size(), to);
  const auto run = parse_run(json);
  return run ? "none" : run.error();
}

}  // namespace

TEST_CASE("a result that is written, read and written again has the same bytes") {
  const auto condition = Condition::parse("e2e.p99 < 5ms");
  REQUIRE(condition.has_value());
  for (const Result& result : {support::good_result(), rich_result(), Result()}) {
    const std::string json = json_of(
        result, {.allow_limited = true, .default_asserts = false, .conditions = {*condition}});
    const auto run = parse_run(json);
    REQUIRE_MESSAGE(run.has_value(), (run ? "" : run.error()));
    CHECK(render_json(run->result, run->verdict) == json);
  }
}

TEST_CASE("a comparison with a baseline is part of the result") {
  const Result now = support::good_result();
  Result base = now;
  base.environment.cores = 99;
  for (const bool is_forced : {false, true}) {
    Verdict verdict = judge(now, {});
    add_baseline(verdict, now, compare(base, now, {default_tolerances(), is_forced}));
    const std::string json = render_json(now, verdict);
    const auto run = parse_run(json);
    REQUIRE_MESSAGE(run.has_value(), (run ? "" : run.error()));
    CHECK(render_json(run->result, run->verdict) == json);
    CHECK(render_text(run->result, run->verdict) == render_text(now, verdict));
    CHECK(run->verdict.exit_code == (is_forced ? 0 : 5));
  }
}

TEST_CASE("every renderer works from a result that was read, and it can be judged again") {
  const Result result = rich_result();
  const Verdict verdict = judge(result, {});
  const auto run = parse_run(json_of(result));
  REQUIRE(run.has_value());
  Result escaped = result;
  escaped.run_id = run->result.run_id;  // What is no UTF-8 is escaped once and for all.
  CHECK(render_text(run->result, run->verdict) == render_text(escaped, verdict));
  CHECK(render_junit(run->result, run->verdict) == render_junit(escaped, verdict));
  CHECK(render_markdown(run->result, run->verdict) == render_markdown(escaped, verdict));
  const Verdict again = judge(run->result, run->verdict.judged_by);
  CHECK(again.exit_code == verdict.exit_code);
  CHECK(again.invalid_reasons == verdict.invalid_reasons);
}

TEST_CASE("a result from before phases were told apart is read as well") {
  const Result result = rich_result();
  std::string json = json_of(result);
  const auto at = json.find(R"("phase_metrics":)");
  REQUIRE(at != std::string::npos);
  json.erase(at, json.find(R"("series_metric":)") - at);
  for (const std::string part :
       {R"("offered":10,)", R"("offered":0,)", R"(,"rss":4096)", R"("return_retries":0,)"}) {
    CAPTURE(part);
    REQUIRE(json.contains(part));
    json.erase(json.find(part), part.size());
  }
  const auto run = parse_run(json);
  REQUIRE_MESSAGE(run.has_value(), (run ? "" : run.error()));
  CHECK(run->result.metrics.e2e.histogram.count() == result.metrics.e2e.histogram.count());
  CHECK(run->result.warm_metrics.e2e.histogram.count() == 0);
  CHECK(run->result.series.rows.back().offered == 9);
}

TEST_CASE("a result cut off anywhere is refused") {
  const std::string json = json_of(support::good_result());
  for (std::size_t size = 0; size + 1 < json.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(parse_run(json.substr(0, size)).has_value());
  }
}

TEST_CASE("whatever byte of a result is broken, it is refused or can be written again") {
  const std::string json = json_of(rich_result());
  for (std::size_t at = 0; at < json.size(); ++at) {
    for (const char broken : {'\0', '-', '9', '"', '}', '\xFF'}) {
      std::string text = json;
      text[at] = broken;
      const auto run = parse_run(text);
      if (run) {
        CHECK(render_json(run->result, run->verdict).size() > 100);
        CHECK(render_text(run->result, run->verdict).size() > 100);
      } else {
        CHECK_FALSE(run.error().empty());
      }
    }
  }
}

TEST_CASE("the complaint names the member that is at fault") {
  CHECK(complaint("\"schema\":\"mq-bench/1\"", "\"schema\":\"mq-bench/2\"") ==
        "schema: 'mq-bench/2' is not a schema that this version reads (mq-bench/1)");
  CHECK(complaint("\"schema\"", "\"scheme\"") == "it is no result of mq-bench: schema is missing");
  CHECK(complaint("\"mode\":\"pair\"", "\"mode\":\"pear\"") ==
        "mode is none that this version knows");
  CHECK(complaint("\"scheduled\":10000", "\"scheduled\":-1") ==
        "counters.scheduled is not a whole number from 0");
  CHECK(complaint("\"sent\":10000", "\"sent\":1.5") ==
        "counters.sent is not a whole number from 0");
  CHECK(complaint("\"late\":0,", "") == "counters.late is missing");
  CHECK(complaint("\"env\":{", "\"env\":7,\"x\":{") == "env is not an object");
  CHECK(complaint("\"cores\":0", "\"cores\":\"x\"") ==
        "env.cores is not a whole number from 0 to 4294967295");
  CHECK(complaint("\"config\":{\"mode\":\"pair\"", "\"config\":{\"mode\":\"pub\"") ==
        "config_hash does not belong to the config beside it");
  CHECK(complaint("\"hdr\":\"HIST", "\"hdr\":\"HAST") ==
        "metrics.e2e.hdr is not a histogram: its cookie is not that of a compressed V2 histogram");
  CHECK(complaint("\"hdr\":\"H", "\"hdr\":\"!") == "metrics.e2e.hdr is not base64");
  CHECK(complaint("\"n\":9980", "\"n\":9981") ==
        "metrics.e2e.hdr does not agree with n, min, max, sum, overflow and negative");
  CHECK(complaint("\"verdict\":\"pass\"", "\"verdict\":\"maybe\"") ==
        "asserts[0].verdict is not pass, fail, no_data or insufficient");
  CHECK(complaint("\"valid\":true", "\"valid\":false") ==
        "valid does not agree with invalid_reasons");
  CHECK(complaint("\"asserts\":[]", "\"asserts\":[\"e3e.p99<5ms\"]")
            .starts_with("judged_by.asserts holds a condition that is none: "));
  CHECK(complaint("\"target\":1000", "\"target\":1e999") == "it holds a number that is too large");
}

TEST_CASE("a text that only looks like JSON at the beginning takes neither stack nor memory") {
  CHECK(parse_run(std::string(10'000'000, '[')).error() == "it is nested deeper than a result");
  CHECK(parse_run("[1]").error() == "it is no result of mq-bench: it is not an object");
  CHECK(parse_run("").error() == "it is not JSON, or cut off");
  CHECK(parse_run("{}").error() == "it is no result of mq-bench: schema is missing");
  std::string json = json_of(support::good_result());
  json.replace(json.find("\"errors\":{"), 10,
               "\"errors\":{\"" + std::string(100'000, 'n') + "\":-1,");
  CHECK(parse_run(json).error().size() < 200);
}

TEST_CASE("a result is read from a file, and what is wrong begins with the file's name") {
  const support::TempDir folder;
  const std::string path = (folder.path() / "r.json").string();
  CHECK(read_run(path).error() == path + ": cannot be read");
  CHECK(read_run(folder.path().string()).error() == folder.path().string() + ": cannot be read");
  std::ofstream(path) << json_of(support::good_result());
  REQUIRE(read_run(path).has_value());
  CHECK(read_run(path)->result.run_id == "7f3a");
  std::ofstream(path) << "{";
  CHECK(read_run(path).error() == path + ": it is not JSON, or cut off");
}
