#include "tools/mq-bench/live.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "tools/common/bars.hpp"
#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/json_writer.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

using Out = std::back_insert_iterator<std::string>;

/// The last row has only just begun when it is shown.
const Series::Row* last_row(const Series& series) {
  return series.rows.size() < 2 ? nullptr : &series.rows[series.rows.size() - 2];
}

double rate(const Result& result, std::uint64_t Series::Row::*count) {
  const Series::Row* row = last_row(result.series);
  if (row == nullptr) return 0;
  return static_cast<double>(row->*count) / static_cast<double>(result.series.seconds_per_row);
}

std::string quantile_of(const Histogram& histogram, Percentile percentile) {
  return quantile_text(histogram.quantile(percentile));
}

std::int64_t whole_seconds(Duration duration) {
  return std::chrono::floor<std::chrono::seconds>(duration).count();
}

void append_first_line(std::string& text, const Live& live) {
  const Snapshot& snapshot = live.snapshot;
  const Result& result = snapshot.result;
  text += snapshot.phase.name;
  fmt::format_to(Out(text), " {}s", whole_seconds(snapshot.now - snapshot.phase.start));
  if (snapshot.phase.end != mqtt::kNever)
    fmt::format_to(Out(text), "/{}", exact_duration(snapshot.phase.end - snapshot.phase.start));
  fmt::format_to(Out(text), "  conn {}/{}", snapshot.connections, result.clients);
  if (result.target_rate > 0) fmt::format_to(Out(text), "  target {:.10g}/s", result.target_rate);
  if (result.publishers > 0) fmt::format_to(Out(text), "  sent {:.0f}/s", sent_rate(result));
  if (has_arrivals(result)) fmt::format_to(Out(text), "  recv {:.0f}/s", received_rate(result));
  if (result.publishers > 0 && result.qos > 0)
    fmt::format_to(Out(text), "  inflight {}", snapshot.in_flight);
  text += '\n';
}

}  // namespace

Live live(Snapshot snapshot, const JudgeOptions& options) {
  Live live;
  if (snapshot.result.measured.count() > 0) live.limits = generator_limits(snapshot.result);
  live.assertions = check_assertions(snapshot.result, options);
  live.snapshot = std::move(snapshot);
  return live;
}

double sent_rate(const Result& result) { return rate(result, &Series::Row::sent); }
double received_rate(const Result& result) { return rate(result, &Series::Row::received); }

std::string live_lines(const Live& live) {
  const Result& result = live.snapshot.result;
  std::string text;
  append_first_line(text, live);
  const Histogram& main = result.series_metric().histogram;
  if (main.count() == 0) return text;
  fmt::format_to(Out(text), "  {} p50 {} p99 {} p99.9 {} max {}", result.series_metric().name,
                 quantile_of(main, kP50), quantile_of(main, kP99),
                 quantile_of(main, {999'000, "99.9"}), milliseconds(main.max()));
  const Histogram& ack = result.metrics.ack.histogram;
  if (&main != &ack && ack.count() > 0)
    fmt::format_to(Out(text), " | ack p99 {}", quantile_of(ack, kP99));
  const Counters& c = result.measure;
  if (has_arrivals(result))
    fmt::format_to(Out(text), " | lost {} dup {} ooo {}", c.lost, c.duplicates, c.out_of_order);
  fmt::format_to(Out(text), " | lag p99 {}  gen {}\n",
                 quantile_of(result.metrics.own_lag.histogram, kP99),
                 live.limits.empty() ? "ok" : "LIMITED");
  return text;
}

Duration until_next_lines(Duration elapsed) {
  constexpr Duration kSecond = std::chrono::seconds(1);
  constexpr Duration kUntilKnown = std::chrono::milliseconds(50);
  return kSecond - std::max(elapsed, Duration()) % kSecond + kUntilKnown;
}

std::string live_json(const Live& live) {
  const Snapshot& snapshot = live.snapshot;
  const Result& result = snapshot.result;
  const Histogram& main = result.series_metric().histogram;
  JsonWriter json;
  json.begin_object()
      .member("run_id", result.run_id)
      .member("phase", snapshot.phase.name)
      .member("elapsed_s", in_seconds(snapshot.now - snapshot.phase.start));
  if (snapshot.phase.end != mqtt::kNever)
    json.member("planned_s", in_seconds(snapshot.phase.end - snapshot.phase.start));
  json.member("connections", snapshot.connections)
      .member("clients", result.clients)
      .member("target", result.target_rate)
      .member("sent", sent_rate(result))
      .member("recv", received_rate(result))
      .member("inflight", snapshot.in_flight)
      .member("lost", result.measure.lost)
      .member("dup", result.measure.duplicates)
      .member("ooo", result.measure.out_of_order)
      .member("reconnects", result.reconnects)
      .begin_object(result.series_metric().name);
  for (const Percentile percentile : {kP50, kP99, Percentile{999'000, "99.9"}}) {
    const Quantile quantile = main.quantile(percentile);
    if (quantile.kind == Quantile::Kind::value)
      json.member(percentile.name, quantile.value.count());
    else
      json.null_member(percentile.name);
  }
  json.member("max", main.max().count()).member("n", main.count()).end_object();
  json.member("limited", !live.limits.empty()).begin_array("asserts");
  for (const Assertion& assertion : live.assertions) {
    json.begin_object()
        .member("expr", assertion.expression)
        .member("value", assertion.value)
        .member("verdict", name(assertion.outcome))
        .end_object();
  }
  json.end_array().end_object();
  return json.text() + '\n';
}

std::string spread(const Histogram& histogram, std::size_t columns) {
  const auto counters = histogram.counters();
  if (columns == 0 || counters.empty()) return {};
  const auto place = [](Duration value) {
    return std::log(static_cast<double>(std::max(value, Duration(1'000)).count()));
  };
  const double least = place(histogram.min());
  const double span = std::max(place(histogram.max()) - least, 1e-9);
  std::vector<double> counts(columns);
  for (std::size_t i = 0; i < counters.size(); ++i) {
    if (counters[i] == 0) continue;
    const double at = std::clamp((place(Histogram::lowest_at(i)) - least) / span, 0.0, 1.0);
    const auto column = static_cast<std::size_t>(at * static_cast<double>(columns - 1) + 0.5);
    counts[column] += static_cast<double>(counters[i]);
  }
  // A root, so that a tail of a few messages is still seen beside the many.
  std::ranges::transform(counts, counts.begin(),
                         [](double count) { return std::pow(count, 0.33); });
  return cli::bars(counts, 0, *std::ranges::max_element(counts));
}

}  // namespace mq_bench
