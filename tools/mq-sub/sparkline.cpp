#include "tools/mq-sub/sparkline.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "tools/common/bars.hpp"

namespace mq_sub {

void Sparkline::add(double number) {
  if (numbers_.size() == kMost) numbers_.pop_front();
  numbers_.push_back(number);
}

std::string Sparkline::text(std::size_t columns) const {
  const std::vector<double> shown(
      numbers_.end() - static_cast<std::ptrdiff_t>(std::min(columns, numbers_.size())),
      numbers_.end());
  if (shown.empty()) return {};
  const auto [least, greatest] = std::ranges::minmax(shown);
  return cli::bars(shown, least, greatest);
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
