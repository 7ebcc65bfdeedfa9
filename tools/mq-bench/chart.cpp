#include "tools/mq-bench/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "tools/mq-bench/markup.hpp"

namespace mq_bench {
namespace {

using Out = std::back_insert_iterator<std::string>;

/// The picture's own units a side; the style sheet stretches it.
constexpr double kUnits = 1'000;

/// For a place in the picture, y from its top.
double across(const Axis& axis, double number) { return axis.place(number) * kUnits / 100; }
double down(const Axis& axis, double number) { return kUnits - across(axis, number); }

bool has_points(const Line& line) {
  return std::ranges::any_of(line.points, [](const Line::Point& p) { return p.y.has_value(); });
}

void append_labels(std::string& html, const Chart& chart) {
  html += "<div class=\"ys\" aria-hidden=\"true\">";
  for (const Axis::Tick& tick : chart.y.ticks)
    fmt::format_to(Out(html), "<span style=\"bottom:{:.2f}%\">{}</span>", chart.y.place(tick.at),
                   markup(tick.label));
  html += "</div><div class=\"xs\" aria-hidden=\"true\">";
  for (const Axis::Tick& tick : chart.x.ticks)
    fmt::format_to(Out(html), "<span style=\"left:{:.2f}%\">{}</span>", chart.x.place(tick.at),
                   markup(tick.label));
  html += "</div>\n";
}

void append_bands(std::string& html, const Chart& chart) {
  for (const Band& band : chart.bands) {
    const double from = chart.x.place(band.from);
    fmt::format_to(Out(html),
                   "<div class=\"band {}\" style=\"left:{:.2f}%;width:{:.2f}%\"><span>{}</span>"
                   "</div>",
                   band.style, from, chart.x.place(band.to) - from, markup(band.label));
  }
}

void append_grid(std::string& html, const Chart& chart) {
  html += "<path class=\"grid\" d=\"";
  for (const Axis::Tick& tick : chart.y.ticks)
    fmt::format_to(Out(html), "M0 {:.0f}H{}", down(chart.y, tick.at), kUnits);
  for (const Axis::Tick& tick : chart.x.ticks)
    fmt::format_to(Out(html), "M{:.0f} 0V{}", across(chart.x, tick.at), kUnits);
  html += "\"/>";
}

void append_bars(std::string& html, const Chart& chart, const Line& line) {
  for (const Line::Point& point : line.points) {
    if (!point.y || *point.y == 0) continue;
    const double left = across(chart.x, point.x - line.bar / 2);
    const double top = down(chart.y, *point.y);
    const double foot = down(chart.y, chart.y.least);
    fmt::format_to(Out(html), "M{:.1f} {:.1f}V{:.1f}H{:.1f}V{:.1f}Z", left, foot, top,
                   across(chart.x, point.x + line.bar / 2), foot);
  }
}

/// A point between two gaps belongs to no line; it is drawn as a dot.
bool is_alone(const std::vector<Line::Point>& points, std::size_t i) {
  return points[i].y && (i == 0 || !points[i - 1].y) &&
         (i + 1 == points.size() || !points[i + 1].y);
}

void append_line(std::string& html, const Chart& chart, const Line& line) {
  bool is_drawn = false;  // Up to the point before.
  for (std::size_t i = 0; i < line.points.size(); ++i) {
    const Line::Point& point = line.points[i];
    const bool is_on_line = point.y && !is_alone(line.points, i);
    if (is_on_line)
      fmt::format_to(Out(html), "{}{:.1f} {:.1f}", is_drawn ? 'L' : 'M', across(chart.x, point.x),
                     down(chart.y, *point.y));
    is_drawn = is_on_line;
  }
}

/// As the round ends of lines without length: a circle would become an ellipse.
void append_dots(std::string& html, const Chart& chart, const Line& line) {
  std::string dots;
  for (std::size_t i = 0; i < line.points.size(); ++i) {
    const Line::Point& point = line.points[i];
    if (is_alone(line.points, i))
      fmt::format_to(Out(dots), "M{:.1f} {:.1f}h0", across(chart.x, point.x),
                     down(chart.y, *point.y));
  }
  if (!dots.empty())
    fmt::format_to(Out(html), "<path class=\"line {} dot\" d=\"{}\"/>", line.style, dots);
}

void append_picture(std::string& html, const Chart& chart) {
  fmt::format_to(Out(html),
                 "<svg viewBox=\"0 0 {0} {0}\" preserveAspectRatio=\"none\" role=\"img\" "
                 "aria-label=\"{1}\">",
                 kUnits, markup(chart.title + ": " + chart.description));
  append_grid(html, chart);
  for (const Line& line : chart.lines) {
    fmt::format_to(Out(html), "<path class=\"{} {}\" d=\"", line.bar > 0 ? "bar" : "line",
                   line.style);
    if (line.bar > 0)
      append_bars(html, chart, line);
    else
      append_line(html, chart, line);
    html += "\"/>";
    if (line.bar == 0) append_dots(html, chart, line);
  }
  html += "</svg>\n";
}

void append_legend(std::string& html, const Chart& chart) {
  if (chart.lines.size() < 2) return;
  html += "<ul class=\"legend\">";
  for (const Line& line : chart.lines) {
    if (!has_points(line)) continue;
    fmt::format_to(Out(html),
                   "<li><svg viewBox=\"0 0 28 10\" aria-hidden=\"true\"><path class=\"line {}\" "
                   "d=\"M2 5H26\"/></svg>{}</li>",
                   line.style, markup(line.name));
  }
  html += "</ul>\n";
}

void append_table(std::string& html, const Chart& chart) {
  if (chart.table.rows.empty()) return;
  html += "<details><summary>As a table</summary><div class=\"scroll\"><table><thead><tr>";
  for (const std::string& head : chart.table.heads)
    fmt::format_to(Out(html), "<th scope=\"col\">{}</th>", markup(head));
  html += "</tr></thead><tbody>\n";
  for (const ChartTable::Row& row : chart.table.rows) {
    fmt::format_to(Out(html), "<tr data-x=\"{:.2f}\">", chart.x.place(row.x));
    for (const std::string& cell : row.cells)
      fmt::format_to(Out(html), "<td>{}</td>", markup(cell));
    html += "</tr>\n";
  }
  html += "</tbody></table></div></details>\n";
}

}  // namespace

std::string render(const Chart& chart) {
  std::string html = fmt::format(
      "<figure class=\"chart {}\"><figcaption>{}</figcaption>\n<p class=\"note\">{}</p>\n",
      chart.size, markup(chart.title), markup(chart.description));
  append_legend(html, chart);
  html += "<div class=\"frame\"><div class=\"plot\">";
  append_bands(html, chart);
  append_picture(html, chart);
  append_labels(html, chart);
  html += "</div></div>\n";
  append_table(html, chart);
  return html + "</figure>\n";
}

}  // namespace mq_bench
