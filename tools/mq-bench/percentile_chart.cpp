#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/mq-bench/chart.hpp"
#include "tools/mq-bench/figures.hpp"
#include "tools/mq-bench/html_charts.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

struct Curve {
  const Metric* metric;
  std::string_view title;
  std::string_view style;
  std::uint64_t lost = 0;
  std::uint64_t total() const { return metric->histogram.count() + lost; }
};

constexpr std::array kTable{Percentile{0, "0"},           kP50,
                            Percentile{750'000, "75"},    kP90,
                            Percentile{950'000, "95"},    kP99,
                            Percentile{995'000, "99.5"},  Percentile{999'000, "99.9"},
                            Percentile{999'500, "99.95"}, Percentile{999'900, "99.99"},
                            Percentile{999'990, "99.999"}};

std::vector<Curve> with_samples(std::vector<Curve> curves) {
  std::erase_if(curves, [](const Curve& curve) { return curve.total() == 0; });
  return curves;
}

std::vector<Curve> message_curves(const Result& result) {
  const Metrics& metrics = result.metrics;
  if (is_closed_loop(result))
    return with_samples(
        {{&metrics.e2e_service, "end to end", "s0"}, {&metrics.ack_service, "acknowledged", "s1"}});
  return with_samples(
      {{&result.delivery_metric(), result.mode == Mode::echo ? "round trip" : "end to end", "s0",
        result.measure.lost},
       {&metrics.ack, "acknowledged", "s1"}});
}

std::vector<Curve> connection_curves(const Result& result) {
  const Metrics& metrics = result.metrics;
  return with_samples({{&metrics.connect_total, "connected", "s0"},
                       {&metrics.tcp, "TCP", "s1"},
                       {&metrics.tls, "TLS", "s3"},
                       {&metrics.connack, "CONNACK", "s2"},
                       {&metrics.reconnect, "back again", "s4"}});
}

/// A chart of curves that are about the same kind of thing.
struct Picture {
  std::string title;
  std::string description;
  std::vector<Curve> curves;
};

Picture picture_of(const Result& result) {
  if (auto curves = message_curves(result); !curves.empty()) {
    const bool is_closed = is_closed_loop(result);
    return {is_closed ? "Service time by percentile" : "Latency by percentile",
            fmt::format("So much of the messages was at most so late{}; every further nine has the "
                        "same room.",
                        is_closed ? ", from when there was room for them" : ""),
            std::move(curves)};
  }
  return {"Time to connect by percentile",
          "So much of the connections took at most so long, each from when it was due.",
          connection_curves(result)};
}

/// How many tenfold steps a share of the samples is away from all of them: 0.9 is 1, 0.99 is 2.
double nines(double share) { return -std::log10(1 - share); }

/// Up to the last sample.
double most_nines(std::uint64_t count) { return std::log10(static_cast<double>(count)); }

Axis percentile_axis(double most) {
  Axis axis{.greatest = std::max(1.0, most), .ticks = {}};
  const std::string_view unit = most < 4.5 ? "%" : "";
  // On a phone there is room for one of the two.
  if (most < 3) axis.ticks.push_back({0, "0"});
  axis.ticks.push_back({nines(0.5), "50%"});
  std::string label = "90";
  for (int i = 1; i <= axis.greatest; ++i) {
    axis.ticks.push_back({static_cast<double>(i), fmt::format("{}{}", label, unit)});
    label = i == 1 ? "99" : i == 2 ? "99.9" : label + "9";
  }
  return axis;
}

/// Evenly over the axis; ends where the lost messages begin.
Line line_of(const Curve& curve) {
  constexpr int kPoints = 300;
  const Histogram& histogram = curve.metric->histogram;
  const std::uint64_t total = curve.total();
  const double most = most_nines(total);
  Line line{.name = std::string(curve.title), .style = curve.style};
  for (int i = 0; i <= kPoints; ++i) {
    const double x = most * i / kPoints;
    const double share = 1 - std::pow(10, -x);
    const auto rank = static_cast<std::uint64_t>(
        std::clamp(std::ceil(share * static_cast<double>(total)), 1.0, static_cast<double>(total)));
    if (rank > histogram.count()) break;
    line.points.push_back({x, static_cast<double>(histogram.value_at_rank(rank).count())});
  }
  return line;
}

ChartTable table_of(const std::vector<Curve>& curves) {
  ChartTable table{.heads = {"percentile"}};
  for (const Curve& curve : curves) table.heads.emplace_back(curve.title);
  for (const Percentile percentile : kTable) {
    std::vector<std::string> cells{fmt::format("p{}", percentile.name)};
    bool is_known = false;
    for (const Curve& curve : curves) {
      const Quantile quantile = curve.metric->histogram.quantile(percentile, curve.lost);
      is_known |= quantile.kind != Quantile::Kind::insufficient;
      cells.push_back(quantile_text(quantile));
    }
    const double share = percentile.millionths / 1e6;
    if (is_known) table.rows.push_back({nines(share), std::move(cells)});
  }
  std::vector<std::string> last{"max"};
  double most = 0;
  for (const Curve& curve : curves) {
    last.push_back(curve.lost > 0 ? "∞" : milliseconds(curve.metric->histogram.max()));
    most = std::max(most, most_nines(curve.total()));
  }
  table.rows.push_back({most, std::move(last)});
  return table;
}

}  // namespace

std::string render_percentile_chart(const Result& result) {
  Picture picture = picture_of(result);
  const std::vector<Curve>& curves = picture.curves;
  if (curves.empty()) return {};
  Chart chart{
      .title = std::move(picture.title),
      .description = std::move(picture.description) + " Shaded: fewer than ten samples lie above.",
      .size = "tall"};
  if (curves.size() == 1) chart.title += fmt::format(": {}", curves.front().title);
  double most = 0;
  double least = 3.6e12;
  double greatest = 1'000;
  for (const Curve& curve : curves) {
    const Histogram& histogram = curve.metric->histogram;
    most = std::max(most, most_nines(curve.total()));
    if (histogram.count() == 0) continue;
    least = std::min(least, static_cast<double>(histogram.min().count()));
    greatest = std::max(greatest, static_cast<double>(histogram.max().count()));
  }
  chart.x = percentile_axis(most);
  chart.y = duration_axis(least, greatest);
  if (chart.y.is_log) chart.description += " Logarithmic upwards.";
  for (const Curve& curve : curves) {
    chart.lines.push_back(line_of(curve));
    // Ten samples have to lie above a percentile that is to say anything.
    const double certain = most_nines(curve.total()) - 1;
    if (&curve == &curves.front() && certain > 0)
      chart.bands.push_back({certain, most, "< 10 samples above", "thin"});
    if (curve.lost == 0) continue;
    const double from = nines(static_cast<double>(curve.metric->histogram.count()) /
                              static_cast<double>(curve.total()));
    chart.bands.push_back({from, most, fmt::format("∞: {} lost", curve.lost), "lost"});
  }
  chart.table = table_of(curves);
  return render(chart);
}

}  // namespace mq_bench
