#include "tools/mq-bench/figures.hpp"

#include "tools/mq-bench/text.hpp"

namespace mq_bench {

double per_second(std::uint64_t count, Duration window) {
  return window.count() > 0 ? static_cast<double>(count) / in_seconds(window) : 0;
}

bool sends_in_measure(const Result& result) {
  const bool is_meant_to = result.target_rate > 0 || result.config.contains("loop");
  return result.publishers > 0 && (is_meant_to || result.measure.scheduled > 0);
}

bool has_arrivals(const Result& result) {
  const std::uint64_t expected = result.measure.expected + result.warm.expected;
  const bool is_meant_to = result.publishers > 0 || result.mode == Mode::sub;
  return result.receivers > 0 && (is_meant_to || expected + result.received > 0);
}

std::string quantile_text(const Quantile& quantile) {
  switch (quantile.kind) {
    case Quantile::Kind::value:
      return milliseconds(quantile.value);
    case Quantile::Kind::insufficient:
      return "n/a";
    case Quantile::Kind::infinite:
      return "∞";
  }
  return {};
}

}  // namespace mq_bench
