#include "tools/mq-bench/tolerance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "tools/common/setters.hpp"

namespace mq_bench {
namespace {

// Wide enough for the noise between two runs of a shared machine, as in CI; a gate that is tighter
// wants a machine of its own, and --tolerance.
constexpr std::string_view kDefaults =
    "e2e.p50:+25%&+500us,e2e.p99:+25%&+2ms,ack.p50:+25%&+500us,ack.p99:+25%&+2ms,"
    "rtt.p50:+25%&+500us,rtt.p99:+25%&+2ms,"
    "connect_total.p99:+25%&+10ms,rate.recv:-2%,rate.sent:-2%,loss:+0.1%,dup:+0.1%,"
    "mem.rss:+25%&+16MiB";

char sign_of(Figure::Worse worse) { return worse == Figure::Worse::up ? '+' : '-'; }

/// What is wrong with it, or nothing.
std::string read_bound(Tolerance& tolerance, std::string_view bound) {
  const Figure& figure = tolerance.figure;
  const char sign = sign_of(figure.worse());
  if (!bound.starts_with(sign)) {
    return fmt::format("{} gets worse {}: its bounds begin with {}", figure.name(),
                       sign == '+' ? "upwards" : "downwards", sign);
  }
  std::string_view number = bound.substr(1);
  const auto percent = take_number(number);
  const bool is_percent = percent && number == "%";
  std::optional<double>& target = is_percent ? tolerance.percent : tolerance.amount;
  if (target) return cli::is_not(bound, "bound of another kind than the one before it");
  target = is_percent ? percent : parse_amount(figure.kind(), bound.substr(1));
  return target ? std::string() : cli::is_not(bound, "bound for " + figure.name());
}

std::expected<Tolerance, std::string> parse_one(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return std::unexpected(cli::is_not(text, "tolerance like e2e.p99:+15%&+1ms"));
  auto figure = Figure::parse(text.substr(0, colon));
  if (!figure) return std::unexpected(std::move(figure.error()));
  if (figure->worse() == Figure::Worse::neither)
    return std::unexpected(figure->name() + " gets neither better nor worse");
  Tolerance tolerance{*std::move(figure), {}, {}};
  std::string_view bounds = text.substr(colon + 1);
  for (;;) {
    const std::size_t end = std::min(bounds.find('&'), bounds.size());
    std::string complaint = read_bound(tolerance, bounds.substr(0, end));
    if (!complaint.empty()) return std::unexpected(std::move(complaint));
    if (end == bounds.size()) return tolerance;
    bounds.remove_prefix(end + 1);
  }
}

}  // namespace

std::string Tolerance::text() const {
  const char sign = sign_of(figure.worse());
  std::string text;
  if (percent) text += fmt::format("{}{}%", sign, *percent);
  if (percent && amount) text += '&';
  if (amount) text += fmt::format("{}{}", sign, shown(figure.kind(), *amount));
  return text;
}

bool Tolerance::is_worse(double base, double now) const {
  return figure.worse() == Figure::Worse::up ? now > base : now < base;
}

bool Tolerance::is_passed_by(double base, double now, double expected) const {
  if (!is_worse(base, now)) return false;
  if (std::isinf(now)) return true;  // Lost: more than any bound, and no share of anything.
  const double worse_by = std::abs(now - base);
  const double whole = figure.kind() == Figure::Kind::messages ? expected : std::abs(base);
  const bool passes_percent = !percent || worse_by > *percent / 100 * whole;
  return passes_percent && (!amount || worse_by > *amount);
}

std::expected<std::vector<Tolerance>, std::string> parse_tolerances(std::string_view text) {
  std::string compact;
  std::ranges::copy_if(text, std::back_inserter(compact), [](char c) { return c != ' '; });
  std::string_view rest = compact;
  std::vector<Tolerance> tolerances;
  for (;;) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    auto tolerance = parse_one(rest.substr(0, end));
    if (!tolerance) return std::unexpected(std::move(tolerance.error()));
    tolerances.push_back(*std::move(tolerance));
    if (end == rest.size()) return tolerances;
    rest.remove_prefix(end + 1);
  }
}

std::vector<Tolerance> default_tolerances() {
  std::vector<Tolerance> tolerances = *parse_tolerances(kDefaults);
  for (Tolerance& tolerance : tolerances) tolerance.is_default = true;
  return tolerances;
}

}  // namespace mq_bench
