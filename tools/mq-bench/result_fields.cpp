#include "tools/mq-bench/result_fields.hpp"

#include <array>

namespace mq_bench {
namespace {

constexpr std::array kCounters{
    CounterField{"scheduled", &Counters::scheduled},
    CounterField{"sent", &Counters::sent},
    CounterField{"skipped_offline", &Counters::skipped_offline},
    CounterField{"skipped_backlog", &Counters::skipped_backlog},
    CounterField{"acked", &Counters::acked},
    CounterField{"nacked", &Counters::nacked},
    CounterField{"unacked", &Counters::unacked},
    CounterField{"no_subscribers", &Counters::no_subscribers},
    CounterField{"expected", &Counters::expected},
    CounterField{"unique", &Counters::unique},
    CounterField{"lost", &Counters::lost},
    CounterField{"dup", &Counters::duplicates},
    CounterField{"dup_allowed", &Counters::duplicates_allowed},
    CounterField{"ooo", &Counters::out_of_order},
};

using Merge = FigureField::Merge;

constexpr std::array kFigures{
    FigureField{"late", &Result::late},
    FigureField{"foreign", &Result::foreign},
    FigureField{"corrupt", &Result::corrupt},
    FigureField{"unclassified", &Result::unclassified},
    FigureField{"ooo_displacement_max", &Result::displacement_max, Merge::most},
    FigureField{"clients", &Result::clients},
    FigureField{"publishers", &Result::publishers},
    FigureField{"receivers", &Result::receivers},
    FigureField{"connected", &Result::connected},
    FigureField{"online_at_end", &Result::online_at_end},
    FigureField{"reconnects", &Result::reconnects},
    FigureField{"departures", &Result::departures},
    FigureField{"returns", &Result::returns},
    FigureField{"resumed", &Result::resumed},
    FigureField{"return_retries", &Result::return_retries, Merge::sum, true},
    FigureField{"ack_timeouts", &Result::ack_timeouts},
    FigureField{"window_full_ns", &Result::window_full_ns},
    FigureField{"send_blocked_ns", &Result::send_blocked_ns},
    FigureField{"subscriptions", &Result::subscriptions},
    FigureField{"subscriptions_proven", &Result::subscriptions_proven},
};

constexpr std::array kWindow{
    FigureField{"offered_count", &Result::offered},
    FigureField{"sent_count", &Result::sent},
    FigureField{"recv_count", &Result::received},
};

}  // namespace

std::span<const CounterField> counter_fields() { return kCounters; }
std::span<const FigureField> figure_fields() { return kFigures; }
std::span<const FigureField> window_fields() { return kWindow; }

}  // namespace mq_bench
