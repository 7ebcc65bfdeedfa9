#include "tools/mq-bench/figures.hpp"

#include "tools/mq-bench/text.hpp"

namespace mq_bench {

double per_second(std::uint64_t count, Duration window) {
  return window.count() > 0 ? static_cast<double>(count) / in_seconds(window) : 0;
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
