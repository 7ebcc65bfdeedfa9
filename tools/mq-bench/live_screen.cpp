#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "tools/common/bars.hpp"
#include "tools/common/terminal.hpp"
#include "tools/common/text_width.hpp"
#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/live.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

constexpr std::string_view kBold = "1";
constexpr std::string_view kFaint = "2";
constexpr std::string_view kGreen = "32";
constexpr std::string_view kRed = "1;31";
constexpr std::string_view kBlue = "36";
constexpr std::string_view kYellow = "33";
/// What stands before a line's figures.
constexpr std::size_t kHead = 12;

/// Lines from the top of a screen, each cut where the screen ends.
class Sketch {
 public:
  Sketch(cli::ScreenSize size, bool has_colors) : size_(size), has_colors_(has_colors) {}

  /// Text added from now on goes to the next line; below the screen it goes nowhere.
  void begin_line() {
    ++row_;
    left_ = row_ <= size_.rows ? size_.columns : 0;
    // Cleared first: behind a text that fills the line, the terminal would clear its last column.
    if (left_ > 0) fmt::format_to(std::back_inserter(out_), "\x1b[{};1H\x1b[K", row_);
  }
  void add(std::string_view text, std::string_view style = {}) {
    const std::size_t columns = std::min(cli::text_columns(text), left_);
    if (columns == 0) return;
    const bool is_styled = has_colors_ && !style.empty();
    if (is_styled) fmt::format_to(std::back_inserter(out_), "\x1b[{}m", style);
    cli::append_fitted(out_, text, columns);
    if (is_styled) out_ += "\x1b[m";
    left_ -= columns;
  }
  void begin(std::string_view head) {
    begin_line();
    add(fmt::format("{:<{}}", head, kHead), kFaint);
  }
  std::size_t left() const { return left_; }
  std::string take() {
    if (row_ < size_.rows) fmt::format_to(std::back_inserter(out_), "\x1b[{};1H\x1b[J", row_ + 1);
    return std::move(out_);
  }

 private:
  cli::ScreenSize size_;
  bool has_colors_;
  std::string out_;
  std::size_t row_ = 0;
  std::size_t left_ = 0;
};

/// Ends in eighths of a column.
std::string progress_bar(double share, std::size_t columns) {
  constexpr std::array<std::string_view, 8> kPart = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths =
      static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(columns) * 8);
  std::string bar;
  for (std::size_t i = 0; i < eighths / 8; ++i) bar += "█";
  bar += kPart[eighths % 8];
  const std::size_t used = eighths / 8 + (eighths % 8 > 0 ? 1 : 0);
  for (std::size_t i = used; i < columns; ++i) bar += "·";
  return bar;
}

void draw_title(Sketch& sketch, const Result& result) {
  sketch.begin_line();
  sketch.add(fmt::format("mq-bench {}", name(result.mode)), kBold);
  std::string text;
  if (result.publishers > 0 && result.receivers > 0)
    text += fmt::format(" {}x{}", result.publishers, result.receivers);
  if (result.mode != Mode::conn) text += fmt::format("  QoS {}", result.qos);
  if (result.publishers > 0) text += fmt::format("  {} B", result.size);
  sketch.add(text);
  sketch.add(fmt::format("  run {}  {}", cli::escaped(result.run_id), cli::escaped(result.url)),
             kFaint);
}

void draw_phase(Sketch& sketch, const Snapshot& snapshot) {
  const Phase& phase = snapshot.phase;
  const double gone = std::max(in_seconds(snapshot.now - phase.start), 0.0);
  sketch.begin_line();
  sketch.add(fmt::format("{:<{}}", phase.name, kHead), kBold);
  if (phase.end == mqtt::kNever) return sketch.add(fmt::format("{:.0f}s", gone));
  const double whole = in_seconds(phase.end - phase.start);
  const std::string figures = fmt::format(" {:.0f}s / {:.6g}s", std::min(gone, whole), whole);
  const std::size_t room = sketch.left() - std::min(sketch.left(), cli::text_columns(figures));
  sketch.add(progress_bar(whole > 0 ? gone / whole : 1, std::min<std::size_t>(room, 50)), kBlue);
  sketch.add(figures);
}

void draw_connections(Sketch& sketch, const Snapshot& snapshot) {
  const Result& result = snapshot.result;
  sketch.begin("connections");
  const bool is_whole = snapshot.connections == result.clients;
  sketch.add(fmt::format("{} / {}", snapshot.connections, result.clients),
             is_whole ? kGreen : kYellow);
  if (result.reconnects > 0) sketch.add(fmt::format("   reconnects {}", result.reconnects), kRed);
  std::uint64_t errors = 0;
  for (const auto& [error, count] : result.errors) errors += count;
  if (errors > 0) sketch.add(fmt::format("   errors {}", errors), kRed);
}

void draw_rates(Sketch& sketch, const Snapshot& snapshot) {
  const Result& result = snapshot.result;
  if (result.mode == Mode::conn) return;
  sketch.begin("rate");
  if (result.target_rate > 0) sketch.add(fmt::format("target {:.10g}/s  ", result.target_rate));
  if (result.publishers > 0) {
    if (result.measured.count() > 0)
      sketch.add(fmt::format("offered {:.0f}/s  ", per_second(result.offered, result.measured)));
    sketch.add(fmt::format("sent {:.0f}/s  ", sent_rate(result)));
  }
  if (result.receivers > 0) sketch.add(fmt::format("received {:.0f}/s  ", received_rate(result)));
  if (result.qos > 0 && result.publishers > 0)
    sketch.add(fmt::format("in flight {}", snapshot.in_flight));
}

void draw_metric(Sketch& sketch, const Metric& metric) {
  if (metric.histogram.count() == 0) return;
  sketch.begin(metric.name);
  for (const Percentile percentile : kReportedPercentiles) {
    const Quantile quantile = metric.histogram.quantile(percentile);
    if (quantile.kind != Quantile::Kind::value) break;
    sketch.add(fmt::format("p{} ", percentile.name), kFaint);
    sketch.add(quantile_text(quantile) + "  ");
  }
  sketch.add("max ", kFaint);
  sketch.add(milliseconds(metric.histogram.max()));
}

void draw_arrivals(Sketch& sketch, const Result& result) {
  if (result.receivers == 0) return;
  const Counters& c = result.measure;
  sketch.begin("messages");
  sketch.add(fmt::format("lost {}", c.lost), c.lost > 0 ? kRed : kGreen);
  sketch.add(fmt::format("   duplicate {}", c.duplicates), c.duplicates > 0 ? kYellow : kGreen);
  sketch.add(fmt::format("   out of order {}", c.out_of_order),
             c.out_of_order > 0 ? kYellow : kGreen);
}

/// The last rows, as many as there is room for.
void draw_trend(Sketch& sketch, std::string_view head, const std::vector<double>& numbers,
                const std::string& last) {
  if (numbers.empty()) return;
  sketch.begin(head);
  const std::size_t columns = std::min<std::size_t>(
      {sketch.left() - std::min(sketch.left(), last.size() + 1), 60, numbers.size()});
  if (columns == 0) return;
  const std::vector<double> shown(numbers.end() - static_cast<std::ptrdiff_t>(columns),
                                  numbers.end());
  const double most = *std::ranges::max_element(shown);
  sketch.add(cli::bars(shown, 0, std::max(most, 1e-9)), kBlue);
  sketch.add(" " + last);
}

void draw_trends(Sketch& sketch, const Result& result) {
  std::vector<double> rates;
  std::vector<double> latencies;
  const std::size_t whole =
      result.series.rows.size() - std::min<std::size_t>(result.series.rows.size(), 1);
  const auto count = result.receivers > 0 ? &Series::Row::received : &Series::Row::sent;
  std::string latency;
  for (std::size_t i = 0; i < whole; ++i) {
    const Series::Row& row = result.series.rows[i];
    rates.push_back(static_cast<double>(row.*count));
    const Quantile p99 = row.quantile(kP99);
    const bool is_known = p99.kind == Quantile::Kind::value;
    latencies.push_back(is_known ? static_cast<double>(p99.value.count()) : 0);
    latency = quantile_text(p99);
  }
  if (result.mode != Mode::conn) {
    const double last = result.receivers > 0 ? received_rate(result) : sent_rate(result);
    draw_trend(sketch, result.receivers > 0 ? "received" : "sent", rates,
               fmt::format("{:.0f}/s", last));
  }
  draw_trend(sketch, fmt::format("{} p99", result.series_metric().name), latencies, latency);
}

void draw_spread(Sketch& sketch, const Result& result) {
  const Histogram& histogram = result.series_metric().histogram;
  if (histogram.count() == 0) return;
  const std::string least = milliseconds(histogram.min()) + " ";
  const std::string greatest = " " + milliseconds(histogram.max());
  sketch.begin("spread");
  const std::size_t taken = least.size() + greatest.size();
  const std::size_t room = sketch.left() - std::min(sketch.left(), taken);
  sketch.add(least, kFaint);
  sketch.add(spread(histogram, std::min<std::size_t>(room, 40)), kBlue);
  sketch.add(greatest, kFaint);
}

void draw_generator(Sketch& sketch, const Live& live) {
  const Result& result = live.snapshot.result;
  if (result.self.rss_bytes == 0) return;
  sketch.begin("generator");
  sketch.add(live.limits.empty() ? "ok" : "LIMITED", live.limits.empty() ? kGreen : kRed);
  const Histogram& lag = result.metrics.own_lag.histogram;
  if (lag.count() > 0) sketch.add(fmt::format("   lag p99 {}", quantile_text(lag.quantile(kP99))));
  sketch.add(fmt::format("   loop lag {}   cpu {:.0f}%   rss {}MiB",
                         milliseconds(result.self.loop_lag_max), result.self.cpu_share * 100,
                         result.self.rss_bytes >> 20));
  for (const std::string& limit : live.limits) {
    sketch.begin("");
    sketch.add(limit, kYellow);
  }
}

void draw_assertions(Sketch& sketch, const Live& live) {
  std::string_view head = "so far";
  for (const Assertion& assertion : live.assertions) {
    sketch.begin(head);
    head = "";
    using enum Assertion::Outcome;
    const bool is_open = assertion.outcome == no_data || assertion.outcome == insufficient;
    sketch.add(assertion.passed() ? "PASS "
               : is_open          ? "---- "
                                  : "FAIL ",
               assertion.passed() ? kGreen
               : is_open          ? kYellow
                                  : kRed);
    sketch.add(fmt::format("{} ({})", assertion.expression, assertion.value));
  }
}

}  // namespace

std::string live_screen(const Live& live, cli::ScreenSize size, bool has_colors) {
  const Result& result = live.snapshot.result;
  Sketch sketch(size, has_colors);
  draw_title(sketch, result);
  draw_phase(sketch, live.snapshot);
  draw_connections(sketch, live.snapshot);
  draw_rates(sketch, live.snapshot);
  draw_metric(sketch, result.series_metric());
  if (&result.series_metric() != &result.metrics.ack) draw_metric(sketch, result.metrics.ack);
  draw_arrivals(sketch, result);
  draw_trends(sketch, result);
  draw_spread(sketch, result);
  draw_generator(sketch, live);
  if (live.snapshot.phase.name != "connect") draw_assertions(sketch, live);
  return sketch.take();
}

}  // namespace mq_bench
