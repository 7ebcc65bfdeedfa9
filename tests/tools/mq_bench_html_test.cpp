#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/tools/bench_results.hpp"
#include "tools/mq-bench/chart.hpp"
#include "tools/mq-bench/html_charts.hpp"
#include "tools/mq-bench/markup.hpp"
#include "tools/mq-bench/report.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;
using support::good_result;
using support::with_losses;

namespace {

std::string html(const Result& result) { return render_html(result, judge(result, {})); }

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> labels;
  for (const Axis::Tick& tick : axis.ticks) labels.push_back(tick.label);
  return labels;
}

Series::Row row(std::uint64_t messages, Duration latency) {
  return {.sent = messages,
          .received = messages,
          .connections = 20,
          .latencies = {{static_cast<std::uint16_t>(CoarseBuckets::index_of(latency)), messages}},
          .max = latency};
}

/// With a second of connecting and a second in which nothing came.
Result with_series(Result result) {
  result.series.first = -1;
  result.series.rows = {Series::Row{.connections = 20}, row(1'000, 2ms), Series::Row{},
                        row(2'000, 900ms)};
  const TimePoint start{100s};
  result.phases = {{"connect", start, start + 1s}, {"measure", start + 1s, start + 4s}};
  return result;
}

}  // namespace

TEST_CASE("markup: whatever a text says, it is only text, in XML as well") {
  CHECK(markup("<a href=\"x\" on='y'>&") == "&lt;a href=&quot;x&quot; on=&#39;y&#39;&gt;&amp;");
  CHECK(markup("a\x1b[2J\nb\x7f\xff") == "a\\x1b[2J\\x0ab\\x7f\\xff");
  CHECK(markup("\xEF\xBF\xBE|\xEF\xBF\xBF|\xEF\xBF\xBD") ==
        "\\xef\\xbf\\xbe|\\xef\\xbf\\xbf|\uFFFD");
  CHECK(markup("a\u202Eb\u2067c") == "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa7c");
  CHECK(markup("温度 ∞") == "温度 ∞");
}

TEST_CASE("HTML: times of the warm-up have rows of their own") {
  Result result = support::good_result();
  CHECK_FALSE(html(result).contains("@warmup"));
  for (int i = 0; i < 20; ++i) result.warm_metrics.ack.histogram.record(7ms);
  CHECK(html(result).contains("<th scope=\"row\">ack@warmup</th><td>7ms</td>"));
}

TEST_CASE("HTML: the first lines are the verdict, and why") {
  CHECK(html(good_result()).contains("<span class=\"word\">Passed</span> · exit 0"));
  const std::string failed = html(with_losses(200));
  CHECK(failed.contains("<title>mq-bench pair: Failed (run 7f3a)</title>"));
  CHECK(failed.contains("<span class=\"word\">Failed</span> · exit 99"));
  CHECK(failed.contains("1 of 4 assertions does not hold."));
  CHECK(failed.contains("<li>loss==0: 200 = 2%; first: pub 17 seq 20411</li>"));
  Result result = good_result();
  result.self.cpu_share = 2;
  CHECK(html(result).contains("<span class=\"word\">Invalid</span> · exit 5"));
  CHECK(html(result).contains("<li>generator-limited: cpu 200% &gt; 90%</li>"));
  result.connected = 0;
  CHECK(html(result).contains("<span class=\"word\">Not connected</span> · exit 3"));
  result = good_result();
  result.signal = 2;
  CHECK(html(result).contains("<span class=\"word\">Partial</span> · exit 130"));
}

TEST_CASE("HTML: the page asks for nothing and can ask for nothing") {
  const std::string page = html(with_series(good_result()));
  CHECK(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  CHECK(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; script-src"));
  for (const char* reference : {"http:", "https:", "//", "src=", "href=", "url(", "@import"})
    CHECK_MESSAGE(!page.contains(reference), reference);
  CHECK(page.contains("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"));
  CHECK(page.contains("prefers-color-scheme:dark"));
}

TEST_CASE("HTML: what peers and users say is only text in it") {
  const std::string evil = "</style></script><script>alert(1)</script>\"'&\x1b";
  Result result = with_series(good_result());
  result.run_id = result.url = evil;
  result.errors[evil] = 3;
  result.config["topic"] = result.config[evil] = evil;
  result.environment.cpu = result.environment.kernel = result.environment.boot_id = evil;
  result.tool_version = evil;
  result.phases.front().name = evil;
  Verdict verdict = judge(result, {});
  verdict.assertions.push_back({evil, evil, Assertion::Outcome::fail});
  verdict.invalid_reasons.push_back(evil);
  verdict.warnings.push_back(evil);
  const std::string page = render_html(result, verdict);
  CHECK_FALSE(page.contains("alert(1)</"));
  CHECK_FALSE(page.contains('\x1b'));
  CHECK(page.find("<script") == page.rfind("<script"));
  CHECK(page.find("</style>") == page.rfind("</style>"));
}

TEST_CASE("HTML: losses are a band at infinity, and count as such in the table of the curve") {
  const std::string good = render_percentile_chart(good_result());
  CHECK_FALSE(good.contains("band lost"));
  CHECK(good.contains("<td>p99</td><td>2ms</td><td>1ms</td>"));
  CHECK_FALSE(good.contains("p99.99<"));
  const std::string bad = render_percentile_chart(with_losses(200));
  CHECK(bad.contains(
      "<div class=\"band lost\" style=\"left:42.47%;width:57.53%\"><span>∞: 200 lost"));
  CHECK(bad.contains("<td>p99</td><td>∞</td><td>1ms</td>"));
  CHECK(bad.contains("<td>max</td><td>∞</td><td>1ms</td>"));
  CHECK(render_percentile_chart(Result()).empty());
}

TEST_CASE("HTML: the series is drawn where there is something to see, a silent second is a gap") {
  Result result = with_series(good_result());
  const std::string charts = render_series_charts(result);
  for (const char* title : {"Messages a second", "Latency over time (e2e)", "Connections"})
    CHECK_MESSAGE(charts.contains(title), title);
  CHECK_FALSE(charts.contains("Messages lost"));
  CHECK(charts.contains("<td>0</td><td>2ms</td><td>2ms</td><td>2ms</td>"));
  CHECK(charts.contains("<td>1</td><td>n/a</td><td>n/a</td><td>-</td>"));
  CHECK(charts.contains("<td>-1</td><td>0/s</td><td>0/s</td>"));
  CHECK(charts.contains("M375.0 "));
  CHECK(charts.contains("M875.0 "));
  CHECK(charts.contains("style=\"left:25.00%;width:75.00%\"><span>measure</span>"));

  result.series.rows[2].missing = 7;
  const std::string lossy = render_series_charts(result);
  CHECK(lossy.contains("Messages lost"));
  CHECK(lossy.contains("<td>1</td><td>7</td>"));
  CHECK(render_series_charts(good_result()).empty());
}

TEST_CASE("HTML: a great rate is short on its axis and exact in its table") {
  Result result = with_series(good_result());
  result.series.rows[1].received = 234'567;
  const std::string charts = render_series_charts(result);
  CHECK(charts.contains(">100k/s</span>"));
  CHECK(charts.contains("<td>234567/s</td>"));
  CHECK_FALSE(charts.contains("e+"));
}

TEST_CASE("HTML: a storm without messages shows how its clients came back") {
  Result result = good_result();
  result.mode = Mode::storm;
  result.metrics = {};
  result.measure = {};
  result.target_rate = 0;
  result.publishers = result.offered = result.sent = result.received = 0;
  result.departures = result.reconnects = 20;
  result.returns = result.resumed = 19;
  for (int i = 0; i < 200; ++i) {
    result.metrics.connect_total.histogram.record(2ms);
    result.metrics.reconnect.histogram.record(30ms);
  }
  const std::string page = html(result);
  CHECK(page.contains("<dt>reconnect p50</dt><dd>30ms</dd>"));
  // Of 200 samples two are above the p99: too few.
  CHECK(page.contains("<dt>reconnect p90</dt><dd>30ms<small>p99.9 n/a</small>"));
  CHECK(page.contains("<dt>came back</dt><dd class=\"bad\">19<small>to their session 19</small>"));
  CHECK(page.contains("Time to connect by percentile"));
  CHECK(page.contains("back again</li>"));
  CHECK(page.contains("<th scope=\"col\">p90</th><th scope=\"col\">max</th>"));
  CHECK_FALSE(page.contains("Balance"));
  CHECK_FALSE(page.contains("<dt>lost</dt>"));
}

TEST_CASE("HTML: what a closed loop measures is called service time") {
  Result result = with_series(good_result());
  result.config["loop"] = "closed";
  std::swap(result.metrics.e2e.histogram, result.metrics.e2e_service.histogram);
  std::swap(result.metrics.ack.histogram, result.metrics.ack_service.histogram);
  result.target_rate = 0;
  const std::string page = html(result);
  CHECK(page.contains("closed loop: service time"));
  CHECK(page.contains("Service time by percentile"));
  CHECK(page.contains("Latency over time (service time)"));
  CHECK(page.contains("<dt>e2e_service p99</dt><dd>2ms"));
  CHECK_FALSE(page.contains("target 0"));
}

TEST_CASE("HTML: a run in which nobody connected has no empty tables") {
  Result result;
  result.clients = 3;
  result.errors["connection refused"] = 3;
  const std::string page = html(result);
  CHECK(page.contains("<tr><th scope=\"row\">3 ×</th><td>connection refused</td></tr>"));
  for (const char* title : {"Times", "Balance", "Latency", "Over time", "Runs", "Broker"})
    CHECK_MESSAGE(!page.contains(std::string("<h2>") + title + "</h2>"), title);
}

TEST_CASE("HTML: several runs stand side by side, and the broker's own words have a place") {
  Result result = good_result();
  result.repeats = {{"7f3a", {{"e2e.p99", 2e6}}}, {"7f3b", {}}};
  result.connack_properties = {{"receive_maximum", "20"}};
  const std::string page = html(result);
  CHECK(page.contains("<code>7f3a</code> (shown)</th><td>2ms</td></tr>"));
  CHECK(page.contains("<code>7f3b</code></th><td>n/a</td></tr>"));
  CHECK(page.contains("<tr><th scope=\"row\">receive_maximum</th><td>20</td></tr>"));
}

TEST_CASE("HTML: a baseline of another load is no failure of the broker's") {
  const Result result = good_result();
  Comparison comparison;
  comparison.differences = {"clients: 1, 2"};
  Verdict verdict = judge(result, {});
  add_baseline(verdict, result, comparison);
  CHECK(
      render_html(result, verdict).contains("<span class=\"word\">Not comparable</span> · exit 5"));
  comparison.differences.clear();
  comparison.rows.emplace_back().outcome = Comparison::Outcome::regression;
  verdict = judge(result, {});
  add_baseline(verdict, result, comparison);
  CHECK(render_html(result, verdict).contains("It is worse than the baseline"));
}

TEST_CASE("HTML: a second without neighbours is a dot, and a line without points has no legend") {
  Chart chart{.title = "t", .lines = {{.name = "alone", .style = "s0"}, {.name = "none"}}};
  chart.lines.front().points = {{0, {}}, {0.5, 0.25}, {1, {}}};
  std::string html = render(chart);
  CHECK(html.contains("<path class=\"line s0 dot\" d=\"M500.0 750.0h0\"/>"));
  CHECK(html.contains("alone</li>"));
  CHECK_FALSE(html.contains("none</li>"));
  chart.lines.front().points[2].y = 0.5;
  html = render(chart);
  CHECK_FALSE(html.contains(" dot"));
  CHECK(html.contains("d=\"M500.0 750.0L1000.0 500.0\""));
}

TEST_CASE("HTML: a run of eight hours stays a page of moderate size") {
  Result result = good_result();
  result.series.seconds_per_row = 8;
  for (int i = 0; i < 3'600; ++i) result.series.rows.push_back(row(8'000, 2ms));
  const std::string charts = render_series_charts(result);
  CHECK(charts.size() < 300'000);
  CHECK(charts.contains("A point stands for 32 s."));
  CHECK(charts.contains("<span style=\"left:75.00%\">6:00h</span>"));
}

TEST_CASE("axes have round ticks and cover all there is") {
  const auto plain = [](double number) { return std::to_string(static_cast<int>(number)); };
  CHECK(labels(linear_axis(10'000, plain)) ==
        std::vector<std::string>{"0", "5000", "10000", "15000"});
  CHECK(linear_axis(0, plain).greatest > 0);
  CHECK(labels(count_axis(2, plain)) == std::vector<std::string>{"0", "1", "2", "3"});
  const Axis flat = duration_axis(2e6, 9e6);
  CHECK_FALSE(flat.is_log);
  CHECK(flat.greatest >= 9e6);
  const Axis log = duration_axis(50e3, 3e9);
  CHECK(log.is_log);
  CHECK(labels(log) ==
        std::vector<std::string>{"0.01ms", "0.1ms", "1ms", "10ms", "100ms", "1.00s"});
  CHECK(log.place(10e3) == doctest::Approx(0));
  CHECK(log.place(5e9) == doctest::Approx(100));
  CHECK(labels(time_axis(-2, 15)) == std::vector<std::string>{"0s", "5s", "10s", "15s"});
  CHECK(labels(time_axis(0, 150)) ==
        std::vector<std::string>{"0:00", "0:30", "1:00", "1:30", "2:00", "2:30"});
}
