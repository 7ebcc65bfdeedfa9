#include <fmt/format.h>

#include <string_view>

#include "libmqtt/base/escape.hpp"
#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/rates.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

using Out = std::back_insert_iterator<std::string>;

/// Text that stands for itself, in a table too: a run's name or a broker's words format nothing.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : mqtt::escaped(text)) {
    if (std::string_view("\\`*_{}[]<>|#~!&$@").contains(c)) out += '\\';
    out += c;
  }
  return out;
}

void append_headline(std::string& text, const Result& result, const Verdict& verdict) {
  fmt::format_to(Out(text), "### mq-bench {}: {}{}, exit {}\n\n", name(result.mode),
                 verdict.is_valid() ? "valid" : "INVALID", verdict.partial ? ", partial" : "",
                 verdict.exit_code);
  fmt::format_to(Out(text), "Run {} against {}: {} of {} clients connected, {} {:.3f} s.\n\n",
                 plain(result.run_id), plain(result.url), result.connected, result.clients,
                 result.mode == Mode::conn ? "held" : "measured", in_seconds(result.measured));
  for (const std::string& reason : verdict.invalid_reasons)
    fmt::format_to(Out(text), "- {}\n", plain(reason));
  for (const std::string& reason : verdict.partial_reasons)
    fmt::format_to(Out(text), "- {}\n", plain(reason));
  for (const std::string& warning : verdict.warnings)
    fmt::format_to(Out(text), "- warning: {}\n", plain(warning));
  for (const auto& [error, count] : result.errors)
    fmt::format_to(Out(text), "- {} x {}\n", count, plain(error));
  if (text.ends_with("\n\n")) return;
  text += '\n';
}

void append_assertions(std::string& text, const Verdict& verdict) {
  if (verdict.assertions.empty()) return;
  text += "| Assertion | Measured | Verdict |\n|---|---|---|\n";
  for (const Assertion& assertion : verdict.assertions) {
    fmt::format_to(Out(text), "| {} | {} | {} |\n", plain(assertion.expression),
                   plain(assertion.value), assertion.passed() ? "pass" : "**FAIL**");
  }
  text += '\n';
}

void append_baseline(std::string& text, const Verdict& verdict) {
  if (!verdict.baseline) return;
  const Comparison& baseline = *verdict.baseline;
  fmt::format_to(Out(text), "{} run {}:\n\n",
                 baseline.is_comparable() ? "Against" : "**Not comparable** with",
                 plain(baseline.base_run_id));
  for (const std::string& difference : baseline.differences)
    fmt::format_to(Out(text), "- {}\n", plain(difference));
  if (!baseline.differences.empty()) text += '\n';
  if (baseline.rows.empty()) return;
  text += "| Figure | Base | Now | Change | Tolerance | Verdict |\n|---|--:|--:|--:|---|---|\n";
  for (const Comparison::Row& row : baseline.rows) {
    fmt::format_to(Out(text), "| {} | {} | {} | {} | {} | {} |\n", plain(row.figure),
                   plain(row.base), plain(row.now), plain(row.change), plain(row.tolerance),
                   row.passed() ? std::string(name(row.outcome))
                                : fmt::format("**{}**", plain(name(row.outcome))));
  }
  text += '\n';
}

/// With losses the row is over all expected messages, and those above it are infinitely late.
/// Lost messages are later than all others, the latest included.
void append_latency(std::string& text, std::string_view name, const Histogram& histogram,
                    std::uint64_t lost) {
  if (histogram.count() + lost == 0) return;
  fmt::format_to(Out(text), "| {} |", plain(name));
  for (const Percentile percentile : kReportedPercentiles)
    fmt::format_to(Out(text), " {} |", quantile_text(histogram.quantile(percentile, lost)));
  const std::string max = lost > 0 ? "∞" : milliseconds(histogram.max());
  fmt::format_to(Out(text), " {} | {} |\n", max, histogram.count());
}

void append_latencies(std::string& text, const Result& result) {
  text += "| Time |";
  for (const Percentile percentile : kReportedPercentiles)
    fmt::format_to(Out(text), " p{} |", percentile.name);
  text += " max | n |\n|---|";
  for (std::size_t i = 0; i < kReportedPercentiles.size() + 2; ++i) text += "--:|";
  text += '\n';
  for (const Metric* metric : result.metrics.all()) {
    const std::uint64_t lost = result.lost_of(*metric);
    append_latency(text, metric->name, metric->histogram, lost);
    if (lost > 0)
      append_latency(text, std::string(metric->name) + ".delivered", metric->histogram, 0);
  }
  text += '\n';
}

void append_messages(std::string& text, const Result& result) {
  if (!sends_in_measure(result) && !has_arrivals(result)) return;
  const Counters& c = result.measure;
  text += "| Messages | count |\n|---|--:|\n";
  const std::pair<std::string_view, std::uint64_t> rows[] = {
      {"scheduled", c.scheduled},
      {"sent", c.sent},
      {"skipped, offline", c.skipped_offline},
      {"skipped, backlog full", c.skipped_backlog},
      {"acknowledged", c.acked},
      {"refused", c.nacked},
      {"unanswered", c.unacked},
      {"expected", c.expected},
      {"received once", c.unique},
      {"lost", c.lost},
      {"duplicate", c.duplicates},
      {"out of order", c.out_of_order},
  };
  for (const auto& [title, count] : rows) fmt::format_to(Out(text), "| {} | {} |\n", title, count);
  text += '\n';
  const Rates rates = rates_of(result);
  const bool sends = sends_in_measure(result);
  if (sends)
    fmt::format_to(Out(text), "Offered {:.1f}/s of {:.1f}/s, sent {:.1f}/s", rates.offered,
                   result.target_rate, rates.sent);
  if (has_arrivals(result))
    fmt::format_to(Out(text), "{} {:.1f}/s", sends ? ", received" : "Received", rates.received);
  text += ".\n\n";
}

}  // namespace

std::string render_markdown(const Result& result, const Verdict& verdict) {
  std::string text;
  append_headline(text, result, verdict);
  append_assertions(text, verdict);
  append_baseline(text, verdict);
  append_latencies(text, result);
  append_messages(text, result);
  if (result.measured > Duration())
    fmt::format_to(Out(text), "Generator: loop lag at most {}, cpu {:.0f}%, {} MiB.\n\n",
                   milliseconds(result.self.loop_lag_max), result.self.cpu_share * 100,
                   result.self.rss_bytes >> 20);
  return text;
}

}  // namespace mq_bench
