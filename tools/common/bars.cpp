#include "tools/common/bars.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace cli {

std::string bars(std::span<const double> numbers, double least, double greatest) {
  constexpr std::array<std::string_view, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  // Halved, so that the difference of two doubles is one as well.
  const double span = greatest / 2 - least / 2;
  std::string text;
  for (const double number : numbers) {
    const double height = span > 0 ? (number / 2 - least / 2) / span : 0.5;
    text += kBars[static_cast<std::size_t>(std::clamp(height, 0.0, 1.0) * 7 + 0.5)];
  }
  return text;
}

}  // namespace cli
