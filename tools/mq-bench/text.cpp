#include "tools/mq-bench/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace mq_bench {
namespace {

using Unit = std::pair<std::int64_t, std::string_view>;
constexpr std::array<Unit, 3> kUnits{{{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}}};

}  // namespace

std::string milliseconds(mqtt::Duration duration) {
  const double value = static_cast<double>(duration.count()) / 1e6;
  if (value >= 999.5)
    return fmt::format("{:.{}f}s", value / 1e3, value >= 1e5 ? 0 : value >= 1e4 ? 1 : 2);
  // Less than the histograms tell apart: no power of ten is worth reading.
  if (value != 0 && std::abs(value) < 1e-3) return fmt::format("{:.2g}us", value * 1e3);
  return fmt::format("{:.3g}ms", value);
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out(text);
  for (std::size_t at = out.find(what); at != std::string::npos; at = out.find(what, at)) {
    out.replace(at, what.size(), by);
    at += by.size();
  }
  return out;
}

std::string exact_duration(mqtt::Duration duration) {
  for (const auto& [size, unit] : kUnits) {
    if (duration.count() % size == 0) return fmt::format("{}{}", duration.count() / size, unit);
  }
  return fmt::format("{}ns", duration.count());
}

std::optional<std::uint64_t> take_natural(std::string_view& text, char end) {
  const std::string_view digits = text.substr(0, text.find(end));
  std::uint64_t number = 0;
  const auto [behind, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || behind != digits.data() + digits.size()) return std::nullopt;
  text.remove_prefix(std::min(digits.size() + 1, text.size()));
  return number;
}

}  // namespace mq_bench
