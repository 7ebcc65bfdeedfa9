#include "tools/mq-bench/comparison.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/tools/bench_results.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/verdict.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;
using support::good_result;
using support::with_losses;
using Outcome = Comparison::Outcome;

namespace {

/// A good run whose messages all took so long.
Result with_latency(Duration latency) {
  Result result = good_result();
  result.metrics.e2e.histogram = {};
  for (int i = 0; i < 10'000; ++i) result.metrics.e2e.histogram.record(latency);
  return result;
}

Comparison compare_by(const std::string& text, const Result& base, const Result& now) {
  CAPTURE(text);
  const auto tolerances = parse_tolerances(text);
  REQUIRE(tolerances.has_value());
  return compare(base, now, {*tolerances, false});
}

Outcome outcome(const std::string& text, const Result& base, const Result& now) {
  const Comparison comparison = compare_by(text, base, now);
  REQUIRE(comparison.rows.size() == 1);
  return comparison.rows.front().outcome;
}

std::string complaint(const std::string& text) {
  const auto tolerances = parse_tolerances(text);
  return tolerances ? "none" : tolerances.error();
}

}  // namespace

TEST_CASE("a figure is a regression only if it passes both bounds") {
  const Result base = with_latency(10ms);
  const std::string both = "e2e.p99:+15%&+1ms";
  CHECK(outcome(both, base, with_latency(11ms)) == Outcome::ok);
  CHECK(outcome(both, base, with_latency(13ms)) == Outcome::regression);
  CHECK(outcome(both, with_latency(100us), with_latency(200us)) == Outcome::ok);
  CHECK(outcome(both, with_latency(1s), with_latency(1100ms)) == Outcome::ok);
  CHECK(outcome(both, base, with_latency(7ms)) == Outcome::better);
  CHECK(outcome("e2e.p99:+1ms", with_latency(1s), with_latency(1100ms)) == Outcome::regression);
  CHECK(outcome("e2e.p99:+50%", with_latency(100us), with_latency(200us)) == Outcome::regression);
}

TEST_CASE("which way is worse is fixed: a rate that falls, a latency or a loss that grows") {
  Result slow = good_result();
  slow.received = 9'000;
  CHECK(outcome("rate.recv:-2%", good_result(), slow) == Outcome::regression);
  CHECK(outcome("rate.recv:-2%", slow, good_result()) == Outcome::better);
  CHECK(outcome("rate.recv:-20%", good_result(), slow) == Outcome::ok);
  CHECK(outcome("loss:+0.1%", good_result(), with_losses(20)) == Outcome::regression);
  CHECK(outcome("loss:+0.3%", good_result(), with_losses(20)) == Outcome::ok);
  CHECK(outcome("loss:+0", good_result(), with_losses(1)) == Outcome::regression);
  CHECK(outcome("e2e.p99:+1h", good_result(), with_losses(200)) == Outcome::regression);
  CHECK(outcome("e2e.p99:+1h", with_losses(200), with_losses(200)) == Outcome::ok);
}

TEST_CASE("a figure that was asked for and has no data does not pass") {
  CHECK(outcome("suback.p99:+1ms", good_result(), good_result()) == Outcome::no_data);
  CHECK(outcome("e2e.p99.99:+1ms", good_result(), good_result()) == Outcome::insufficient);
  Verdict verdict = judge(good_result(), {});
  add_baseline(verdict, good_result(), compare_by("suback.p99:+1ms", good_result(), good_result()));
  CHECK(verdict.exit_code == 99);
}

TEST_CASE("by default what the baseline has is compared, and nothing else") {
  const Comparison comparison =
      compare(good_result(), with_latency(20ms), {default_tolerances(), false});
  CHECK_FALSE(comparison.passed());
  for (const Comparison::Row& row : comparison.rows) {
    CAPTURE(row.figure);
    CHECK(row.figure != "connect_total.p99");
    CHECK(row.passed() == !row.figure.starts_with("e2e"));
  }
  CHECK(compare(good_result(), good_result(), {default_tolerances(), false}).passed());
  Result silent = good_result();
  silent.metrics.e2e.histogram = {};
  CHECK_FALSE(compare(good_result(), silent, {default_tolerances(), false}).passed());
}

TEST_CASE("another load or another machine is not comparable, unless that is forced") {
  Result other = good_result();
  other.config["rate"] = "5/1s";
  other.environment.cpu = "another";
  other.environment.cores = 4;
  CHECK(differences(good_result(), other) ==
        std::vector<std::string>{"rate: none before, '5/1s' now",
                                 "processor cores: 0 before, 4 now",
                                 "processor: '' before, 'another' now"});
  Verdict verdict = judge(other, {});
  add_baseline(verdict, other, compare(good_result(), other, {default_tolerances(), false}));
  CHECK(verdict.exit_code == 5);
  CHECK(render_text(other, verdict).contains("BASE    NOT COMPARABLE against run 7f3a\n"));
  add_baseline(verdict, other, compare(good_result(), other, {default_tolerances(), true}));
  CHECK(verdict.exit_code == 0);
}

TEST_CASE("an invalid or partial baseline is nothing to compare with, unless that is forced") {
  Result stalled = good_result();
  stalled.self.loop_lag_max = 60ms;
  Result aborted = good_result();
  aborted.aborted = "--abort-on loss>1%";
  for (const Result& base : {stalled, aborted}) {
    const std::vector<std::string> flaws_of_base = flaws(judge(base, {}));
    REQUIRE(flaws_of_base.size() == 1);
    Verdict verdict = judge(good_result(), {});
    const auto hold_against_base = [&](bool force) {
      add_baseline(verdict, good_result(),
                   compare(base, good_result(), {default_tolerances(), force, flaws_of_base}));
      return verdict.exit_code;
    };
    CHECK(hold_against_base(false) == 5);
    CHECK(render_text(good_result(), verdict).contains(flaws_of_base.front()));
    CHECK(hold_against_base(true) == 0);
  }
  CHECK(flaws(judge(good_result(), {})).empty());
}

TEST_CASE("of several runs the medians count, and four of five must be worse") {
  const auto tolerances = *parse_tolerances("e2e.p99:+15%");
  const auto repeated = [&](std::vector<Duration> latencies) {
    std::vector<Result> runs;
    for (const Duration latency : latencies) runs.push_back(with_latency(latency));
    return combine(std::move(runs), tolerances);
  };
  const Result base = repeated({10ms, 10ms, 9ms, 30ms, 10ms});
  CHECK(base.repeats.size() == 5);
  const auto outcome_of = [&](const Result& now) {
    return compare(base, now, {tolerances, false}).rows.front().outcome;
  };
  CHECK(outcome_of(repeated({10ms, 99ms, 10ms, 99ms, 10ms})) == Outcome::ok);
  CHECK(outcome_of(repeated({9ms, 13ms, 9ms, 13ms, 13ms})) == Outcome::ok);
  CHECK(outcome_of(repeated({13ms, 13ms, 9ms, 13ms, 13ms})) == Outcome::regression);
  CHECK(outcome_of(with_latency(13ms)) == Outcome::regression);
  CHECK(repeated({30ms, 10ms, 20ms}).metrics.e2e.histogram.max() == Duration(20ms));
}

TEST_CASE("what is wrong with a tolerance is said before the run") {
  CHECK(complaint("e2e.p99:+15%&+1ms, rate.recv:-2%") == "none");
  CHECK(complaint("") == "'' is not a tolerance like e2e.p99:+15%&+1ms");
  CHECK(complaint("e2e.p99") == "'e2e.p99' is not a tolerance like e2e.p99:+15%&+1ms");
  CHECK(complaint("e3e.p99:+1%") == "'e3e.p99' is not a figure that a result has");
  CHECK(complaint("e2e.p99:-1%") == "e2e.p99 gets worse upwards: its bounds begin with +");
  CHECK(complaint("rate.recv:+1%") == "rate.recv gets worse downwards: its bounds begin with -");
  CHECK(complaint("rate.target:-1%") == "rate.target gets neither better nor worse");
  CHECK(complaint("e2e.p99:+1") == "'+1' is not a bound for e2e.p99");
  CHECK(complaint("e2e.p99:+1%&+2%") ==
        "'+2%' is not a bound of another kind than the one before it");
  CHECK(complaint("e2e.p99:+1%,") == "'' is not a tolerance like e2e.p99:+15%&+1ms");
}

TEST_CASE("the comparison reaches the table, JUnit and Markdown") {
  const Result now = with_latency(20ms);
  Verdict verdict = judge(now, {});
  add_baseline(verdict, now, compare_by("e2e.p99:+15%&+1ms", good_result(), now));
  CHECK(verdict.exit_code == 99);
  CHECK(
      render_table(*verdict.baseline)
          .contains("e2e.p99                        2ms        20ms    +900.0%  +15%&+1ms         "
                    "FAIL regression\n"));
  const std::string junit = render_junit(now, verdict);
  CHECK(junit.contains("name=\"the baseline is comparable\""));
  CHECK(
      junit.contains("<failure message=\"e2e.p99: 2ms before, 20ms now (+900.0%, tolerated "
                     "+15%&amp;+1ms): regression\"/>"));
  CHECK(render_markdown(now, verdict)
            .contains("| e2e.p99 | 2ms | 20ms | +900.0% | +15%\\&+1ms | **regression** |"));
}
