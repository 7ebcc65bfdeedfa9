#include "tools/mq-bench/report.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/tools/bench_results.hpp"
#include "tools/mq-bench/json_writer.hpp"
#include "tools/mq-bench/result_reader.hpp"

using namespace mq_bench;
using support::good_result;
using support::with_losses;
using namespace std::chrono_literals;

namespace {

std::string text(const Result& result) { return render_text(result, judge(result, {})); }

bool has_reason(const Verdict& verdict, std::string_view part) {
  for (const std::string& reason : verdict.invalid_reasons) {
    if (reason.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a good run is valid and exits 0") {
  const Verdict verdict = judge(good_result(), {});
  CHECK(verdict.is_valid());
  CHECK_FALSE(verdict.partial);
  CHECK(verdict.exit_code == 0);
}

TEST_CASE("the summary begins with the verdict and shows rates, balance and percentiles") {
  const std::string summary = text(good_result());
  CHECK(summary.starts_with(
      "RESULT  VALID  run 7f3a  pair 10x10  QoS 1  128 B  open loop 1000/s  measured 10.000 s "
      "(warm-up 1 s excluded)\n"));
  CHECK(
      summary.contains("\nrate    offered 1000.0/s (+0.00%)  sent 1000.0/s  received 1000.0/s\n"));
  CHECK(
      summary.contains("\nbalance scheduled 10000 = sent 10000 + offline 0 + backlog 0 | expected "
                       "10000 = unique 10000 + lost 0\n"));
  CHECK(summary.contains("\nacks    sent 10000 = acked 10000 + refused 0 + unanswered 0\n"));
  CHECK(summary.contains(
      "\ne2e     p50 2ms  p90 2ms  p99 2ms  p99.9 2ms  p99.99 n/a  max 2ms   n=10000\n"));
  CHECK(summary.contains("\nself    send-lag p99 0.05ms (own 0.05ms)"));
  CHECK(summary.ends_with("\nexit 0\n"));
}

TEST_CASE("where there are no messages no line speaks of any") {
  Result storm = good_result();
  storm.mode = Mode::storm;
  storm.publishers = 0;
  storm.target_rate = 0;
  storm.measure = {};
  storm.offered = storm.sent = storm.received = 0;
  storm.departures = storm.returns = 10;
  storm.return_retries = 4;
  const std::string summary = text(storm);
  for (const char* const line : {"\nrate ", "\nbalance ", "\nacks ", "\narrival "}) {
    CAPTURE(line);
    CHECK_FALSE(summary.contains(line));
  }
  CHECK(
      summary.contains("10 left or were cut off, 10 came back, 0 to their session; 4 attempts "
                       "failed\n"));
  const std::string markdown = render_markdown(storm, judge(storm, {}));
  CHECK_FALSE(markdown.contains("| Messages |"));
  CHECK_FALSE(render_html(storm, judge(storm, {})).contains("<h2>Balance"));
}

TEST_CASE("who only receives has half of the lines: nothing is said of what nobody sent") {
  Result wills = good_result();
  wills.mode = Mode::wills;
  wills.publishers = 0;
  wills.target_rate = 0;
  wills.measure = {.expected = 50, .unique = 50};
  wills.received = 50;
  const std::string summary = text(wills);
  CHECK(summary.contains("\nrate    received 5.0/s\n"));
  CHECK(summary.contains("\nbalance expected 50 = unique 50 + lost 0\n"));
  CHECK_FALSE(summary.contains("\nacks "));
  CHECK(render_markdown(wills, judge(wills, {})).contains("\nReceived 5.0/s.\n"));
}

TEST_CASE(
    "lost messages stand in the percentiles as infinitely late, beside those of the delivered") {
  const std::string summary = text(with_losses(20));
  CHECK(summary.contains("p99 2ms  p99.9 ∞ (20 lost; delivered n/a)"));
  CHECK(text(with_losses(200)).contains("p99 ∞ (200 lost; delivered n/a)") == false);
  CHECK(text(with_losses(200)).contains("p99 ∞ (200 lost; delivered 2ms)"));
  CHECK(summary.contains("FAIL loss==0 (20 = 0.2%; first: pub 17 seq 20411)"));
  CHECK(summary.ends_with("\nexit 99\n"));
}

TEST_CASE("where messages were lost, both percentiles stand as far as they differ") {
  Result result = with_losses(200);
  Histogram& delivered = result.metrics.e2e.histogram;
  for (int i = 0; i < 1'000; ++i) delivered.record(5ms);
  CHECK(text(result).contains("\ne2e     p50 2ms  p90 5ms (delivered 2ms)  p99 ∞ (200 lost; "));
}

TEST_CASE("a rate's distance from its target is told where there are enough messages for it") {
  Result result = good_result();
  result.target_rate = 1.0 / 600;
  result.offered = 1;
  CHECK(text(result).contains("rate    offered 0.1/s  sent "));
  result.target_rate = 0;
  CHECK(text(result).contains("rate    offered 0.1/s  sent "));
}

TEST_CASE("where nothing was measured nobody tells how the generator fared, nor asserts it") {
  Result result = good_result();
  result.self = {3ms, 0.5, 7, 1 << 20};
  CHECK(text(result).contains("\nself    "));
  result.measured = {};
  CHECK_FALSE(text(result).contains("\nself    "));
  CHECK_FALSE(render_markdown(result, judge(result, {})).contains("Generator:"));
  const std::string json = render_json(result, judge(result, {}));
  CHECK(json.contains("\"rss\":null"));
  const auto stored = parse_run(json);
  REQUIRE_MESSAGE(stored.has_value(), stored.error());
  CHECK(stored->result.self.rss_bytes == 0);
  for (const char* text : {"mem.rss<256MiB", "loop_lag.max<1s"})
    CHECK(Condition::parse(text)->check(result).outcome == Assertion::Outcome::no_data);
  result = good_result();
  result.target_rate = 0;
  CHECK(Condition::parse("rate.sent>=0.9*rate.target")->check(result).outcome ==
        Assertion::Outcome::no_data);
}

TEST_CASE("loss fails the run at QoS 1 and 2, not at QoS 0, and not when the asserts are off") {
  Result result = with_losses(5);
  CHECK(judge(result, {}).exit_code == 99);
  CHECK(judge(result, {.default_asserts = false}).exit_code == 0);
  result.qos = 0;
  CHECK(judge(result, {}).exit_code == 0);
}

TEST_CASE("loss in the warm-up fails the run as well") {
  Result result = good_result();
  result.warm = {.scheduled = 10, .sent = 10, .acked = 10, .expected = 10, .unique = 9, .lost = 1};
  const Verdict verdict = judge(result, {});
  CHECK(verdict.exit_code == 99);
  CHECK(verdict.is_valid());
}

TEST_CASE("a duplicate fails the run at QoS 2 only") {
  Result result = good_result();
  result.measure.duplicates = 1;
  CHECK(judge(result, {}).exit_code == 0);
  result.qos = 2;
  CHECK(judge(result, {}).exit_code == 99);
}

TEST_CASE("a client that never connected fails the run") {
  Result result = good_result();
  result.connected = 19;
  CHECK(judge(result, {}).exit_code == 99);
}

TEST_CASE("a run without any connection exits 3, whatever else is wrong with it") {
  Result result;
  result.clients = 20;
  result.errors["connect 127.0.0.1:1883: connection refused"] = 20;
  CHECK(judge(result, {}).exit_code == 3);
  CHECK(text(result).contains("20 x connect 127.0.0.1:1883: connection refused\n"));
}

TEST_CASE("a broker that is gone at the end makes the result partial: exit 4") {
  Result result = with_losses(5);
  result.online_at_end = 0;
  const Verdict verdict = judge(result, {});
  CHECK(verdict.partial);
  CHECK(verdict.exit_code == 4);
}

TEST_CASE("an interrupted run is partial and exits with the signal") {
  Result result = good_result();
  result.signal = 2;
  const Verdict verdict = judge(result, {});
  CHECK(verdict.partial);
  CHECK(verdict.exit_code == 130);
  CHECK(render_text(result, verdict).starts_with("RESULT  VALID PARTIAL"));
}

TEST_CASE("books that do not balance make the run invalid, with both sides printed") {
  Result result = good_result();
  result.measure.sent = 9'999;
  Verdict verdict = judge(result, {});
  CHECK(verdict.exit_code == 5);
  CHECK(has_reason(verdict, "scheduled 10000 != sent + offline + backlog 9999"));
  CHECK(has_reason(verdict, "sent 9999 != acked + nacked + unacked 10000"));

  result = good_result();
  result.warm.expected = 3;
  CHECK(has_reason(judge(result, {}), "balance broken in warm-up: expected 3 != unique + lost 0"));
}

TEST_CASE(
    "a generator that is late, slow, busy or stalled makes the run invalid unless that is "
    "allowed") {
  Result late = good_result();
  for (int i = 0; i < 200; ++i) late.metrics.own_lag.histogram.record(3ms);
  Result slow = good_result();
  slow.offered = 9'899;
  Result busy = good_result();
  busy.self.cpu_share = 0.91;
  Result stalled = good_result();
  stalled.self.loop_lag_max = 51ms;
  for (const Result* result : {&late, &slow, &busy, &stalled}) {
    const Verdict verdict = judge(*result, {});
    CHECK(verdict.exit_code == 5);
    CHECK(has_reason(verdict, "generator-limited"));
    CHECK(render_text(*result, verdict).starts_with("RESULT  INVALID"));
    const Verdict allowed = judge(*result, {.allow_limited = true});
    CHECK(allowed.exit_code == 0);
    CHECK(allowed.warnings.size() == 1);
  }
}

TEST_CASE("a generator that offered all that chance had in store for the window was not limited") {
  Result sparse = good_result();
  sparse.measure.scheduled = sparse.measure.sent = 9'700;
  sparse.offered = 9'690;
  CHECK_FALSE(has_reason(judge(sparse, {}), "offered"));
  sparse.offered = 9'500;
  CHECK(has_reason(judge(sparse, {}), "offered 950.0/s of 970.0/s"));
}

TEST_CASE("the generator's lag may be a tenth of the latency it measures") {
  Result result = good_result();
  result.metrics.e2e.histogram = {};
  result.metrics.own_lag.histogram = {};
  for (int i = 0; i < 10'000; ++i) {
    result.metrics.e2e.histogram.record(100ms);
    result.metrics.own_lag.histogram.record(9ms);
  }
  CHECK(judge(result, {}).is_valid());
}

TEST_CASE("a broker that stalls the sender does not count as a limited generator") {
  Result result = good_result();
  for (int i = 0; i < 10'000; ++i) result.metrics.send_lag.histogram.record(500ms);
  CHECK(judge(result, {}).is_valid());
}

TEST_CASE("a subscription that never delivered its probe makes the run invalid") {
  Result result = good_result();
  result.subscriptions_proven = 9;
  CHECK(has_reason(judge(result, {}), "1 of 10 subscriptions delivered nothing before the start"));
}

TEST_CASE("connections lost while they were held fail a conn run") {
  Result result;
  result.mode = Mode::conn;
  result.clients = result.connected = 100;
  result.online_at_end = 99;
  result.measured = 1s;
  CHECK(judge(result, {}).exit_code == 99);
  result.online_at_end = 100;
  CHECK(judge(result, {}).exit_code == 0);
}

TEST_CASE("the JSON result carries the schema, the counters, and percentiles in nanoseconds") {
  const Result result = with_losses(20);
  const std::string json = render_json(result, judge(result, {}));
  CHECK(json.starts_with("{\"schema\":\"mq-bench/1\","));
  CHECK(json.ends_with("\"exit_code\":99}\n"));
  CHECK(json.contains("\"valid\":true,\"invalid_reasons\":[]"));
  CHECK(
      json.contains("\"counters\":{\"scheduled\":10000,\"sent\":10000,\"skipped_offline\":0,"
                    "\"skipped_backlog\":0,"
                    "\"acked\":10000,\"nacked\":0,\"unacked\":0,\"no_subscribers\":0,\"expected\":"
                    "10000,\"unique\":9980,\"lost\":20,"));
  CHECK(json.contains("\"rates\":{\"target\":1000,\"offered\":1000,\"sent\":1000,\"recv\":1000,"));
  CHECK(json.contains(
      "\"e2e\":{\"unit\":\"ns\",\"n\":9980,\"min\":2000000,\"max\":2000000,\"mean\":2000000,"
      "\"sum\":19960000000,"
      "\"p\":{\"50\":2000000,\"90\":2000000,\"99\":2000000,\"99.9\":\"inf\",\"99.99\":null},\"lost_"
      "as_inf\":true,"
      "\"delivered\":{\"50\":2000000,"));
  CHECK_FALSE(json.contains("\"tcp\""));
}

TEST_CASE("JSON text is escaped, and numbers that doubles cannot hold are strings") {
  JsonWriter json;
  json.begin_object()
      .member("text", "a\"b\\c\n\xFF é")
      .member("big", std::uint64_t{1} << 60)
      .member("edge", std::uint64_t{1} << 53)
      .member("low", -5)
      .member("half", 0.5)
      .member("nan", 0.0 / 0.0)
      .begin_array("list")
      .element("x")
      .element("y")
      .end_array()
      .begin_object("empty")
      .end_object()
      .end_object();
  const std::string expected =
      R"({"text":"a\"b\\c\n\\xff é","big":"1152921504606846976","edge":9007199254740992,)"
      R"("low":-5,"half":0.5,"nan":null,"list":["x","y"],"empty":{}})";
  CHECK(json.text() == expected);
}
