#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/mq-bench/chart.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

/// From here on a linear axis would flatten all but the greatest.
constexpr double kLogFrom = 20;
constexpr double kWantedTicks = 4;

/// The round number (1, 2 or 5 times a power of ten) next above.
double round_up(double number) {
  const double power = std::pow(10, std::floor(std::log10(number)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (step * power >= number * (1 - 1e-9)) return step * power;
  }
  return 10 * power;
}

std::string duration_label(double ns) {
  return milliseconds(mqtt::Duration(static_cast<std::int64_t>(ns + 0.5)));
}

/// Steps that people count time in, in seconds.
double time_step(double span) {
  constexpr std::array kSteps{1.0,   2.0,   5.0,    10.0,   15.0,   30.0,    60.0,    120.0,  300.0,
                              600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 21600.0, 43200.0};
  const auto step = std::ranges::find_if(kSteps, [span](double s) { return span / s <= 6; });
  return step == kSteps.end() ? 86'400 * std::ceil(span / 86'400 / 6) : *step;
}

/// "5s" in runs of less than 100 s, else "2:30" or "1:30h".
std::string time_label(double seconds, double step, bool is_short) {
  const auto whole = static_cast<long>(seconds);
  if (is_short) return fmt::format("{}s", whole);
  const std::string_view sign = whole < 0 ? "-" : "";
  const long size = std::abs(whole);
  if (size < 3'600 && step < 3'600) return fmt::format("{}{}:{:02}", sign, size / 60, size % 60);
  return fmt::format("{}{}:{:02}h", sign, size / 3'600, size / 60 % 60);
}

Axis axis_of(double greatest, double step, std::string (*label)(double)) {
  Axis axis{.greatest = step * std::max(1.0, std::ceil(greatest / step * 1.02))};
  for (int i = 0; i * step <= axis.greatest * (1 + 1e-9); ++i)
    axis.ticks.push_back({i * step, label(i * step)});
  return axis;
}

}  // namespace

double Axis::place(double number) const {
  const double known = std::clamp(number, least, greatest);
  if (greatest <= least) return 0;
  if (is_log) return 100 * std::log(known / least) / std::log(greatest / least);
  return 100 * (known - least) / (greatest - least);
}

Axis linear_axis(double greatest, std::string (*label)(double)) {
  return axis_of(greatest, round_up(std::max(greatest, 1e-9) / kWantedTicks), label);
}

Axis count_axis(double greatest, std::string (*label)(double)) {
  return axis_of(greatest, std::max(1.0, round_up(std::max(greatest, 1.0) / kWantedTicks)), label);
}

Axis duration_axis(double least, double greatest) {
  const double floor = std::max(least, 1'000.0);
  if (greatest / floor < kLogFrom) return linear_axis(greatest, duration_label);
  Axis axis{.least = std::pow(10, std::floor(std::log10(floor))),
            .greatest = round_up(greatest * 1.05),
            .is_log = true};
  for (double at = axis.least; at <= axis.greatest * 1.001; at *= 10)
    axis.ticks.push_back({at, duration_label(at)});
  return axis;
}

Axis time_axis(double first, double last) {
  Axis axis{.least = first, .greatest = last};
  const double step = time_step(last - first);
  for (double at = std::ceil(first / step) * step; at <= last; at += step)
    axis.ticks.push_back({at, time_label(at, step, last < 100)});
  return axis;
}

}  // namespace mq_bench
