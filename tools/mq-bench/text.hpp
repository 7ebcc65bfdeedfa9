#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libmqtt/base/time.hpp"

namespace mq_bench {

/// "0.617ms", "11.8ms", "1.23s": three significant digits.
std::string milliseconds(mqtt::Duration duration);

/// "500ms", "5s", "90s": exact, in the largest of ns, us, ms and s that takes a whole number.
std::string exact_duration(mqtt::Duration duration);

/// `text` with `by` in every place of `what`.
std::string replaced(std::string_view text, std::string_view what, std::string_view by);

/// The number before `end`, or the end of the text; both leave it. Nothing where there is none.
std::optional<std::uint64_t> take_natural(std::string_view& text, char end);

inline double in_seconds(mqtt::Duration duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

}  // namespace mq_bench
