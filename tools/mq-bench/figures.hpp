#pragma once

#include <optional>
#include <string>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// Events by the length of the window they were counted in; 0 where there was no window.
double per_second(std::uint64_t count, Duration window);

// A run may be about connections alone, or leave its messages before the measurement: figures of
// what it does not do are no part of a report.

/// Messages leave, or should, while it measures.
bool sends_in_measure(const Result& result);
/// Messages come, or should.
bool has_arrivals(const Result& result);

/// Whether answers set the pace: what was measured then is service time.
bool is_closed_loop(const Result& result);

/// "128 B"; where the header is not at its usual place it says so, since that has its price. Not
/// escaped.
std::string payload_text(const Result& result);

/// What the run is about, to a reader: the metric of its series or, where nothing of that was
/// measured, the service time, the return of clients, or connecting.
const Metric& leading_metric(const Result& result);

/// "2.9ms"; "n/a" where too few samples speak for it, "∞" among the lost.
std::string quantile_text(const Quantile& quantile);

/// A closed loop's service time with what the waiting sender left out filled in ("co=synthetic"):
/// as if each message in flight had been followed by another one every `interval`, that of the
/// option or else the median. An estimate: for people, never for an assertion.
struct FilledUp {
  Duration interval{};
  Histogram histogram = {};
};
/// Nothing: there is nothing to fill up.
std::optional<FilledUp> filled_up(const Result& result, const Metric& service);

}  // namespace mq_bench
