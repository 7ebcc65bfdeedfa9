#include "tools/mq-bench/ledger.hpp"

namespace mq_bench {
namespace {
/// Distinct texts kept; a peer that makes each text differ must not fill our memory.
constexpr std::size_t kMostErrors = 50;
}  // namespace

void Ledger::note_error(std::string text) {
  const bool has_room = result_.errors.size() < kMostErrors || result_.errors.contains(text);
  ++result_.errors[has_room ? std::move(text) : std::string("other errors")];
}

}  // namespace mq_bench
