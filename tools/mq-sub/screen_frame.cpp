#include "tools/mq-sub/screen_frame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <utility>

#include "tools/common/terminal.hpp"
#include "tools/common/text_width.hpp"

namespace mq_sub {
namespace {

constexpr std::string_view kReverse = "\x1b[7m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[m";
constexpr std::string_view kClearLine = "\x1b[K";
constexpr std::string_view kClearBelow = "\x1b[J";
constexpr std::size_t kIndentation = 2;

constexpr std::size_t kAge = 5;
constexpr std::size_t kRate = 9;
constexpr std::size_t kCount = 10;

/// Where the columns begin and how wide they are; those without room have no width.
struct Columns {
  std::size_t label = 0;
  std::size_t value = 0;
  bool has_figures = false;
  std::size_t trend = 0;
};

/// The widest label that has to be shown, in columns.
std::size_t widest_label(std::span<const TableLine> lines) {
  std::size_t widest = 0;
  for (const TableLine& line : lines) {
    const std::size_t columns = cli::text_columns(cli::escaped(line.label));
    widest = std::max(widest, line.depth * kIndentation + columns);
  }
  return widest;
}

Columns divide(std::size_t columns, std::size_t widest) {
  Columns result;
  std::size_t left = columns;
  if (columns >= 50) {
    result.has_figures = true;
    left -= kAge + kRate + kCount;
  }
  if (columns >= 70) {
    result.trend = std::min<std::size_t>((columns - 50) / 4, Sparkline::kMost);
    left -= result.trend + 1;
  }
  result.label = std::clamp<std::size_t>(widest, std::min<std::size_t>(12, left / 2), left / 2);
  result.value = left - result.label - std::min<std::size_t>(left - result.label, 2);
  return result;
}

std::string rate_text(double rate) {
  if (rate < 0.005) return "-";
  return rate < 100 ? fmt::format("{:.2f}/s", rate) : fmt::format("{:.0f}/s", rate);
}

class Painter {
 public:
  Painter(std::string& out, const ScreenFrame& frame, Columns columns)
      : out_(out), frame_(frame), columns_(columns) {}

  void begin_line(std::size_t row) {
    fmt::format_to(std::back_inserter(out_), "\x1b[{};1H", row + 1);
  }

  void paint(std::string_view style, std::string_view text) {
    out_ += style;
    cli::append_fitted(out_, text, frame_.size.columns);
    out_ += kPlain;
  }

  void paint_heads() {
    out_ += kBold;
    cells("TOPIC", "VALUE", {"AGE", "RATE", "COUNT"}, "TREND");
    out_ += kPlain;
    out_ += kClearLine;
  }

  void paint(const TableLine& line) {
    std::string label(line.depth * kIndentation, ' ');
    if (line.label.empty()) label += "\"\"";  // A level may be empty: a//b.
    cli::append_escaped(label, line.label);
    if (line.row == nullptr) {
      cells(label, "", {}, "");
    } else {
      const MessageRate& rate = line.row->rate;
      cells(label, line.row->value,
            {age_text(frame_.now - rate.last()), rate_text(rate.per_second(frame_.now)),
             fmt::format("{}", rate.count())},
            line.row->numbers.text(columns_.trend));
    }
    out_ += kClearLine;
  }

 private:
  void cells(std::string_view label, std::string_view value,
             const std::array<std::string, 3>& figures, std::string_view trend) {
    cli::append_fitted(out_, label, columns_.label);
    std::size_t column = columns_.label + 2;
    move_to(column);
    cli::append_fitted(out_, value, columns_.value);
    column += columns_.value;
    if (!columns_.has_figures) return;
    move_to(column);
    fmt::format_to(std::back_inserter(out_), "{:>{}}{:>{}}{:>{}}", figures[0], kAge, figures[1],
                   kRate, figures[2], kCount);
    if (columns_.trend > 0) {
      move_to(column + kAge + kRate + kCount + 1);
      cli::append_fitted(out_, trend, columns_.trend);
    }
  }
  void move_to(std::size_t column) {
    fmt::format_to(std::back_inserter(out_), "\x1b[{}G", column + 1);
  }

  std::string& out_;
  const ScreenFrame& frame_;
  Columns columns_;
};

}  // namespace

std::size_t visible_lines(cli::ScreenSize size) { return size.rows > 3 ? size.rows - 3 : 0; }

std::string draw(std::span<const TableLine> lines, const ScreenFrame& frame) {
  const std::size_t first = std::min(frame.top, lines.size());
  const auto shown =
      lines.subspan(first, std::min(visible_lines(frame.size), lines.size() - first));
  std::string out;
  Painter painter(out, frame, divide(frame.size.columns, widest_label(shown)));
  painter.begin_line(0);
  painter.paint(kReverse, frame.title);
  if (frame.size.rows < 3) return out;
  painter.begin_line(1);
  painter.paint_heads();
  std::size_t row = 2;
  for (const TableLine& line : shown) {
    painter.begin_line(row++);
    painter.paint(line);
  }
  painter.begin_line(row);
  out += kClearBelow;
  painter.begin_line(frame.size.rows - 1);
  const std::string where =
      fmt::format("{}-{} of {}", shown.empty() ? 0 : first + 1, first + shown.size(), lines.size());
  painter.paint(kBold, fmt::format("{}   {}", where, frame.note));
  return out;
}

std::string age_text(mqtt::Duration age) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
  if (seconds < 60) return fmt::format("{}s", std::max<long>(seconds, 0));
  if (seconds < 3600) return fmt::format("{}m", seconds / 60);
  if (seconds < 86'400) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", seconds / 86'400);
}

}  // namespace mq_sub
