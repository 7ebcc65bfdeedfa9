#pragma once

#include <span>
#include <string>

namespace cli {

/// One column for each number, a small bar from `least` (lowest) to `greatest` (highest); in the
/// middle where these are equal.
std::string bars(std::span<const double> numbers, double least, double greatest);

}  // namespace cli
