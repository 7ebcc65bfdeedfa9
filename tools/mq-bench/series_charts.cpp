#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "tools/mq-bench/chart.hpp"
#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/html_charts.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

using Row = Series::Row;
using Number = std::function<std::optional<double>(const Row&)>;

/// More would be finer than a screen.
constexpr std::size_t kMostPoints = 900;
/// And than a table that is read, or moved over with a pointer.
constexpr std::size_t kMostTableRows = 240;

Series at_most(const Series& series, std::size_t rows) {
  Series coarse = series;
  while (coarse.rows.size() > rows) coarse.coarsen();
  return coarse;
}

double number(std::uint64_t count) { return static_cast<double>(count); }

double mebibytes(std::uint64_t bytes) { return number(bytes) / (1 << 20); }
std::string mebibyte_label(double mebibytes) { return fmt::format("{:.4g} MiB", mebibytes); }
std::string rate_label(double rate) {
  if (rate >= 1e6) return fmt::format("{:.4g}M/s", rate / 1e6);
  if (rate >= 1e4) return fmt::format("{:.4g}k/s", rate / 1e3);
  return fmt::format("{:.4g}/s", rate);
}
/// For a table, which has room for all digits.
std::string exact_rate(double rate) {
  return rate < 100 ? fmt::format("{:.4g}/s", rate) : fmt::format("{:.0f}/s", rate);
}
std::string count_label(double count) { return fmt::format("{:.0f}", count); }

std::optional<double> duration_of(const Row& row, Percentile percentile) {
  const Quantile quantile = row.quantile(percentile);
  if (quantile.kind != Quantile::Kind::value) return std::nullopt;
  return static_cast<double>(quantile.value.count());
}

std::optional<double> max_of(const Row& row) {
  if (row.latencies.empty()) return std::nullopt;
  return static_cast<double>(row.max.count());
}

/// A result with its series in the two widths that are shown.
class SeriesView {
 public:
  explicit SeriesView(const Result& result)
      : result_(result),
        series_(at_most(result.series, kMostPoints)),
        brief_(at_most(result.series, kMostTableRows)) {}

  bool is_empty() const { return series_.rows.size() < 2; }
  const std::vector<Row>& rows() const { return series_.rows; }
  double per_row(double count) const { return count / width(series_); }

  /// With time axis, phases, and the description completed by how wide the rows are.
  Chart chart(std::string title, std::string description) const;
  Line line(std::string name, std::string_view style, const Number& of) const;
  void add_column(Chart& chart, std::string head,
                  const std::function<std::string(const Row&, double width)>& text) const;

 private:
  static double width(const Series& series) { return static_cast<double>(series.seconds_per_row); }
  void add_phases(Chart& chart) const;

  const Result& result_;
  Series series_;
  Series brief_;
};

void SeriesView::add_phases(Chart& chart) const {
  const auto origin = std::ranges::find_if(result_.phases, [](const Phase& phase) {
    return phase.name == "warmup" || phase.name == "measure" || phase.name == "hold";
  });
  if (origin == result_.phases.end()) return;
  for (const Phase& phase : result_.phases) {
    const double from = in_seconds(phase.start - origin->start);
    const double to = in_seconds(phase.end - origin->start);
    const bool is_main = phase.name == "measure" || phase.name == "hold";
    if (chart.x.place(to) - chart.x.place(from) < 0.5) continue;
    chart.bands.push_back({from, to, phase.name, is_main ? "main" : "side"});
  }
}

Chart SeriesView::chart(std::string title, std::string description) const {
  const auto last = static_cast<double>(series_.second_of(series_.rows.size()));
  Chart chart{.title = std::move(title), .description = std::move(description), .size = "wide"};
  chart.x = time_axis(static_cast<double>(series_.second_of(0)), last);
  if (series_.seconds_per_row > 1)
    chart.description += fmt::format(" A point stands for {} s.", series_.seconds_per_row);
  add_phases(chart);
  chart.table.heads = {"second"};
  for (std::size_t i = 0; i < brief_.rows.size(); ++i)
    chart.table.rows.push_back({static_cast<double>(brief_.second_of(i)) + width(brief_) / 2,
                                {fmt::format("{}", brief_.second_of(i))}});
  return chart;
}

Line SeriesView::line(std::string name, std::string_view style, const Number& of) const {
  Line line{.name = std::move(name), .style = style};
  for (std::size_t i = 0; i < series_.rows.size(); ++i) {
    const double middle = static_cast<double>(series_.second_of(i)) + width(series_) / 2;
    line.points.push_back({middle, of(series_.rows[i])});
  }
  return line;
}

void SeriesView::add_column(
    Chart& chart, std::string head,
    const std::function<std::string(const Row&, double width)>& text) const {
  chart.table.heads.push_back(std::move(head));
  for (std::size_t i = 0; i < brief_.rows.size(); ++i)
    chart.table.rows[i].cells.push_back(text(brief_.rows[i], width(brief_)));
}

std::string rate_chart(const Result& result, const SeriesView& view) {
  double greatest = result.target_rate;
  for (const Row& row : view.rows())
    greatest = std::max(greatest, view.per_row(number(std::max(row.sent, row.received))));
  if (greatest <= 0 || result.mode == Mode::conn) return {};
  Chart chart = view.chart("Messages a second", "What left and what came, by the clock.");
  chart.y = linear_axis(greatest, rate_label);
  if (result.target_rate > 0)
    chart.lines.push_back(
        {.name = "target",
         .style = "faint",
         .points = {{chart.x.least, result.target_rate}, {chart.x.greatest, result.target_rate}}});
  if (result.publishers > 0) {
    chart.lines.push_back(
        view.line("sent", "s0", [&](const Row& row) { return view.per_row(number(row.sent)); }));
    view.add_column(chart, "sent", [](const Row& row, double width) {
      return exact_rate(number(row.sent) / width);
    });
  }
  if (result.receivers > 0) {
    chart.lines.push_back(view.line(
        "received", "s1", [&](const Row& row) { return view.per_row(number(row.received)); }));
    view.add_column(chart, "received", [](const Row& row, double width) {
      return exact_rate(number(row.received) / width);
    });
  }
  return render(chart);
}

/// The series of a closed loop holds what is not e2e there.
std::string_view leading_name(const Result& result) {
  return is_closed_loop(result) ? "service time" : result.series_metric().name;
}

std::string latency_chart(const Result& result, const SeriesView& view) {
  double least = 3.6e12;
  double greatest = 0;
  for (const Row& row : view.rows()) {
    if (row.latencies.empty()) continue;
    greatest = std::max(greatest, static_cast<double>(row.max.count()));
    least = std::min(least, duration_of(row, kP50).value_or(greatest));
  }
  if (greatest <= 0) return {};
  Chart chart =
      view.chart(fmt::format("Latency over time ({})", leading_name(result)),
                 "Of what came in each second; a percentile only where ten samples lie above it.");
  chart.y = duration_axis(least, greatest);
  if (chart.y.is_log) chart.description += " Logarithmic upwards.";
  const auto p50 = [](const Row& row) { return duration_of(row, kP50); };
  const auto p99 = [](const Row& row) { return duration_of(row, kP99); };
  chart.lines = {view.line("max", "faint", max_of), view.line("p99", "s1", p99),
                 view.line("p50", "s0", p50)};
  view.add_column(chart, "p50",
                  [](const Row& row, double) { return quantile_text(row.quantile(kP50)); });
  view.add_column(chart, "p99",
                  [](const Row& row, double) { return quantile_text(row.quantile(kP99)); });
  view.add_column(chart, "max", [](const Row& row, double) {
    return row.latencies.empty() ? std::string("-") : milliseconds(row.max);
  });
  return render(chart);
}

std::string loss_chart(const SeriesView& view) {
  std::int64_t greatest = 0;
  for (const Row& row : view.rows()) greatest = std::max(greatest, row.missing);
  if (greatest == 0) return {};
  Chart chart = view.chart("Messages lost", "By the second in which they were due; the rest came.");
  chart.size = "low";
  chart.y = count_axis(static_cast<double>(greatest), count_label);
  Line bars =
      view.line("lost", "lost", [](const Row& row) { return static_cast<double>(row.missing); });
  bars.bar = 0.8 / view.per_row(1);
  chart.lines.push_back(std::move(bars));
  view.add_column(chart, "lost",
                  [](const Row& row, double) { return fmt::format("{}", row.missing); });
  return render(chart);
}

std::string connection_chart(const SeriesView& view) {
  std::uint64_t greatest = 0;
  for (const Row& row : view.rows()) greatest = std::max(greatest, row.connections);
  if (greatest == 0) return {};
  Chart chart = view.chart("Connections", "Open at the end of each second.");
  chart.size = "low";
  chart.y = count_axis(number(greatest), count_label);
  chart.lines.push_back(
      view.line("connections", "s2", [](const Row& row) { return number(row.connections); }));
  view.add_column(chart, "connections",
                  [](const Row& row, double) { return fmt::format("{}", row.connections); });
  return render(chart);
}

std::string memory_chart(const SeriesView& view) {
  std::uint64_t greatest = 0;
  for (const Row& row : view.rows()) greatest = std::max(greatest, row.memory);
  if (greatest == 0) return {};
  Chart chart = view.chart("Memory of the generator",
                           "Resident at the end of each second: constant once all are connected.");
  chart.size = "low";
  chart.y = linear_axis(mebibytes(greatest), mebibyte_label);
  chart.lines.push_back(
      view.line("memory", "s2", [](const Row& row) { return mebibytes(row.memory); }));
  view.add_column(chart, "memory",
                  [](const Row& row, double) { return mebibyte_label(mebibytes(row.memory)); });
  return render(chart);
}

}  // namespace

std::string render_series_charts(const Result& result) {
  const SeriesView view(result);
  if (view.is_empty()) return {};
  return rate_chart(result, view) + latency_chart(result, view) + loss_chart(view) +
         connection_chart(view) + memory_chart(view);
}

}  // namespace mq_bench
