#include "tools/mq-bench/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "tools/common/setters.hpp"

namespace mq_bench {
namespace {

using mqtt::Duration;
using namespace std::chrono_literals;

struct Unit {
  std::string_view name;
  Duration size;
};
constexpr std::array<Unit, 6> kUnits{
    {{"ns", 1ns}, {"us", 1us}, {"ms", 1ms}, {"s", 1s}, {"m", 1min}, {"h", 1h}}};
constexpr std::array<Unit, 3> kRateUnits{{{"/s", 1s}, {"/m", 1min}, {"/h", 1h}}};

constexpr Duration kLongest = 24h * 1000;
constexpr std::uint64_t kFastest = 1'000'000'000;
constexpr std::size_t kFractionDigits = 9;
constexpr std::size_t kWholeDigits = 10;
constexpr std::uint64_t kScale = 1'000'000'000;
constexpr std::uint64_t kMostScale = 1'000;

/// A decimal number in billionths; nothing when it is none, or too long to be sensible.
std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string digits(point == std::string_view::npos ? "0" : text.substr(point + 1));
  if (whole.empty() || whole.size() > kWholeDigits || digits.empty() ||
      digits.size() > kFractionDigits)
    return std::nullopt;
  digits.resize(kFractionDigits, '0');
  digits.insert(0, whole);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

template <std::size_t Count>
const Unit* find_unit(const std::array<Unit, Count>& units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

}  // namespace

std::expected<Duration, cli::Complaint> parse_duration(std::string_view text) {
  const std::size_t split = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = parse_decimal(text.substr(0, split));
  const Unit* unit = find_unit(kUnits, text.substr(split));
  if (!number || unit == nullptr)
    return std::unexpected(cli::is_not(text, "duration with its unit, like 10s or 500ms"));
  const auto longest = static_cast<std::uint64_t>(kLongest.count());
  if (*number / kScale > longest / static_cast<std::uint64_t>(unit->size.count())) {
    return std::unexpected(cli::is_not(text, "duration of at most 1000 days"));
  }
  return Duration(static_cast<std::int64_t>(
      multiply_divide(*number, static_cast<std::uint64_t>(unit->size.count()), kScale)));
}

std::expected<Rate, cli::Complaint> parse_rate(std::string_view text) {
  const std::size_t split = std::min(text.find('/'), text.size());
  const auto number = parse_decimal(text.substr(0, split));
  const Unit* unit = find_unit(kRateUnits, text.substr(split));
  if (!number || *number == 0 || unit == nullptr)
    return std::unexpected(cli::is_not(text, "rate with its unit, like 20000/s or 6/m"));
  if (*number > kFastest * kScale)
    return std::unexpected(cli::is_not(text, "rate of at most 1000000000 per unit of time"));
  // The number came in billionths: over one unit of time when it is whole, else over as many units
  // as make it whole.
  Rate rate{*number, unit->size};
  std::uint64_t scale = kScale;
  while (scale > 1 && rate.count % 10 == 0) {
    rate.count /= 10;
    scale /= 10;
  }
  if (scale > kMostScale)
    return std::unexpected(cli::is_not(text, "rate with at most three decimals"));
  rate.period *= static_cast<std::int64_t>(scale);
  return rate;
}

std::expected<Ramp, cli::Complaint> parse_ramp(std::string_view text) {
  const auto wrong = [&](std::string_view what) {
    return std::unexpected(cli::is_not(text, what));
  };
  const std::size_t dots = text.find("..");
  const std::size_t slash = text.find('/');
  const std::size_t colon = text.find(':');
  if (dots > slash || slash > colon || colon == std::string_view::npos)
    return wrong("ramp like 0..1000/s:30s");
  const auto from = parse_decimal(text.substr(0, dots));
  const auto to = parse_decimal(text.substr(dots + 2, slash - dots - 2));
  const Unit* unit = find_unit(kRateUnits, text.substr(slash, colon - slash));
  if (!from || !to || unit == nullptr) return wrong("ramp like 0..1000/s:30s");
  const auto length = parse_duration(text.substr(colon + 1));
  if (!length) return std::unexpected(length.error());
  if (*length <= Duration() || *length > Ramp::kLongest) return wrong("ramp of at most 24 hours");
  if (*to == 0) return wrong("ramp to a rate above zero");
  // Both numbers came in billionths: made whole together.
  Ramp ramp{*from, *to, unit->size, *length};
  std::uint64_t scale = kScale;
  for (; scale > 1 && ramp.from % 10 == 0 && ramp.to % 10 == 0; scale /= 10) {
    ramp.from /= 10;
    ramp.to /= 10;
  }
  if (scale > kMostScale) return wrong("ramp with at most three decimals");
  if (std::max(ramp.from, ramp.to) > Ramp::kHighest) return wrong("ramp that anybody can climb");
  ramp.period *= static_cast<std::int64_t>(scale);
  return ramp;
}

std::expected<Arrival, cli::Complaint> parse_arrival(std::string_view text) {
  constexpr std::string_view kBurst = "burst:";
  if (text == "uniform") return Arrival{};
  if (text == "poisson") return Arrival{Arrival::Kind::poisson, 1};
  if (!text.starts_with(kBurst))
    return std::unexpected(cli::is_not(text, "way of arriving (uniform, poisson, burst:N)"));
  const auto size = cli::parse_number(text.substr(kBurst.size()), {"burst", 1, 1'000'000});
  if (!size) return std::unexpected(size.error());
  return Arrival{Arrival::Kind::burst, static_cast<std::uint32_t>(*size)};
}

}  // namespace mq_bench
