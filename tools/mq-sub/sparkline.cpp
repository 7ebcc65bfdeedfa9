#include "tools/mq-sub/sparkline.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace mq_sub {

void Sparkline::add(double number) {
  if (numbers_.size() == kMost) numbers_.pop_front();
  numbers_.push_back(number);
}

std::string Sparkline::text(std::size_t columns) const {
  constexpr std::array<std::string_view, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t shown = std::min(columns, numbers_.size());
  if (shown == 0) return {};
  const auto begin = numbers_.end() - static_cast<std::ptrdiff_t>(shown);
  const auto [least, greatest] = std::minmax_element(begin, numbers_.end());
  // Halved, so that the difference of two doubles is one as well.
  const double span = *greatest / 2 - *least / 2;
  std::string text;
  for (auto number = begin; number != numbers_.end(); ++number) {
    const double height = span > 0 ? (*number / 2 - *least / 2) / span : 0.5;
    text += kBars[static_cast<std::size_t>(std::clamp(height, 0.0, 1.0) * 7 + 0.5)];
  }
  return text;
}

std::optional<double> to_number(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = end == text.data() + text.size() && !text.empty();
  if (!is_whole || error != std::errc() || !std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace mq_sub
