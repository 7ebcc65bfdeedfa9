#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <string>

#include "tests/tools/bench_results.hpp"
#include "tools/common/text_width.hpp"
#include "tools/mq-bench/board.hpp"
#include "tools/mq-bench/live.hpp"
#include "tools/mq-bench/live_metrics.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;
using support::good_result;

namespace {

constexpr TimePoint kStart{100s};

/// A run of 30 s, 12 s on its way.
Snapshot snapshot() {
  Snapshot snapshot{.result = good_result(),
                    .phase = {"measure", kStart, kStart + 30s},
                    .now = kStart + 12s,
                    .connections = 20,
                    .in_flight = 41};
  snapshot.result.self = {.loop_lag_max = 2ms, .cpu_share = 0.61, .rss_bytes = 48U << 20};
  const auto bucket = static_cast<std::uint16_t>(CoarseBuckets::index_of(2ms));
  for (std::uint64_t i = 0; i < 12; ++i) {
    snapshot.result.series.rows.push_back(
        {.sent = 1'000 + i, .received = 990 + i, .latencies = {{bucket, 1'000}}, .max = 2ms});
  }
  snapshot.result.series.rows.emplace_back();  // Has only just begun.
  return snapshot;
}

std::string screen(const Snapshot& shown, cli::ScreenSize size, bool has_colors = false) {
  return live_screen(live(shown, {}), size, has_colors);
}

/// What is left when every line is cut off its place on the screen; without colours.
std::vector<std::string> lines_of(const std::string& drawn) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; (at = drawn.find("\x1b[K", at)) != std::string::npos;) {
    at += 3;
    lines.push_back(drawn.substr(at, drawn.find("\x1b[", at) - at));
  }
  return lines;
}

}  // namespace

TEST_CASE("plain progress: two lines a second, of a run without messages one") {
  Snapshot shown = snapshot();
  CHECK(live_lines(live(shown, {})) ==
        "measure 12s/30s  conn 20/20  target 1000/s  sent 1011/s  recv 1001/s  inflight 41\n"
        "  e2e p50 2ms p99 2ms p99.9 2ms max 2ms | ack p99 1ms | lost 0 dup 0 ooo 0 | "
        "lag p99 0.05ms  gen ok\n");
  shown.result.self.cpu_share = 0.95;
  CHECK(live_lines(live(shown, {})).ends_with("gen LIMITED\n"));
  shown.result = {};
  shown.result.mode = Mode::conn;
  shown.result.clients = 5'000;
  shown.phase = {"connect", kStart, mqtt::kNever};
  CHECK(live_lines(live(shown, {})) == "connect 12s  conn 20/5000\n");
}

TEST_CASE("lines come when a second of the phase is over and known") {
  CHECK(until_next_lines(-20ms) == Duration(1050ms));
  CHECK(until_next_lines(400ms) == Duration(650ms));
  CHECK(until_next_lines(7050ms) == Duration(1s));
}

TEST_CASE("JSON progress: one object a line, with the assertions so far") {
  Snapshot shown = snapshot();
  shown.result.run_id = "a\"\n\x1b";
  shown.result.measure.lost = 9;
  const std::string text = live_json(live(shown, {}));
  CHECK(text.find('\n') == text.size() - 1);
  CHECK(text.contains("\"phase\":\"measure\",\"elapsed_s\":12,\"planned_s\":30"));
  CHECK(text.contains("\"sent\":1011,\"recv\":1001,\"inflight\":41,\"lost\":9"));
  CHECK(text.contains("\"e2e\":{\"50\":2"));
  CHECK(text.contains("{\"expr\":\"loss==0\",\"value\":\"9"));
  CHECK_FALSE(text.contains('\x1b'));
}

TEST_CASE("the live screen shows phase, rates, percentiles, trends, and the verdict so far") {
  Snapshot shown = snapshot();
  shown.result.measure.lost = 9;
  const auto lines = lines_of(screen(shown, {100, 30}));
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  CAPTURE(all);
  CHECK(lines[0] == "mq-bench pair 10x10  QoS 1  128 B  run 7f3a  127.0.0.1:1883");
  CHECK(all.contains("measure     ████████████████████··"));
  CHECK(all.contains("·· 12s / 30s\n"));
  CHECK(all.contains("connections 20 / 20\n"));
  CHECK(
      all.contains("rate        target 1000/s  offered 1000/s  sent 1011/s  received 1001/s  in "
                   "flight 41\n"));
  CHECK(all.contains("e2e         p50 2ms  p90 2ms  p99 2ms  p99.9 2ms  max 2ms\n"));
  CHECK(all.contains("messages    lost 9  duplicate 0  out of order 0\n"));
  CHECK(all.contains("received    ████████████ 1001/s\n"));
  CHECK(all.contains("e2e p99     ████████████ 2ms\n"));
  CHECK(all.contains("generator   ok  lag p99 0.05ms  loop lag 2ms  cpu 61%  rss 48MiB\n"));
  CHECK(all.contains("so far      PASS connected==20 (20)\n"));
  CHECK(all.contains("\n            FAIL loss==0 (9"));
}

TEST_CASE("on a narrow live screen figures go on in the next line, none is lost") {
  const auto lines = lines_of(screen(snapshot(), {40, 30}));
  CHECK(lines[3] == "rate        target 1000/s");
  CHECK(lines[4] == "            offered 1000/s  sent 1011/s");
  CHECK(lines[5] == "            received 1001/s");
  CHECK(lines[6] == "            in flight 41");
  CHECK(lines[7] == "e2e         p50 2ms  p90 2ms  p99 2ms");
  CHECK(lines[8] == "            p99.9 2ms  max 2ms");
}

TEST_CASE("the live screen shows how far connecting is, and no rates of what has not begun") {
  Snapshot shown = snapshot();
  shown.phase = {"connect", kStart, mqtt::kNever};
  shown.connections = 5;
  shown.result.series = {};
  shown.result.metrics = {};
  shown.result.metrics.connect_total.histogram.record(2ms);
  const auto lines = lines_of(screen(shown, {60, 30}));
  CHECK(lines[1] == "connect     ███████████································· 12s");
  CHECK(lines[2] == "connections 5 / 20");
  CHECK(lines[3] == "connect     max 2ms");
  CHECK(lines[4].starts_with("spread"));
}

TEST_CASE("the live screen of a storm without messages is about who came back") {
  Snapshot shown = snapshot();
  shown.result = {};
  shown.result.mode = Mode::storm;
  shown.result.receivers = shown.result.clients = 100;
  shown.result.departures = shown.result.reconnects = 100;
  shown.result.returns = 90;
  shown.result.series.rows.resize(9);
  for (int i = 0; i < 90; ++i) shown.result.metrics.reconnect.histogram.record(3ms);
  const auto lines = lines_of(screen(shown, {80, 30}));
  CHECK(lines[2] == "connections 20 / 100  left 100  back 90");
  CHECK(lines[3] == "return      p50 3ms  max 3ms");
  CHECK(lines[4].starts_with("spread"));
}

TEST_CASE("the live screen fits into any terminal, and without colours has none") {
  Snapshot shown = snapshot();
  shown.result.run_id = "x\x1b[2J\n";
  for (const std::size_t columns : {1U, 7U, 20U, 60U, 300U}) {
    for (const std::size_t rows : {1U, 5U, 80U}) {
      CAPTURE(columns);
      CAPTURE(rows);
      const auto lines = lines_of(screen(shown, {columns, rows}));
      CHECK(lines.size() <= rows);
      for (const std::string& line : lines) CHECK(cli::text_columns(line) <= columns);
    }
  }
  CHECK_FALSE(screen(shown, {100, 30}).contains("\x1b[2J"));
  CHECK_FALSE(screen(shown, {100, 30})
                  .contains("m"
                            "\x1b[32m"));
  CHECK_FALSE(screen(shown, {100, 30}).contains("\x1b[1m"));
  CHECK(screen(shown, {100, 30}, true).contains("\x1b[1mmq-bench pair\x1b[m"));
  CHECK_FALSE(screen({}, {100, 30}).empty());
}

TEST_CASE("a spread has a bar for each step of a logarithmic scale") {
  Histogram histogram;
  for (int i = 0; i < 1'000; ++i) histogram.record(1ms);
  histogram.record(100ms);
  CHECK(spread(histogram, 5) == "█▁▁▁▂");
  CHECK(spread(Histogram(), 5).empty());
  CHECK(spread(histogram, 0).empty());
}

TEST_CASE("the board adds up what the crews show, and asks for it now and then") {
  Board board(1s);
  Result frame;
  frame.clients = 4;
  frame.qos = 1;
  board.describe(frame);
  board.enter({"measure", kStart, kStart + 30s});
  std::array<Result, 2> results;
  for (Result& result : results) {
    Ledger ledger(result);
    ledger.begin(kStart);
    ledger.series().set_origin(kStart);
    ledger.count_online(2);
    ledger.series().owe(kStart, 10);
    ledger.series().owe(kStart, -7);
    result.measure.sent = 15;
    result.measure.acked = 9;
    result.measure.unique = 7;
    Board::Sheet& sheet = board.add_sheet();
    CHECK(sheet.is_due(kStart));
    ledger.series().advance(kStart + 9s);
    ledger.series().owe(kStart + 9s, 5);
    sheet.copy(ledger, kStart + 9s);
    CHECK_FALSE(sheet.is_due(kStart + 9s + 249ms));
    CHECK(sheet.is_due(kStart + 9s + 250ms));
    CHECK(result.series.rows.size() == 11);
  }
  const Snapshot shown = board.read(kStart + 10s);
  CHECK(shown.connections == 4);
  CHECK(shown.in_flight == 12);
  CHECK(shown.result.clients == 4);
  CHECK(shown.result.measured == 9s);
  CHECK(shown.result.measure.lost == 6);
  CHECK(shown.result.measure.expected == 20);
  CHECK(shown.result.series.rows.size() == 11);
  CHECK(shown.phase.name == "measure");
}

TEST_CASE("Prometheus' page: heads, counters of both phases, percentiles in seconds") {
  Snapshot shown = snapshot();
  shown.result.warm.sent = 5;
  shown.result.run_id = "a\"b\nc";
  const std::string page = live_metrics(live(shown, {}));
  CHECK(page.contains("# TYPE mq_bench_sent_total counter\nmq_bench_sent_total 10005\n"));
  CHECK(page.contains("# TYPE mq_bench_connections gauge\nmq_bench_connections 20\n"));
  CHECK(page.contains("run=\"a\\\"b\\\\x0ac\",mode=\"pair\",phase=\"measure\"} 1\n"));
  CHECK(page.contains("mq_bench_latency_seconds{metric=\"e2e\",quantile=\"0.99\"} 0.002"));
  CHECK(page.contains("mq_bench_generator_limited 0\n"));
  CHECK(page.ends_with("\n"));
}
