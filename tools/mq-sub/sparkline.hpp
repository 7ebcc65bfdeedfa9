#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace mq_sub {

/// The last numbers of a topic, as a line of small bars.
class Sparkline {
 public:
  static constexpr std::size_t kMost = 24;

  void add(double number);
  /// One column for each of the last `columns` numbers: the least of them low, the greatest high.
  std::string text(std::size_t columns) const;

 private:
  std::deque<double> numbers_;
};

/// A text that is one finite number and nothing else, blanks around it aside.
std::optional<double> to_number(std::string_view text);

}  // namespace mq_sub
