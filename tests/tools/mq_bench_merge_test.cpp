#include "tools/mq-bench/merge.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <string>

#include "tests/tools/bench_results.hpp"
#include "tools/mq-bench/rates.hpp"
#include "tools/mq-bench/report.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

Condition condition(const std::string& text) { return *Condition::parse(text); }

/// Shard number `index` of four, unlike the others in everything that may differ.
NamedRun shard(std::uint32_t index, const JudgeOptions& options = {}) {
  Result result = support::with_losses(20 * index);
  result.shards = {4, {index}};
  result.losses.clear();
  result.losses.add(100 - index, {20 * index, 7});
  result.url = "host" + std::to_string(index % 2);
  result.environment = {"cpu", 8, "Linux", "boot" + std::to_string(index % 2), "", 1024};
  result.clock_offset = Duration(1h) * index;
  const TimePoint start = TimePoint(10h + 1s * index - result.clock_offset);
  result.phases = {{"connect", start - 1s, start},
                   {"measure", start, start + 10s},
                   {"drain", start + 10s, start + 11s}};
  result.target_rate = 100.0 / 3 * (index + 1);
  result.displacement_max = index * 10;
  result.errors["refused"] = index;
  result.errors["only " + std::to_string(index)] = 1;
  result.self = {1ms * index, 0.1 * index, index, 1'000 * index};
  result.series.first = -std::int64_t{index};
  result.series.seconds_per_row = index == 3 ? 2 : 1;
  result.series.rows.resize(5 + index, {.offered = 8,
                                        .sent = 7,
                                        .received = index,
                                        .memory = 1'000 + index,
                                        .latencies = {{index, 9}}});
  for (std::uint32_t i = 0; i < 500 * index; ++i)
    result.metrics.e2e.histogram.record(Duration(i * 12'345 * index));
  for (std::uint32_t i = 0; i < 50 * index; ++i)
    result.warm_metrics.ack.histogram.record(Duration(i * 67'891 * index));
  result.measure.expected += 500 * index;
  result.measure.unique += 500 * index;
  return {"r" + std::to_string(index) + ".json", {result, judge(result, options)}};
}

/// As the tool does it: through the text of the file.
NamedRun merged(std::vector<NamedRun> runs) {
  auto run = merge(std::move(runs), {});
  REQUIRE_MESSAGE(run.has_value(), (run ? "" : run.error()));
  auto again = parse_run(render_json(run->result, run->verdict));
  REQUIRE_MESSAGE(again.has_value(), (again ? "" : again.error()));
  return {"merged.json", *std::move(again)};
}

std::string json(const NamedRun& run) { return render_json(run.run.result, run.run.verdict); }

std::string complaint(NamedRun one, NamedRun other) {
  std::vector<NamedRun> runs;
  runs.push_back(std::move(one));
  runs.push_back(std::move(other));
  const auto run = merge(std::move(runs), {});
  return run ? "none" : run.error();
}

}  // namespace

TEST_CASE("shards that did not measure at the same time are no one load: exit 5") {
  NamedRun late = shard(3);
  late.run.result.clock_offset += 1min;
  const StoredRun run = merged({shard(0), shard(1), shard(2), late}).run;
  CHECK(run.verdict.invalid_reasons ==
        std::vector<std::string>{"the shards did not measure at the same time"});
  CHECK(run.verdict.exit_code == 5);
  CHECK(merged({shard(0), shard(1), shard(2), shard(3)}).run.verdict.is_valid());
}

TEST_CASE("merging gives the same bytes in every order") {
  const std::string expected = json(merged({shard(0), shard(1), shard(2), shard(3)}));
  std::vector<std::uint32_t> order{0, 1, 2, 3};
  while (std::ranges::next_permutation(order).found) {
    std::vector<NamedRun> runs;
    for (const std::uint32_t index : order) runs.push_back(shard(index));
    CHECK(json(merged(std::move(runs))) == expected);
  }
}

TEST_CASE("merging gives the same bytes in every grouping, and of one result of its own") {
  const std::string expected = json(merged({shard(0), shard(1), shard(2), shard(3)}));
  CHECK(json(merged({merged({shard(0), shard(1)}), merged({shard(2), shard(3)})})) == expected);
  CHECK(json(merged({shard(3), merged({merged({shard(0), shard(2)}), shard(1)})})) == expected);
  CHECK(json(merged({merged({shard(3)}), merged({merged({shard(1)}), shard(2)}), shard(0)})) ==
        expected);
  CHECK(json(merged({merged({shard(2)})})) == json(merged({shard(2)})));
}

TEST_CASE("counts are sums, percentiles come from all samples, maxima are maxima") {
  const Result result = merged({shard(0), shard(1), shard(2), shard(3)}).run.result;
  CHECK(result.measure.sent == 40'000);
  CHECK(result.measure.lost == 120);
  CHECK(result.clients == 80);
  CHECK(result.losses.by_publisher().begin()->first == 97);
  CHECK(result.losses.by_publisher().size() == 3);
  CHECK(result.displacement_max == 30);
  CHECK(result.errors.at("refused") == 6);
  CHECK(result.self.loop_lag_max == Duration(3ms));
  CHECK(result.target_rate == doctest::Approx(1000.0 / 3));
  CHECK(result.url == "host0 host1");
  Histogram all;
  for (std::uint32_t index = 0; index < 4; ++index)
    all.merge(shard(index).run.result.metrics.e2e.histogram);
  CHECK(result.metrics.e2e.histogram.count() == all.count());
  CHECK(result.metrics.e2e.histogram.quantile(kP99) == all.quantile(kP99));
  CHECK(result.warm_metrics.ack.histogram.count() == 50 * (1 + 2 + 3));
  const Series& series = result.series;
  CHECK(std::accumulate(series.rows.begin(), series.rows.end(), std::uint64_t{0},
                        [](std::uint64_t sum, const auto& row) { return sum + row.sent; }) ==
        7 * (5 + 6 + 7 + 8));
}

TEST_CASE("a missing shard makes the result partial: exit 4") {
  const NamedRun whole = merged({shard(0), shard(1), shard(2), shard(3)});
  CHECK_FALSE(whole.run.verdict.partial);
  CHECK(whole.run.verdict.exit_code == 99);
  const NamedRun part = merged({shard(3), shard(1)});
  CHECK(part.run.verdict.partial);
  CHECK(part.run.verdict.exit_code == 4);
  CHECK(render_text(part.run.result, part.run.verdict).contains("shards are missing: 0, 2\n"));
}

TEST_CASE("what was wrong with one shard is wrong with the whole, and says with which") {
  NamedRun limited = shard(1);
  limited.run.result.self.cpu_share = 0.95;
  limited.run.verdict = judge(limited.run.result, {});
  NamedRun killed = shard(2);
  killed.run.result.signal = 15;
  killed.run.verdict = judge(killed.run.result, {});
  const Verdict verdict = merged({shard(0), limited, killed, shard(3)}).run.verdict;
  CHECK(verdict.invalid_reasons ==
        std::vector<std::string>{"shard 1: generator-limited: cpu 95% > 90%"});
  CHECK(verdict.partial_reasons == std::vector<std::string>{"shard 2: interrupted by signal 15"});
  CHECK(verdict.exit_code == 4);
}

TEST_CASE("assertions run on the merged result: those of the shards and those of merge itself") {
  const JudgeOptions options{.conditions = {condition("loss<=0.25%")}};
  const auto run =
      merge({shard(0, options), shard(1, options), shard(2, options), shard(3, options)},
            std::vector{condition("connected==80"), condition("dup==0")});
  REQUIRE(run.has_value());
  CHECK(run->verdict.assertions.size() == 3);
  CHECK(run->verdict.assertions[0].expression == "connected==80");
  CHECK(run->verdict.assertions[2].expression == "loss<=0.25%");
  CHECK_FALSE(run->verdict.assertions[2].passed());
  CHECK(run->verdict.exit_code == 99);
}

TEST_CASE("the common window is the intersection of the shards' windows, and the skew is told") {
  NamedRun late = shard(1);
  late.run.result.clock_offset -= 750ms;  // By the clocks themselves it starts 1 s later.
  NamedRun early = shard(0);
  const Result result = merged({late, early}).run.result;
  REQUIRE(result.joined.has_value());
  CHECK(result.joined->skew() == Duration(250ms));
  CHECK(result.joined->common_window() == Duration(9'750ms));
  CHECK(render_text(result, judge(result, {}))
            .contains("shards  2 of 4  machines 2  start skew 250ms  measured together 9.750 s\n"));
}

TEST_CASE("rates are those of the whole seconds that all shards measured at the same time") {
  // Behind a warm-up of a second each measures for ten; in its own second k it sends 100 + k.
  const auto counted = [](std::uint32_t index, Duration later) {
    NamedRun run = shard(index);
    Result& result = run.run.result;
    result.series = {.first = -2, .rows = {}};
    for (std::uint64_t i = 0; i < 15; ++i)
      result.series.rows.push_back({.offered = 200 + i, .sent = 100 + i, .received = i});
    result.clock_offset = TimePoint(1h) - result.phases[1].start + later;
    run.run.verdict = judge(result, {});
    return run;
  };
  const auto check = [](std::vector<NamedRun> runs, std::uint64_t first, std::uint64_t end) {
    const auto shards = static_cast<double>(runs.size());
    const NamedRun whole = merged(std::move(runs));
    const Rates rates = rates_of(whole.run.result);
    CHECK(rates.window == Duration(std::chrono::seconds(end - first)));
    // Row 3 is where the measurement begins.
    const double mean = 3 + static_cast<double>(first + end - 1) / 2;
    CHECK(rates.offered == doctest::Approx(shards * (200 + mean)));
    CHECK(rates.sent == doctest::Approx(shards * (100 + mean)));
    CHECK(rates.received == doctest::Approx(shards * mean));
    return whole;
  };
  check({counted(0, 0s), counted(1, 0s)}, 0, 10);
  check({counted(0, 0s), counted(1, 900us)}, 0, 10);
  check({counted(0, 0s), counted(1, 2ms)}, 1, 9);
  const NamedRun whole = check({counted(0, 0s), counted(1, 1'250ms), counted(2, 300ms)}, 2, 8);
  CHECK(json(merged({merged({counted(2, 300ms), counted(1, 1'250ms)}), counted(0, 0s)})) ==
        json(whole));
  CHECK(json(whole).contains("\"window_ns\":6000000000,"));
  CHECK(render_text(whole.run.result, whole.run.verdict).contains("/s  (over 6 s)\n"));
  const auto faster = Condition::parse("rate.sent>300/s");
  CHECK(faster->check(whole.run.result).passed());
  // Not one whole second: each shard's own phase counts.
  const Result brief = merged({counted(0, 0s), counted(1, 4'800ms)}).run.result;
  CHECK(rates_of(brief).window == brief.measured);
  CHECK(rates_of(brief).sent == doctest::Approx(2'000));
}

TEST_CASE("what does not belong together is refused, with the file and the reason") {
  const auto changed = [](auto change) {
    NamedRun run = shard(1);
    change(run.run.result);
    return run;
  };
  CHECK(complaint(shard(0), changed([](Result& r) { r.run_id = "other"; })) ==
        "r1.json: run id 'other' is not '7f3a' as in r0.json");
  CHECK(complaint(shard(0), changed([](Result& r) { r.config["rate"] = "9"; }))
            .starts_with("r1.json: config hash '"));
  CHECK(complaint(shard(0), changed([](Result& r) { r.qos = 2; })) ==
        "r1.json: QoS, size or clock bound are not as in r0.json");
  CHECK(complaint(shard(0), changed([](Result& r) { r.shards.count = 5; })) ==
        "r1.json: it is one of 5 shards, r0.json of 4");
  CHECK(complaint(shard(1), shard(1)) == "r1.json: shard 1 is in r1.json already");
  CHECK(complaint(merged({shard(0), shard(1)}), shard(1)) ==
        "r1.json: shard 1 is in merged.json already");
  CHECK(complaint(shard(0), changed([](Result& r) { r.repeats.resize(2); })) ==
        "r1.json: it stands for several runs (--repeat), which have no shards");
  CHECK(complaint(changed([](Result& r) { r.late = ~std::uint64_t{0}; }), changed([](Result& r) {
                    r.shards.given = {2};
                    r.late = 1;
                  })) == "r1.json: its figures are too large to be added up");
}

TEST_CASE(
    "a group with members in several shards: lost is what came nowhere, twice what came in two") {
  const auto member = [](std::uint32_t index, std::vector<RangeSet::Range> arrivals) {
    NamedRun run = shard(index);
    Result& result = run.run.result;
    result.measure = {};
    for (const auto& [first, end] : arrivals)
      result.exchange.received[{7, 0}].came.insert(first, end);
    result.measure.expected = result.measure.unique = result.exchange.received[{7, 0}].came.size();
    run.run.verdict = judge(result, {});
    return run;
  };
  const NamedRun a = member(0, {{10, 20}, {30, 40}});
  const NamedRun b = member(1, {{20, 30}, {35, 38}});
  const NamedRun c = member(2, {{45, 50}});
  const NamedRun d = member(3, {{19, 20}});
  const NamedRun whole = merged({a, b, c, d});
  const Result& result = whole.run.result;
  CHECK(result.measure.expected == 40);
  CHECK(result.measure.unique == 35);
  CHECK(result.measure.lost == 5);
  CHECK(result.measure.duplicates == 4);
  CHECK(result.losses.by_publisher().at(7) == Losses::Loss{5, 40});
  CHECK(whole.run.verdict.is_valid());
  CHECK(json(merged({merged({d, b}), merged({c, a})})) == json(whole));
}

TEST_CASE("ranges of numbers are written and read, and only in their order") {
  RangeSet set;
  set.insert(0, 100);
  set.insert(200, 201);
  CHECK(to_text(set) == "0-99 200-200");
  CHECK(parse_ranges(to_text(set))->ranges() == set.ranges());
  CHECK(parse_ranges("")->ranges().empty());
  for (const char* const text : {"5", "5-", "-5", "5-4", "0-9 5-20", "0-9 10-20", "a-b",
                                 "0-18446744073709551615", "0-9  20-30"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ranges(text).has_value());
  }
}

TEST_CASE("pairs whose ends are in different shards: what was sent here and did not come there") {
  // Shard i has publisher i, and the subscriber of publisher 1 - i. Each took another ten messages
  // for the first of the measurement.
  const auto half = [](std::uint32_t index, std::uint64_t first_lost) {
    Result result = support::good_result();
    result.shards = {2, {index}};
    result.exchange.sent[index] = {100, 10'100, {}};
    RangeSet& arrivals = result.exchange.received[{1 - index, 1 - index}].came;
    arrivals.insert(0, first_lost);
    arrivals.insert(first_lost + 3, 10'100);
    result.measure.unique = result.measure.expected = 9'990;
    result.warm.unique = result.warm.expected = arrivals.size() - 9'990;
    return NamedRun{"r", {result, judge(result, {})}};
  };
  const StoredRun all = merged({half(0, 50), half(1, 200)}).run;
  CHECK(all.result.measure.expected == 20'000);
  CHECK(all.result.measure.lost == 3);  // The other three belonged to the warm-up.
  CHECK(all.result.losses.by_publisher() ==
        std::map<std::uint32_t, Losses::Loss>{{0, {3, 200}}, {1, {3, 50}}});
  CHECK(all.result.warm.lost == 3);
  CHECK(all.result.warm.unique == 197);
  CHECK(all.verdict.exit_code == 99);
  CHECK(json(merged({merged({half(1, 200)}), half(0, 50)})) ==
        json(merged({half(0, 50), half(1, 200)})));
  const StoredRun one = merged({half(0, 50)}).run;
  CHECK(one.result.measure.lost == 0);
  CHECK(one.verdict.exit_code == 4);
}

TEST_CASE("a fan across shards is balanced from both ends, in every grouping") {
  const auto part = [](std::uint32_t index, std::vector<RangeSet::Range> came) {
    NamedRun run = shard(index);
    Result& result = run.run.result;
    result.environment.boot_id = "the same";
    result.measure = {};
    if (index == 0) result.exchange.sent[7] = {10, 110, {}};
    for (const std::uint32_t receiver : {index, index + 4}) {
      Exchange::Arrived& arrived = result.exchange.received[{7, receiver}];
      for (const auto& [first, end] : came) arrived.came.insert(first, end);
      result.measure.expected += arrived.came.size();
      result.measure.unique += arrived.came.size();
    }
    run.run.verdict = judge(result, {});
    return run;
  };
  const NamedRun a = part(0, {{0, 110}});
  const NamedRun b = part(1, {{0, 5}, {6, 110}});
  const NamedRun c = part(2, {{0, 50}, {53, 110}});
  const NamedRun d = part(3, {{0, 110}});
  CHECK(std::ranges::none_of(a.run.verdict.assertions, [](const Assertion& assertion) {
    return assertion.expression == "loss==0";
  }));
  const NamedRun whole = merged({a, b, c, d});
  const Result& result = whole.run.result;
  CHECK(result.warm.expected == 80);
  CHECK(result.warm.lost == 2);
  CHECK(result.measure.expected == 800);
  CHECK(result.measure.lost == 6);
  CHECK(result.losses.by_publisher().at(7) == Losses::Loss{8, 5});
  CHECK(whole.run.verdict.exit_code == 99);
  CHECK(json(merged({merged({d, b}), merged({c, a})})) == json(whole));
}

TEST_CASE("messages from machine to machine need clocks that are vouched for: else exit 5") {
  const auto part = [](std::uint32_t index, Duration bound) {
    NamedRun run = shard(index);
    run.run.result.clock_bound = bound;
    run.run.result.exchange.sent[index] = {0, 10, {}};
    run.run.result.exchange.received[{index, 0}].came.insert(0, 10);
    run.run.verdict = judge(run.run.result, {});
    return run;
  };
  const auto merged_with = [&](Duration bound) {
    return merged({part(0, bound), part(1, bound), part(2, bound), part(3, bound)}).run.verdict;
  };
  CHECK(merged_with(Duration()).invalid_reasons ==
        std::vector<std::string>{"clocks not comparable: messages went from one machine to another "
                                 "without --clock-bound"});
  CHECK(merged_with(1ms).is_valid());
}
