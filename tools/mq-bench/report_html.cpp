#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/html_charts.hpp"
#include "tools/mq-bench/html_style.hpp"
#include "tools/mq-bench/markup.hpp"
#include "tools/mq-bench/rates.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

using Out = std::back_insert_iterator<std::string>;

/// The word for how it ended, the class that it is shown in, and why, in a sentence.
struct Ending {
  std::string_view word;
  std::string_view style;
  std::string sentence;
};

Ending ending_of(const Result& result, const Verdict& verdict) {
  const auto total = verdict.assertions.size();
  const auto failed =
      static_cast<std::size_t>(std::ranges::count(verdict.assertions, false, &Assertion::passed));
  if (result.connected == 0) return {"Not connected", "bad", "No client ever connected."};
  if (verdict.partial)
    return {"Partial", "warn", "The run ended early; the figures are those until then."};
  if (!verdict.is_valid())
    return {"Invalid", "warn", "The figures below do not tell how fast the broker is."};
  if (failed > 0)
    return {"Failed", "bad",
            fmt::format("{} of {} assertions {} not hold.", failed, total,
                        failed == 1 ? "does" : "do")};
  if (verdict.exit_code != 0)
    return {"Failed", "bad", fmt::format("The run ended with exit code {}.", verdict.exit_code)};
  if (total == 0) return {"Valid", "good", "The run was valid; nothing was asserted."};
  return {"Passed", "good",
          fmt::format("The run was valid and {}.",
                      total == 1 ? std::string("its assertion holds")
                                 : fmt::format("all {} assertions hold", total))};
}

std::string load_text(const Result& result) {
  std::string text(name(result.mode));
  if (result.publishers > 0 && result.receivers > 0)
    text += fmt::format(" {}\u00D7{}", result.publishers, result.receivers);
  else
    text += fmt::format(", {} clients", result.clients);
  if (result.mode != Mode::conn) text += fmt::format(" · QoS {}", result.qos);
  if (result.publishers > 0) text += fmt::format(" · {} B", result.size);
  if (result.target_rate > 0) text += fmt::format(" · open loop {:.10g}/s", result.target_rate);
  text += fmt::format(" · {} {:.3g} s", result.mode == Mode::conn ? "held" : "measured",
                      in_seconds(result.measured));
  if (result.warmup.count() > 0)
    text += fmt::format(" (warm-up {} excluded)", exact_duration(result.warmup));
  if (result.shards.count > 1)
    text += fmt::format(" · {} of {} shards", result.shards.given.size(), result.shards.count);
  if (!result.repeats.empty())
    text += fmt::format(" · the run in the middle of {}", result.repeats.size());
  return text;
}

void append_list(std::string& html, const std::vector<std::string>& items) {
  if (items.empty()) return;
  html += "<ul>";
  for (const std::string& item : items) fmt::format_to(Out(html), "<li>{}</li>", markup(item));
  html += "</ul>";
}

void append_verdict(std::string& html, const Result& result, const Verdict& verdict) {
  const Ending ending = ending_of(result, verdict);
  fmt::format_to(Out(html),
                 "<div class=\"verdict {}\"><h1><span class=\"word\">{}</span> · exit {}</h1>"
                 "<p>{}</p>",
                 ending.style, ending.word, verdict.exit_code, markup(ending.sentence));
  append_list(html, verdict.partial_reasons);
  append_list(html, verdict.invalid_reasons);
  std::vector<std::string> failed;
  for (const Assertion& assertion : verdict.assertions) {
    if (!assertion.passed())
      failed.push_back(fmt::format("{}: {}", assertion.expression, assertion.value));
  }
  append_list(html, failed);
  std::vector<std::string> warnings;
  for (const std::string& warning : verdict.warnings) warnings.push_back("warning: " + warning);
  append_list(html, warnings);
  fmt::format_to(
      Out(html),
      "<p>{}</p><p class=\"soft\">Run <code>{}</code> against <code>{}</code></p></div>\n",
      markup(load_text(result)), markup(result.run_id), markup(result.url));
}

void append_tile(std::string& html, std::string_view title, std::string_view value,
                 std::string_view note = {}, bool is_bad = false) {
  fmt::format_to(Out(html), "<div><dt>{}</dt><dd{}>{}", title, is_bad ? " class=\"bad\"" : "",
                 markup(value));
  if (!note.empty()) fmt::format_to(Out(html), "<small>{}</small>", markup(note));
  html += "</dd></div>";
}

void append_tiles(std::string& html, const Result& result) {
  html += "<dl class=\"tiles\">";
  const Metric& metric = result.series_metric();
  const std::uint64_t lost = result.lost_of(metric);
  const Histogram& histogram = metric.histogram;
  const auto quantile = [&](Percentile p) { return quantile_text(histogram.quantile(p, lost)); };
  if (histogram.count() + lost > 0) {
    append_tile(html, fmt::format("{} p50", metric.name), quantile(kP50));
    append_tile(html, fmt::format("{} p99", metric.name), quantile(kP99),
                fmt::format("p99.9 {}", quantile({999'000, "99.9"})));
    append_tile(html, fmt::format("{} max", metric.name), milliseconds(histogram.max()),
                fmt::format("of {}", histogram.count()));
  }
  const Rates rates = rates_of(result);
  if (sends_in_measure(result))
    append_tile(html, "sent", fmt::format("{:.5g}/s", rates.sent),
                fmt::format("target {:.6g}/s", result.target_rate));
  if (has_arrivals(result)) {
    append_tile(html, "received", fmt::format("{:.5g}/s", rates.received));
    const Counters& c = result.measure;
    append_tile(html, "lost", fmt::format("{}", c.lost), fmt::format("of {}", c.expected),
                c.lost > 0);
    append_tile(html, "duplicates", fmt::format("{}", c.duplicates),
                fmt::format("out of order {}", c.out_of_order));
  }
  append_tile(html, "connected", fmt::format("{}", result.connected),
              fmt::format("of {}, {} reconnects", result.clients, result.reconnects),
              result.connected < result.clients);
  html += "</dl>\n";
}

void append_assertions(std::string& html, const Verdict& verdict) {
  if (verdict.assertions.empty()) return;
  html +=
      "<section><h2>Assertions</h2><table class=\"words cards\"><thead><tr><th scope=\"col\">"
      "Verdict</th><th scope=\"col\">Assertion</th><th scope=\"col\">Measured</th></tr></thead>"
      "<tbody>\n";
  for (const Assertion& assertion : verdict.assertions) {
    const bool passed = assertion.passed();
    fmt::format_to(Out(html),
                   "<tr><td><span class=\"word {}\">{}</span></td><td><code>{}</code></td>"
                   "<td>{}</td></tr>\n",
                   passed ? "good" : "bad", passed ? "✓ pass" : "✗ fail",
                   markup(assertion.expression), markup(assertion.value));
  }
  html += "</tbody></table></section>\n";
}

void append_baseline(std::string& html, const Verdict& verdict) {
  if (!verdict.baseline) return;
  const Comparison& baseline = *verdict.baseline;
  fmt::format_to(Out(html), "<section><h2>Baseline</h2><p>{} run <code>{}</code></p>",
                 baseline.is_comparable() ? "Against" : "<strong>Not comparable</strong> with",
                 markup(baseline.base_run_id));
  append_list(html, baseline.differences);
  if (!baseline.rows.empty()) {
    html +=
        "<div class=\"scroll\"><table class=\"figures\"><thead><tr><th scope=\"col\">Figure</th>"
        "<th scope=\"col\">Base</th><th scope=\"col\">Now</th><th scope=\"col\">Change</th>"
        "<th scope=\"col\">Tolerance</th><th scope=\"col\">Verdict</th></tr></thead><tbody>\n";
  }
  for (const Comparison::Row& row : baseline.rows) {
    fmt::format_to(Out(html), "<tr><th scope=\"row\"><code>{}</code></th>", markup(row.figure));
    for (const std::string& cell : {row.base, row.now, row.change, row.tolerance})
      fmt::format_to(Out(html), "<td>{}</td>", markup(cell));
    fmt::format_to(Out(html), "<td><span class=\"word {}\">{} {}</span></td></tr>\n",
                   row.passed() ? "good" : "bad", row.passed() ? "✓" : "✗",
                   markup(name(row.outcome)));
  }
  if (!baseline.rows.empty()) html += "</tbody></table></div>";
  html += "</section>\n";
}

void append_latencies(std::string& html, const Result& result, const Metrics& metrics,
                      std::string_view phase) {
  for (const Metric* metric : metrics.all()) {
    const Histogram& histogram = metric->histogram;
    const std::uint64_t lost = result.lost_of(*metric);
    if (histogram.count() + lost == 0) continue;
    fmt::format_to(Out(html), "<tr><th scope=\"row\">{}{}</th>", markup(metric->name), phase);
    for (const Percentile percentile : kReportedPercentiles)
      fmt::format_to(Out(html), "<td>{}</td>", quantile_text(histogram.quantile(percentile, lost)));
    fmt::format_to(Out(html), "<td>{}</td><td>{}</td></tr>\n", milliseconds(histogram.max()),
                   histogram.count());
  }
}

void append_latencies(std::string& html, const Result& result) {
  html +=
      "<section><h2>Times</h2><p class=\"note\">From the time a message or connection was due. "
      "Lost messages count as infinitely late. n/a: fewer than ten samples above.</p>"
      "<div class=\"scroll\"><table class=\"figures\"><thead><tr><th scope=\"col\">Metric</th>";
  for (const Percentile percentile : kReportedPercentiles)
    fmt::format_to(Out(html), "<th scope=\"col\">p{}</th>", percentile.name);
  html += "<th scope=\"col\">max</th><th scope=\"col\">n</th></tr></thead><tbody>\n";
  append_latencies(html, result, result.metrics, "");
  append_latencies(html, result, result.warm_metrics, "@warmup");
  html += "</tbody></table></div></section>\n";
}

void append_sum(std::string& html, std::string_view sum, bool holds) {
  fmt::format_to(Out(html), "<li><span class=\"word {}\">{}</span> {}</li>", holds ? "good" : "bad",
                 holds ? "✓" : "✗", markup(sum));
}

void append_balance(std::string& html, const Result& result) {
  if (!sends_in_measure(result) && !has_arrivals(result)) return;
  const Counters& c = result.measure;
  html += "<section><h2>Balance</h2><ul class=\"sums\">";
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
  html += "</ul><table class=\"figures\"><tbody>";
  const std::pair<std::string_view, std::uint64_t> rows[] = {
      {"duplicates", c.duplicates},
      {"of these allowed (QoS 1 after a reconnect)", c.duplicates_allowed},
      {"out of order", c.out_of_order},
      {"late, after the drain", result.late},
      {"of another run", result.foreign},
      {"corrupt", result.corrupt},
      {"lost in the warm-up", result.warm.lost}};
  for (const auto& [title, count] : rows)
    fmt::format_to(Out(html), "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", title, count);
  html += "</tbody></table>";
  for (const std::string& line : result.losses.lines())
    fmt::format_to(Out(html), "<p class=\"note\">{}</p>", line);
  html += "</section>\n";
}

using Words = std::vector<std::pair<std::string, std::string>>;

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

Words errors_of(const Result& result) {
  Words words;
  for (const auto& [error, count] : result.errors)
    words.emplace_back(fmt::format("{} ×", count), error);
  return words;
}

Words generator_of(const Result& result) {
  const auto p99 = [](const Metric& metric) {
    return quantile_text(metric.histogram.quantile(kP99));
  };
  return {{"send lag p99", fmt::format("{}, of it its own {}", p99(result.metrics.send_lag),
                                       p99(result.metrics.own_lag))},
          {"loop lag max", milliseconds(result.self.loop_lag_max)},
          {"CPU", fmt::format("{:.0f} % of a core, busiest thread", result.self.cpu_share * 100)},
          {"involuntary switches", fmt::format("{}", result.self.involuntary_switches)},
          {"memory",
           fmt::format("{:.1f} MiB", static_cast<double>(result.self.rss_bytes) / 1048576.0)}};
}

/// What kept messages back that the broker is answerable for; publishers together.
Words waits_of(const Result& result) {
  if (result.window_full_ns + result.send_blocked_ns + result.ack_timeouts == 0) return {};
  const auto wait = [](std::uint64_t ns) {
    return milliseconds(Duration(static_cast<std::int64_t>(ns)));
  };
  return {{"window full (Receive Maximum, --inflight)", wait(result.window_full_ns)},
          {"socket full", wait(result.send_blocked_ns)},
          {"acknowledgements missed", fmt::format("{}", result.ack_timeouts)}};
}

Words environment_of(const Result& result) {
  const Environment& environment = result.environment;
  return {{"CPU", environment.cpu},
          {"cores", fmt::format("{}", environment.cores)},
          {"kernel", environment.kernel},
          {"open files", fmt::format("{}", environment.descriptor_limit)},
          {"boot id", environment.boot_id},
          {"mq-bench", result.tool_version}};
}

Words config_of(const Result& result) {
  Words words;
  for (const auto& [key, value] : result.config) words.emplace_back(key, value);
  words.emplace_back("hash", config_hash(result));
  return words;
}

void append_charts(std::string& html, std::string_view title, const std::string& charts) {
  if (charts.empty()) return;
  fmt::format_to(Out(html), "<section><h2>{}</h2>{}</section>\n", title, charts);
}

void append_head(std::string& html, const Result& result, const Verdict& verdict) {
  // The browser itself is told to fetch nothing, whatever may stand in the page.
  fmt::format_to(
      Out(html),
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; script-src 'unsafe-inline'\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>mq-bench {}: {} (run {})</title>\n<style>{}</style>\n</head>\n<body>\n",
      name(result.mode), ending_of(result, verdict).word, markup(result.run_id), kHtmlStyle);
}

}  // namespace

std::string render_html(const Result& result, const Verdict& verdict) {
  std::string html;
  append_head(html, result, verdict);
  html += "<header>";
  append_verdict(html, result, verdict);
  html += "</header>\n<main>\n";
  append_tiles(html, result);
  append_assertions(html, verdict);
  append_baseline(html, verdict);
  append_charts(html, "Latency", render_percentile_chart(result));
  append_charts(html, "Over time", render_series_charts(result));
  append_latencies(html, result);
  append_balance(html, result);
  append_words(html, "Waits", waits_of(result),
               "How long publishers, all together, had messages that had to wait.");
  append_words(html, "Errors", errors_of(result));
  html += "<div class=\"two\">";
  append_words(html, "Generator", generator_of(result),
               "What the load generator itself added: a run in which it was the bottleneck is "
               "invalid.");
  append_words(html, "Environment", environment_of(result));
  html += "</div>\n";
  append_words(html, "Settings", config_of(result));
  fmt::format_to(Out(html),
                 "</main>\n<footer>Written by mq-bench {}. This file needs no network.</footer>\n"
                 "<script>{}</script>\n</body>\n</html>\n",
                 MQ_TOOLS_VERSION, kHtmlScript);
  return html;
}

}  // namespace mq_bench
