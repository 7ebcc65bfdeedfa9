#pragma once

#include <expected>
#include <string_view>

#include "tools/common/option.hpp"
#include "tools/mq-bench/schedule.hpp"
#include "tools/mq-bench/timetable.hpp"

namespace mq_bench {

/// "10s", "500ms", "1.5m", "2h", "100us": a decimal number and its unit, exact to the nanosecond,
/// at most 1000 days. A number without a unit is refused: nobody should have to guess.
std::expected<mqtt::Duration, cli::Complaint> parse_duration(std::string_view text);

/// "20000/s", "0.5/s", "10/m", "1/h": above zero, at most 10^9 per unit of time.
std::expected<Rate, cli::Complaint> parse_rate(std::string_view text);

/// "0..1000/s:30s": from one rate to another, which is above zero, in so much time.
std::expected<Ramp, cli::Complaint> parse_ramp(std::string_view text);

/// "uniform", "poisson", "burst:10".
std::expected<Arrival, cli::Complaint> parse_arrival(std::string_view text);

}  // namespace mq_bench
