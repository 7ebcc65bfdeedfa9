#include "tools/mq-bench/html_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "tools/mq-bench/figure.hpp"
#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/markup.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

using Out = std::back_insert_iterator<std::string>;
using Words = std::vector<std::pair<std::string, std::string>>;

/// A metric's times in one phase.
struct TimesRow {
  std::string name;
  const Histogram* histogram;
  std::uint64_t lost = 0;
  Quantile quantile(Percentile percentile) const { return histogram->quantile(percentile, lost); }
  /// Lost messages are later than all others, the latest included.
  std::string max() const { return lost > 0 ? "∞" : milliseconds(histogram->max()); }
};

/// Those with samples; the warm-up's behind those of the measurement.
std::vector<TimesRow> times_of(const Result& result) {
  std::vector<TimesRow> rows;
  for (const Metric* metric : result.metrics.all()) {
    const std::uint64_t lost = result.lost_of(*metric);
    rows.push_back({std::string(metric->name), &metric->histogram, lost});
    if (lost > 0) rows.push_back({std::string(metric->name) + ".delivered", &metric->histogram});
  }
  for (const Metric* metric : result.warm_metrics.all())
    rows.push_back({std::string(metric->name) + "@warmup", &metric->histogram});
  std::erase_if(rows, [](const TimesRow& row) { return row.histogram->count() + row.lost == 0; });
  return rows;
}

/// Those that any row has samples enough for: a column of "n/a" only takes room on a phone.
std::vector<Percentile> told_percentiles(const std::vector<TimesRow>& rows) {
  std::vector<Percentile> told;
  for (const Percentile percentile : kReportedPercentiles) {
    const bool is_told = std::ranges::any_of(rows, [percentile](const TimesRow& row) {
      return row.quantile(percentile).kind != Quantile::Kind::insufficient;
    });
    if (is_told) told.push_back(percentile);
  }
  return told;
}

void append_sum(std::string& html, std::string_view sum, bool holds) {
  fmt::format_to(Out(html), "<li><span class=\"word {}\">{}</span> {}</li>", holds ? "good" : "bad",
                 holds ? "✓" : "✗", markup(sum));
}

void append_sums(std::string& html, const Result& result) {
  const Counters& c = result.measure;
  html += "<ul class=\"sums\">";
  if (sends_in_measure(result)) {
    append_sum(html,
               fmt::format("scheduled {} = sent {} + offline {} + backlog {}", c.scheduled, c.sent,
                           c.skipped_offline, c.skipped_backlog),
               c.scheduled == c.sent + c.skipped_offline + c.skipped_backlog);
    if (result.qos > 0)
      append_sum(html,
                 fmt::format("sent {} = acknowledged {} + refused {} + unanswered {}", c.sent,
                             c.acked, c.nacked, c.unacked),
                 c.sent == c.acked + c.nacked + c.unacked);
  }
  if (has_arrivals(result))
    append_sum(
        html, fmt::format("expected {} = received once {} + lost {}", c.expected, c.unique, c.lost),
        c.expected == c.unique + c.lost);
  html += "</ul>";
}

void append_words(std::string& html, std::string_view title, const Words& words,
                  std::string_view note = {}) {
  if (words.empty()) return;
  fmt::format_to(Out(html), "<section><h2>{}</h2>", title);
  if (!note.empty()) fmt::format_to(Out(html), "<p class=\"note\">{}</p>", note);
  html += "<table class=\"words\"><tbody>";
  for (const auto& [key, value] : words)
    fmt::format_to(Out(html), "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", markup(key),
                   markup(value));
  html += "</tbody></table></section>\n";
}

/// The p99, or the greatest where too few samples speak for one.
std::string most_of(const Histogram& histogram) {
  const Quantile p99 = histogram.quantile(kP99);
  return p99.kind == Quantile::Kind::value ? "p99 " + quantile_text(p99)
                                           : "max " + milliseconds(histogram.max());
}

Words generator_of(const Result& result) {
  if (result.measured == Duration()) return {};
  Words words;
  const Histogram& lag = result.metrics.send_lag.histogram;
  if (lag.count() > 0)
    words.emplace_back("send lag", fmt::format("{}, of it its own {}", most_of(lag),
                                               most_of(result.metrics.own_lag.histogram)));
  words.emplace_back("loop lag", "max " + milliseconds(result.self.loop_lag_max));
  words.emplace_back(
      "CPU", fmt::format("{:.0f} % of a core, busiest thread", result.self.cpu_share * 100));
  words.emplace_back("involuntary switches", fmt::format("{}", result.self.involuntary_switches));
  words.emplace_back(
      "memory", fmt::format("{:.1f} MiB", static_cast<double>(result.self.rss_bytes) / 1048576.0));
  return words;
}

/// What kept messages back that the broker is answerable for; publishers together.
Words waits_of(const Result& result) {
  if (result.window_full_ns + result.send_blocked_ns + result.ack_timeouts == 0) return {};
  const auto wait = [](std::uint64_t ns) {
    return milliseconds(Duration(static_cast<std::int64_t>(ns)));
  };
  return {{"window full", wait(result.window_full_ns)},
          {"socket full", wait(result.send_blocked_ns)},
          {"ack timeouts", fmt::format("{}", result.ack_timeouts)}};
}

Words environment_of(const Result& result) {
  const Environment& environment = result.environment;
  Words words{{"CPU", environment.cpu},
              {"cores", fmt::format("{}", environment.cores)},
              {"kernel", environment.kernel},
              {"open files", fmt::format("{}", environment.descriptor_limit)},
              {"boot id", environment.boot_id},
              {"mq-bench", result.tool_version}};
  if (!result.joined) return words;
  const Joined& joined = *result.joined;
  words.emplace_back("shards",
                     fmt::format("{} of {}", result.shards.given.size(), result.shards.count));
  words.emplace_back("machines", fmt::format("{}", joined.machines.size()));
  words.emplace_back("start skew", milliseconds(joined.skew()));
  words.emplace_back("together", fmt::format("{:.3f} s", in_seconds(joined.common_window())));
  return words;
}

std::string figure_text(std::string_view name, double number) {
  const auto figure = Figure::parse(name);
  return figure ? shown(figure->kind(), number) : fmt::format("{:.6g}", number);
}

Words config_of(const Result& result) {
  Words words;
  for (const auto& [key, value] : result.config) words.emplace_back(key, value);
  words.emplace_back("hash", config_hash(result));
  return words;
}

}  // namespace

std::string render_errors(const Result& result) {
  std::string html;
  Words words;
  for (const auto& [error, count] : result.errors)
    words.emplace_back(fmt::format("{} ×", count), error);
  append_words(html, "Errors", words);
  return html;
}

std::string render_times(const Result& result) {
  const std::vector<TimesRow> rows = times_of(result);
  if (rows.empty()) return {};
  const std::vector<Percentile> percentiles = told_percentiles(rows);
  std::string html =
      "<section><h2>Times</h2><p class=\"note\">From the time a message or connection was due. "
      "Lost messages count as infinitely late. n/a: fewer than ten samples above.</p>"
      "<div class=\"scroll\"><table class=\"figures\"><thead><tr><th scope=\"col\">Metric</th>";
  for (const Percentile percentile : percentiles)
    fmt::format_to(Out(html), "<th scope=\"col\">p{}</th>", percentile.name);
  html += "<th scope=\"col\">max</th><th scope=\"col\">n</th></tr></thead><tbody>\n";
  for (const TimesRow& row : rows) {
    fmt::format_to(Out(html), "<tr><th scope=\"row\">{}</th>", markup(row.name));
    for (const Percentile percentile : percentiles)
      fmt::format_to(Out(html), "<td>{}</td>", quantile_text(row.quantile(percentile)));
    fmt::format_to(Out(html), "<td>{}</td><td>{}</td></tr>\n", row.max(), row.histogram->count());
  }
  return html + "</tbody></table></div></section>\n";
}

std::string render_balance(const Result& result) {
  const Counters& c = result.measure;
  if (result.connected == 0 || (!sends_in_measure(result) && !has_arrivals(result))) return {};
  std::string html = "<section><h2>Balance</h2>";
  append_sums(html, result);
  if (has_arrivals(result)) {
    html += "<table class=\"figures\"><tbody>";
    const std::pair<std::string_view, std::uint64_t> rows[] = {
        {"duplicates", c.duplicates},
        {"of these allowed (QoS 1 after a reconnect)", c.duplicates_allowed},
        {"out of order", c.out_of_order},
        {"late, after the drain", result.late},
        {"foreign", result.foreign},
        {"corrupt", result.corrupt},
        {"lost in the warm-up", result.warm.lost}};
    for (const auto& [title, count] : rows)
      fmt::format_to(Out(html), "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", title, count);
    html += "</tbody></table>";
  }
  for (const std::string& line : result.losses.lines())
    fmt::format_to(Out(html), "<p class=\"note\">{}</p>", markup(line));
  return html + "</section>\n";
}

std::string render_runs(const Result& result) {
  if (result.repeats.empty() || result.repeats.front().figures.empty()) return {};
  std::string html =
      "<section><h2>Runs</h2><div class=\"scroll\"><table class=\"figures\"><thead><tr>"
      "<th scope=\"col\">Run</th>";
  const auto& figures = result.repeats.front().figures;
  for (const auto& [figure, value] : figures)
    fmt::format_to(Out(html), "<th scope=\"col\"><code>{}</code></th>", markup(figure));
  html += "</tr></thead><tbody>\n";
  for (const Repeat& repeat : result.repeats) {
    fmt::format_to(Out(html), "<tr><th scope=\"row\"><code>{}</code>{}</th>", markup(repeat.run_id),
                   repeat.run_id == result.run_id ? " (shown)" : "");
    for (const auto& [figure, value] : figures) {
      const auto found = repeat.figures.find(figure);
      fmt::format_to(
          Out(html), "<td>{}</td>",
          found == repeat.figures.end() ? std::string("n/a") : figure_text(figure, found->second));
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div></section>\n";
}

std::string render_circumstances(const Result& result) {
  std::string html;
  append_words(html, "Waits", waits_of(result),
               "How long publishers, all together, had messages that had to wait: for room in the "
               "window (Receive Maximum, --inflight) or in the socket.");
  html += "<div class=\"two\">";
  append_words(html, "Generator", generator_of(result),
               "What the load generator itself added: a run in which it was the bottleneck is "
               "invalid.");
  append_words(html, "Environment", environment_of(result));
  html += "</div>\n";
  append_words(html, "Broker", {result.connack_properties.begin(), result.connack_properties.end()},
               "What it says about itself in CONNACK.");
  append_words(html, "Settings", config_of(result));
  return html;
}

}  // namespace mq_bench
