#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "libmqtt/base/escape.hpp"
#include "tools/mq-bench/drift.hpp"
#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/rates.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

constexpr double kEnoughForPercents = 100;

using Out = std::back_insert_iterator<std::string>;

std::string p99_text(const Histogram& histogram) { return quantile_text(histogram.quantile(kP99)); }

/// All percentiles up to the first that too few samples speak for. Where messages were lost, also
/// the percentile of those that were delivered, as far as it is another; where the lost ones begin,
/// their number.
void append_percentiles(std::string& text, const Histogram& histogram, std::uint64_t lost) {
  bool is_loss_told = false;
  for (const Percentile percentile : kReportedPercentiles) {
    const Quantile quantile = histogram.quantile(percentile, lost);
    const std::string shown = quantile_text(quantile);
    const std::string delivered = quantile_text(histogram.quantile(percentile));
    fmt::format_to(Out(text), "p{} {}", percentile.name, shown);
    if (delivered != shown) {
      const bool is_first =
          quantile.kind == Quantile::Kind::infinite && !std::exchange(is_loss_told, true);
      const std::string loss = is_first ? fmt::format("{} lost; ", lost) : std::string();
      fmt::format_to(Out(text), " ({}delivered {})", loss, delivered);
    }
    text += "  ";
    if (quantile.kind == Quantile::Kind::insufficient) break;
  }
}

void metric_line(std::string& text, std::string_view title, const Histogram& histogram,
                 std::uint64_t lost) {
  if (histogram.count() + lost == 0) return;
  fmt::format_to(Out(text), "{:<8}", title);
  append_percentiles(text, histogram, lost);
  fmt::format_to(Out(text), "max {}   n={}\n", milliseconds(histogram.max()), histogram.count());
  if (histogram.negative() > 0) {
    fmt::format_to(Out(text), "        {} below zero, lowest {}\n", histogram.negative(),
                   milliseconds(histogram.min()));
  }
  if (histogram.overflow() > 0)
    fmt::format_to(Out(text), "        {} above one hour\n", histogram.overflow());
}

/// As it was, and below what it would be had the sender not waited.
void service_lines(std::string& text, std::string_view title, const Result& result,
                   const Metric& service) {
  metric_line(text, title, service.histogram, 0);
  const auto filled = filled_up(result, service);
  if (!filled) return;
  fmt::format_to(Out(text), "        co=synthetic, one each {}: ", milliseconds(filled->interval));
  append_percentiles(text, filled->histogram, 0);
  fmt::format_to(Out(text), "max {}   n={}\n", milliseconds(filled->histogram.max()),
                 filled->histogram.count());
}

/// The first line alone must tell whether the rest may be believed.
void headline(std::string& text, const Result& result, const Verdict& verdict) {
  fmt::format_to(Out(text), "RESULT  {}{}  run {}  {} ", verdict.is_valid() ? "VALID" : "INVALID",
                 verdict.partial ? " PARTIAL" : "", mqtt::escaped(result.run_id),
                 name(result.mode));
  if (result.publishers > 0 && result.receivers > 0) {
    fmt::format_to(Out(text), "{}x{}", result.publishers, result.receivers);
  } else {
    fmt::format_to(Out(text), "{}", result.clients);
  }
  if (result.mode != Mode::conn) fmt::format_to(Out(text), "  QoS {}", result.qos);
  if (result.publishers > 0) text += "  " + mqtt::escaped(payload_text(result));
  if (is_closed_loop(result)) text += "  closed loop: service time";
  if (result.target_rate > 0)
    fmt::format_to(Out(text), "  open loop {:.10g}/s", result.target_rate);
  const std::string_view what = result.mode == Mode::conn ? "held" : "measured";
  fmt::format_to(Out(text), "  {} {:.3f} s", what, in_seconds(result.measured));
  if (result.warmup.count() > 0)
    fmt::format_to(Out(text), " (warm-up {:.6g} s excluded)", in_seconds(result.warmup));
  text += '\n';
  for (const std::string& reason : verdict.invalid_reasons)
    fmt::format_to(Out(text), "        {}\n", mqtt::escaped(reason));
  for (const std::string& reason : verdict.partial_reasons)
    fmt::format_to(Out(text), "        {}\n", mqtt::escaped(reason));
  for (const std::string& warning : verdict.warnings)
    fmt::format_to(Out(text), "        warning: {}\n", mqtt::escaped(warning));
}

/// Which shards a merged result is made of, and how long all of them measured at the same time.
void shard_line(std::string& text, const Result& result) {
  if (!result.joined) return;
  const Joined& joined = *result.joined;
  fmt::format_to(Out(text),
                 "shards  {} of {}  machines {}  start skew {}  measured together {:.3f} s\n",
                 result.shards.given.size(), result.shards.count, joined.machines.size(),
                 milliseconds(joined.skew()), in_seconds(joined.common_window()));
}

/// Rates are events by the wall clock over the same window; there is no other definition.
void rate_line(std::string& text, const Result& result) {
  if (!sends_in_measure(result) && !has_arrivals(result)) return;
  const Rates rates = rates_of(result);
  text += "rate    ";
  if (sends_in_measure(result)) {
    const double offered = rates.offered;
    const double target = result.target_rate;
    fmt::format_to(Out(text), "offered {:.1f}/s", offered);
    // Of fewer messages one more or less would look like a rate that was not kept.
    if (target * in_seconds(rates.window) >= kEnoughForPercents)
      fmt::format_to(Out(text), " ({:+.2f}%)", 100 * (offered - target) / target);
    fmt::format_to(Out(text), "  sent {:.1f}/s  ", rates.sent);
  }
  if (has_arrivals(result)) fmt::format_to(Out(text), "received {:.1f}/s", rates.received);
  if (result.joined) fmt::format_to(Out(text), "  (over {:.10g} s)", in_seconds(rates.window));
  text += '\n';
}

/// The sums that must hold, written as sums so that a reader can check them.
void balance_lines(std::string& text, const Result& result) {
  const Counters& c = result.measure;
  const bool sends = sends_in_measure(result);
  if (!sends && !has_arrivals(result)) return;
  text += "balance ";
  if (sends) {
    fmt::format_to(Out(text), "scheduled {} = sent {} + offline {} + backlog {}", c.scheduled,
                   c.sent, c.skipped_offline, c.skipped_backlog);
  }
  if (sends && has_arrivals(result)) text += " | ";
  if (has_arrivals(result) && result.is_one_end()) {
    fmt::format_to(Out(text), "unique {} (merge tells what was lost)", c.unique);
  } else if (has_arrivals(result)) {
    fmt::format_to(Out(text), "expected {} = unique {} + lost {}", c.expected, c.unique, c.lost);
  }
  text += '\n';
  if (sends && (result.qos > 0 || c.nacked > 0)) {
    fmt::format_to(Out(text), "acks    sent {} = acked {} + refused {} + unanswered {}\n", c.sent,
                   c.acked, c.nacked, c.unacked);
  }
}

void arrival_line(std::string& text, const Result& result) {
  if (!has_arrivals(result)) return;
  const Counters& c = result.measure;
  fmt::format_to(
      Out(text),
      "arrival duplicate {} (allowed {})  out of order {}  late {}  foreign {}  corrupt {}",
      c.duplicates, c.duplicates_allowed, c.out_of_order, result.late, result.foreign,
      result.corrupt);
  const std::uint64_t unawaited = c.sent - std::min(c.sent, c.nacked + c.expected);
  // In one of the shards of split pairs the two are about different publishers.
  const bool is_half = result.config.contains("affinity") && !result.joined;
  if (result.publishers > 0 && unawaited > 0 && !is_half)
    fmt::format_to(Out(text), "  sent while unsubscribed {}", unawaited);
  if (result.unclassified > 0) fmt::format_to(Out(text), "  unclassified {}", result.unclassified);
  text += '\n';
  for (const std::string& line : result.losses.lines())
    fmt::format_to(Out(text), "        {}\n", line);
}

void connection_lines(std::string& text, const Result& result) {
  fmt::format_to(Out(text), "conn    {} of {} connected, {} at the end, {} reconnects\n",
                 result.connected, result.clients, result.online_at_end, result.reconnects);
  if (result.departures > 0) {
    fmt::format_to(Out(text), "        {} left or were cut off, {} came back, {} to their session",
                   result.departures, result.returns, result.resumed);
    if (result.return_retries > 0)
      fmt::format_to(Out(text), "; {} attempts failed", result.return_retries);
    text += '\n';
  }
  for (const auto& [error, count] : result.errors) {
    fmt::format_to(Out(text), "        {} x {}\n", count, mqtt::escaped(error));
  }
}

void self_line(std::string& text, const Result& result) {
  if (result.measured == Duration()) return;
  fmt::format_to(Out(text), "self    ");
  const Histogram& lag = result.metrics.send_lag.histogram;
  if (lag.count() > 0) {
    fmt::format_to(Out(text), "send-lag p99 {} (own {})  ", p99_text(lag),
                   p99_text(result.metrics.own_lag.histogram));
  }
  fmt::format_to(Out(text), "loop-lag max {}  cpu {:.0f}%  rss {}MiB",
                 milliseconds(result.self.loop_lag_max), result.self.cpu_share * 100,
                 result.self.rss_bytes >> 20);
  if (const auto growth = memory_growth(result))
    fmt::format_to(Out(text), " ({:+.1f}MiB)", *growth / (1 << 20));
  text += '\n';
}

/// What kept messages back that the broker is answerable for; publishers together.
void wait_line(std::string& text, const Result& result) {
  if (result.window_full_ns + result.send_blocked_ns + result.ack_timeouts == 0) return;
  const auto wait = [](std::uint64_t ns) {
    return milliseconds(Duration(static_cast<std::int64_t>(ns)));
  };
  fmt::format_to(Out(text), "waits   window full {}  socket full {}  ack timeouts {}\n",
                 wait(result.window_full_ns), wait(result.send_blocked_ns), result.ack_timeouts);
}

void assertion_line(std::string& text, const Verdict& verdict) {
  if (verdict.assertions.empty()) return;
  text += "ASSERT ";
  for (const Assertion& assertion : verdict.assertions) {
    fmt::format_to(Out(text), " {} {} ({}) ", assertion.passed() ? "PASS" : "FAIL",
                   assertion.expression, assertion.value);
  }
  text.back() = '\n';
}

void baseline_lines(std::string& text, const Verdict& verdict) {
  if (!verdict.baseline) return;
  const Comparison& baseline = *verdict.baseline;
  const std::string_view outcome = !baseline.is_comparable() ? "NOT COMPARABLE"
                                   : baseline.passed()       ? "PASS"
                                                             : "FAIL";
  fmt::format_to(Out(text), "BASE    {} against run {}\n{}", outcome,
                 mqtt::escaped(baseline.base_run_id), render_table(baseline));
}

}  // namespace

std::string render_text(const Result& result, const Verdict& verdict) {
  std::string text;
  headline(text, result, verdict);
  shard_line(text, result);
  rate_line(text, result);
  balance_lines(text, result);
  arrival_line(text, result);
  connection_lines(text, result);
  const Metric& delivery = result.delivery_metric();
  metric_line(text, delivery.name, delivery.histogram, result.measure.lost);
  if (result.clock_bound > Duration())
    fmt::format_to(Out(text), "        between clocks at most {} apart\n",
                   milliseconds(result.clock_bound));
  metric_line(text, "ack", result.metrics.ack.histogram, 0);
  metric_line(text, "rec", result.metrics.rec.histogram, 0);
  if (is_closed_loop(result)) {
    service_lines(text, "service", result, result.metrics.e2e_service);
    service_lines(text, "ack svc", result, result.metrics.ack_service);
  }
  metric_line(text, "tcp", result.metrics.tcp.histogram, 0);
  metric_line(text, "tls", result.metrics.tls.histogram, 0);
  metric_line(text, "connack", result.metrics.connack.histogram, 0);
  metric_line(text, "connect", result.metrics.connect_total.histogram, 0);
  metric_line(text, "return", result.metrics.reconnect.histogram, 0);
  metric_line(text, "suback", result.metrics.suback.histogram, 0);
  wait_line(text, result);
  self_line(text, result);
  assertion_line(text, verdict);
  baseline_lines(text, verdict);
  fmt::format_to(Out(text), "exit {}\n", verdict.exit_code);
  return text;
}

}  // namespace mq_bench
