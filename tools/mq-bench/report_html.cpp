#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/html_charts.hpp"
#include "tools/mq-bench/html_style.hpp"
#include "tools/mq-bench/html_tables.hpp"
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
    return {"Partial", "warn",
            result.signal || !result.aborted.empty()
                ? "The run ended early; the figures are those until then."
                : "The figures are those of a part only."};
  if (!verdict.is_valid())
    return {"Invalid", "warn", "The figures below do not tell how fast the broker is."};
  if (failed > 0)
    return {"Failed", "bad",
            fmt::format("{} of {} assertions {} not hold.", failed, total,
                        failed == 1 ? "does" : "do")};
  if (verdict.baseline && !verdict.baseline->is_comparable())
    return {"Not comparable", "warn", "This run cannot be held against the baseline."};
  if (verdict.baseline && !verdict.baseline->passed())
    return {"Failed", "bad", "It is worse than the baseline, beyond what is tolerated."};
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
  if (result.publishers > 0) text += " · " + payload_text(result);
  if (is_closed_loop(result)) text += " · closed loop: service time";
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

/// The middle, the highest percentile up to p99 that enough samples speak for, and the greatest.
void append_latency_tiles(std::string& html, const Result& result) {
  const Metric& metric = leading_metric(result);
  const std::uint64_t lost = result.lost_of(metric);
  const Histogram& histogram = metric.histogram;
  if (histogram.count() + lost == 0) return;
  const auto quantile = [&](Percentile p) { return histogram.quantile(p, lost); };
  const auto is_known = [&](Percentile p) {
    return quantile(p).kind != Quantile::Kind::insufficient;
  };
  if (is_known(kP50))
    append_tile(html, fmt::format("{} p50", metric.name), quantile_text(quantile(kP50)));
  if (const Percentile high = is_known(kP99) ? kP99 : kP90; is_known(high))
    append_tile(html, fmt::format("{} p{}", metric.name, high.name), quantile_text(quantile(high)),
                fmt::format("p99.9 {}", quantile_text(quantile({999'000, "99.9"}))));
  append_tile(html, fmt::format("{} max", metric.name), milliseconds(histogram.max()),
              fmt::format("n = {}", histogram.count()));
}

std::string short_rate(double rate) { return fmt::format("{:.{}f}/s", rate, rate < 100 ? 1 : 0); }

void append_message_tiles(std::string& html, const Result& result) {
  const Counters& c = result.measure;
  const Rates rates = rates_of(result);
  if (sends_in_measure(result))
    append_tile(html, "sent", short_rate(rates.sent),
                result.target_rate > 0 ? fmt::format("target {:.10g}/s", result.target_rate) : "");
  if (!has_arrivals(result)) return;
  append_tile(html, "received", short_rate(rates.received));
  append_tile(html, "lost", fmt::format("{}", c.lost), fmt::format("of {}", c.expected),
              c.lost > 0);
  append_tile(html, "duplicates", fmt::format("{}", c.duplicates),
              fmt::format("out of order {}", c.out_of_order));
}

void append_client_tiles(std::string& html, const Result& result) {
  append_tile(html, "connected", fmt::format("{}", result.connected),
              fmt::format("of {}, {} reconnects", result.clients, result.reconnects),
              result.connected < result.clients);
  if (result.departures == 0) return;
  append_tile(html, "cut off or left", fmt::format("{}", result.departures));
  if (result.mode == Mode::wills) return;  // The dead stay away.
  append_tile(html, "came back", fmt::format("{}", result.returns),
              fmt::format("to their session {}", result.resumed),
              result.returns < result.departures);
}

void append_tiles(std::string& html, const Result& result) {
  html += "<dl class=\"tiles\">";
  append_latency_tiles(html, result);
  append_message_tiles(html, result);
  append_client_tiles(html, result);
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
        "<th scope=\"col\">Verdict</th><th scope=\"col\">Base</th><th scope=\"col\">Now</th>"
        "<th scope=\"col\">Change</th><th scope=\"col\">Tolerance</th></tr></thead><tbody>\n";
  }
  for (const Comparison::Row& row : baseline.rows) {
    fmt::format_to(Out(html), "<tr><th scope=\"row\"><code>{}</code></th>", markup(row.figure));
    fmt::format_to(Out(html), "<td><span class=\"word {}\">{} {}</span></td>",
                   row.passed() ? "good" : "bad", row.passed() ? "✓" : "✗",
                   markup(name(row.outcome)));
    for (const std::string& cell : {row.base, row.now, row.change, row.tolerance})
      fmt::format_to(Out(html), "<td>{}</td>", markup(cell));
    html += "</tr>\n";
  }
  if (!baseline.rows.empty()) html += "</tbody></table></div>";
  html += "</section>\n";
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
  html += render_errors(result);
  append_baseline(html, verdict);
  html += render_runs(result);
  append_charts(html, "Latency", render_percentile_chart(result));
  append_charts(html, "Over time", render_series_charts(result));
  html += render_times(result);
  html += render_balance(result);
  html += render_circumstances(result);
  fmt::format_to(Out(html),
                 "</main>\n<footer>Written by mq-bench {}. This file needs no network.</footer>\n"
                 "<script>{}</script>\n</body>\n</html>\n",
                 MQ_TOOLS_VERSION, kHtmlScript);
  return html;
}

}  // namespace mq_bench
