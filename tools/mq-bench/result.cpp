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

void Counters::add(const Counters& other) {
  for (const auto member :
       {&Counters::scheduled, &Counters::skipped_offline, &Counters::skipped_backlog,
        &Counters::sent, &Counters::acked, &Counters::nacked, &Counters::unacked,
        &Counters::no_subscribers, &Counters::expected, &Counters::unique, &Counters::lost,
        &Counters::duplicates, &Counters::duplicates_allowed, &Counters::out_of_order}) {
    this->*member += other.*member;
  }
}

}  // namespace mq_bench
