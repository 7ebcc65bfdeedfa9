#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mq_bench {

/// From numbers to places along one side of a chart.
struct Axis {
  struct Tick {
    double at = 0;
    std::string label = {};
  };
  double least = 0;
  double greatest = 1;
  bool is_log = false;  ///< Then both ends are above 0.
  std::vector<Tick> ticks = {};

  /// In per cent of the side, from `least`.
  double place(double number) const;
};

/// An axis for numbers of a kind from 0 to at least `greatest`, with round ticks.
Axis linear_axis(double greatest, std::string (*label)(double));
/// One for whole things: no tick stands between two of them.
Axis count_axis(double greatest, std::string (*label)(double));
/// One for durations in nanoseconds; logarithmic where the greatest is many times the least.
Axis duration_axis(double least, double greatest);
/// One for seconds.
Axis time_axis(double first, double last);

/// Something that is drawn over the chart's whole height: a phase, the lost messages.
struct Band {
  double from = 0;
  double to = 0;
  std::string label = {};  ///< Not yet markup.
  std::string_view style = {};
};

/// A line through points in the order of x, or bars on them.
struct Line {
  struct Point {
    double x = 0;
    std::optional<double> y = {};  ///< None: the line is interrupted.
  };
  std::string name = {};
  std::string_view style = {};  ///< A class of the style sheet.
  std::vector<Point> points = {};
  double bar = 0;  ///< Width of a bar; 0: a line.
};

/// Numbers behind the chart, for those who cannot see it; and for the pointer, which shows the
/// nearest row.
struct ChartTable {
  struct Row {
    double x = 0;
    std::vector<std::string> cells = {};
  };
  std::vector<std::string> heads = {};
  std::vector<Row> rows = {};
};

struct Chart {
  std::string title = {};
  std::string description = {};  ///< What there is to be seen, in words.
  std::string_view size = {};    ///< A class of the style sheet.
  Axis x = {};
  Axis y = {};
  std::vector<Band> bands = {};
  std::vector<Line> lines = {};
  ChartTable table = {};
};

/// The chart as HTML: a picture that takes any width, while its texts keep their size.
std::string render(const Chart& chart);

}  // namespace mq_bench
