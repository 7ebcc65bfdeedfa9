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
/// Between figures of a line.
constexpr std::size_t kGap = 2;

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
    is_line_empty_ = true;
  }
  /// Words that stay together: they go to the next line where this one has no room for them.
  void add_group(std::string_view title, std::string_view text, std::string_view style = {}) {
    const std::size_t columns = cli::text_columns(title) + cli::text_columns(text);
    if (!is_line_empty_ && columns + kGap > left_) begin("");
    if (!is_line_empty_) add(std::string(kGap, ' '));
    add(title, kFaint);
    add(text, style);
    is_line_empty_ = false;
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
  bool is_line_empty_ = true;  ///< Of groups, behind its head.
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

/// Before the load nothing is sent that counts.
bool is_before_load(const Snapshot& snapshot) {
  const std::string_view phase = snapshot.phase.name;
  return phase == "connect" || phase == "subscribe" || phase == "probe" || phase == "wait";
}

bool has_messages(const Result& result) {
  const Counters& c = result.measure;
  return c.expected + c.lost + result.received + result.measure.duplicates > 0 ||
         received_rate(result) > 0;
}

/// As the text of the result calls it.
std::string_view short_name(const Result& result, const Metric& metric) {
  const Metrics& metrics = result.metrics;
  if (&metric == &metrics.connect_total) return "connect";
  if (&metric == &metrics.reconnect) return "return";
  if (&metric == &metrics.e2e_service) return "service";
  if (&metric == &metrics.ack_service) return "ack svc";
  return metric.name;
}

void draw_title(Sketch& sketch, const Result& result) {
  sketch.begin_line();
  sketch.add(fmt::format("mq-bench {}", name(result.mode)), kBold);
  std::string text;
  if (result.publishers > 0 && result.receivers > 0)
    text += fmt::format(" {}x{}", result.publishers, result.receivers);
  if (result.mode != Mode::conn) text += fmt::format("  QoS {}", result.qos);
  if (result.publishers > 0) text += fmt::format("  {} B", result.size);
  if (is_closed_loop(result)) text += "  closed loop";
  sketch.add(text);
  sketch.add(fmt::format("  run {}  {}", cli::escaped(result.run_id), cli::escaped(result.url)),
             kFaint);
}

void draw_progress(Sketch& sketch, double share, const std::string& figures) {
  const std::size_t room = sketch.left() - std::min(sketch.left(), cli::text_columns(figures));
  sketch.add(progress_bar(share, std::min<std::size_t>(room, 50)), kBlue);
  sketch.add(figures);
}

/// How much of its time is over; of connecting, which ends when it ends, how many have.
void draw_phase(Sketch& sketch, const Snapshot& snapshot) {
  const Phase& phase = snapshot.phase;
  const double gone = std::max(in_seconds(snapshot.now - phase.start), 0.0);
  sketch.begin_line();
  sketch.add(fmt::format("{:<{}}", phase.name, kHead), kBold);
  if (phase.name == "connect" && snapshot.result.clients > 0)
    return draw_progress(
        sketch,
        static_cast<double>(snapshot.connections) / static_cast<double>(snapshot.result.clients),
        fmt::format(" {:.0f}s", gone));
  if (phase.end == mqtt::kNever) return sketch.add(fmt::format("{:.0f}s", gone));
  const double whole = in_seconds(phase.end - phase.start);
  draw_progress(sketch, whole > 0 ? gone / whole : 1,
                fmt::format(" {:.0f}s / {:.6g}s", std::min(gone, whole), whole));
}

void draw_connections(Sketch& sketch, const Snapshot& snapshot) {
  const Result& result = snapshot.result;
  sketch.begin("connections");
  const bool is_whole = snapshot.connections == result.clients;
  sketch.add_group("", fmt::format("{} / {}", snapshot.connections, result.clients),
                   is_whole ? kGreen : kYellow);
  if (result.departures > 0) {
    sketch.add_group("left ", fmt::format("{}", result.departures));
    // Of last wills the dead stay away.
    if (result.mode != Mode::wills) sketch.add_group("back ", fmt::format("{}", result.returns));
  } else if (result.reconnects > 0) {
    sketch.add_group("reconnects ", fmt::format("{}", result.reconnects), kRed);
  }
  std::uint64_t errors = 0;
  for (const auto& [error, count] : result.errors) errors += count;
  if (errors > 0) sketch.add_group("errors ", fmt::format("{}", errors), kRed);
}

void draw_rates(Sketch& sketch, const Snapshot& snapshot) {
  const Result& result = snapshot.result;
  const bool sends = result.publishers > 0 && result.target_rate + sent_rate(result) > 0;
  if (result.mode == Mode::conn || (!sends && !has_messages(result))) return;
  sketch.begin("rate");
  const auto rate = [&sketch](std::string_view title, double number) {
    sketch.add_group(title, fmt::format("{:.0f}/s", number));
  };
  if (result.target_rate > 0)
    sketch.add_group("target ", fmt::format("{:.10g}/s", result.target_rate));
  if (sends && result.measured.count() > 0)
    rate("offered ", per_second(result.offered, result.measured));
  if (sends) rate("sent ", sent_rate(result));
  if (result.receivers > 0) rate("received ", received_rate(result));
  if (sends && result.qos > 0)
    sketch.add_group("in flight ", fmt::format("{}", snapshot.in_flight));
}

void draw_metric(Sketch& sketch, const Result& result, const Metric& metric) {
  if (metric.histogram.count() == 0) return;
  sketch.begin(short_name(result, metric));
  for (const Percentile percentile : kReportedPercentiles) {
    const Quantile quantile = metric.histogram.quantile(percentile);
    if (quantile.kind != Quantile::Kind::value) break;
    sketch.add_group(fmt::format("p{} ", percentile.name), quantile_text(quantile));
  }
  sketch.add_group("max ", milliseconds(metric.histogram.max()));
}

void draw_metrics(Sketch& sketch, const Result& result) {
  const Metric& leading = leading_metric(result);
  draw_metric(sketch, result, leading);
  const Metrics& metrics = result.metrics;
  const Metric& ack = is_closed_loop(result) ? metrics.ack_service : metrics.ack;
  if (&leading != &ack) draw_metric(sketch, result, ack);
}

void draw_arrivals(Sketch& sketch, const Result& result) {
  if (result.receivers == 0 || !has_messages(result)) return;
  const Counters& c = result.measure;
  sketch.begin("messages");
  sketch.add_group("lost ", fmt::format("{}", c.lost), c.lost > 0 ? kRed : kGreen);
  sketch.add_group("duplicate ", fmt::format("{}", c.duplicates),
                   c.duplicates > 0 ? kYellow : kGreen);
  sketch.add_group("out of order ", fmt::format("{}", c.out_of_order),
                   c.out_of_order > 0 ? kYellow : kGreen);
}

/// The last rows, as many as there is room for; of nothing at all, none.
void draw_trend(Sketch& sketch, std::string_view head, const std::vector<double>& numbers,
                const std::string& last) {
  if (std::ranges::all_of(numbers, [](double number) { return number <= 0; })) return;
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
  const Metric& usual = is_closed_loop(result) ? leading_metric(result) : result.series_metric();
  draw_trend(sketch, fmt::format("{} p99", short_name(result, usual)), latencies, latency);
}

void draw_spread(Sketch& sketch, const Result& result) {
  const Histogram& histogram = leading_metric(result).histogram;
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
  sketch.add_group("", live.limits.empty() ? "ok" : "LIMITED", live.limits.empty() ? kGreen : kRed);
  const Histogram& lag = result.metrics.own_lag.histogram;
  if (const Quantile p99 = lag.quantile(kP99); p99.kind == Quantile::Kind::value)
    sketch.add_group("lag p99 ", quantile_text(p99));
  sketch.add_group("loop lag ", milliseconds(result.self.loop_lag_max));
  sketch.add_group("cpu ", fmt::format("{:.0f}%", result.self.cpu_share * 100));
  sketch.add_group("rss ", fmt::format("{}MiB", result.self.rss_bytes >> 20));
  constexpr std::string_view kSubject = "generator-limited: ";  // As the line's head says.
  for (const std::string& limit : live.limits) {
    sketch.begin("");
    const std::string_view text = limit;
    sketch.add(text.starts_with(kSubject) ? text.substr(kSubject.size()) : text, kYellow);
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
  const bool is_loaded = !is_before_load(live.snapshot);
  if (is_loaded) draw_rates(sketch, live.snapshot);
  draw_metrics(sketch, result);
  if (is_loaded) draw_arrivals(sketch, result);
  draw_trends(sketch, result);
  draw_spread(sketch, result);
  draw_generator(sketch, live);
  if (live.snapshot.phase.name != "connect") draw_assertions(sketch, live);
  return sketch.take();
}

}  // namespace mq_bench
