#include "tools/mq-bench/result.hpp"

namespace mq_bench {

std::string_view name(Mode mode) {
  switch (mode) {
    case Mode::pair:
      return "pair";
    case Mode::pub:
      return "pub";
    case Mode::sub:
      return "sub";
    case Mode::conn:
      return "conn";
  }
  return {};
}

}  // namespace mq_bench
