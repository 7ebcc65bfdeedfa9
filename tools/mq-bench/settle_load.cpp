#include "tools/mq-bench/settle_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "libmqtt/codec/topic.hpp"
#include "tools/common/setters.hpp"
#include "tools/mq-bench/plan_echo.hpp"
#include "tools/mq-bench/plan_fan.hpp"

namespace mq_bench {
namespace {

using cli::Complaint;

/// The last client's topic is the longest, so it stands for all of them.
Complaint check_topic(const Options& options) {
  const bool is_filter = options.mode() == Mode::sub;
  if (!options.topic) return is_filter ? "sub: needs a filter (-t)" : Complaint();
  const std::string topic = expand(*options.topic, options.senders() - 1);
  const bool is_valid =
      is_filter ? mqtt::is_valid_topic_filter(topic) : mqtt::is_valid_topic_name(topic);
  if (!is_valid)
    return "-t: " + cli::is_not(*options.topic, is_filter ? "topic filter" : "topic to publish to");
  const bool is_own = options.has_pairs() || options.mode() == Mode::storm;
  if (is_own && options.clients > 1 && !options.topic->contains("%i")) {
    return "-t: with more than one pair the topic needs %i, so that each pair has its own";
  }
  return {};
}

bool has_wide_filters(const Options& options) {
  return options.is_fan() || options.mode() == Mode::retained || options.mode() == Mode::wills;
}

/// Where subscribers have a + in the place of numbers.
Complaint check_fan(const Options& options) {
  if (options.topic && !mqtt::is_valid_topic_filter(as_filter(*options.topic)))
    return "-t: %i must be a whole level: subscribers have a + in its place";
  const bool is_each = options.mode() == Mode::retained || options.mode() == Mode::wills;
  if (options.topic && is_each && !options.topic->contains("%i"))
    return "-t: needs %i, so that each message has its own topic";
  return options.mode() == Mode::fanin ? FaninPlan::check(options) : Complaint();
}

/// That the filter finds the topic, since else everything would be lost.
Complaint check_filter(const Options& options) {
  if (!options.filter) return {};
  const std::string filter = expand(*options.filter, 0);
  if (!mqtt::is_valid_topic_filter(filter))
    return "--filter: " + cli::is_not(*options.filter, "topic filter");
  const std::string topic = expand(options.topic.value_or("mq-bench/RUN/%i"), 0);
  if (!options.topic || !mqtt::matches(filter, topic))
    return "--filter: does not match the topic (-t)";
  return {};
}

Complaint settle_share(Options& options) {
  if (!options.share || !options.topic || options.mode() != Mode::sub) return {};
  if (mqtt::is_shared(*options.topic)) return "--share: the filter names a group itself";
  options.topic = fmt::format("$share/{}/{}", *options.share, *options.topic);
  return {};
}

/// The time in which so many messages are due, walked through as the run will be: exact for every
/// kind of schedule.
Complaint settle_count(Options& options) {
  if (!options.count) return {};
  if (options.is_closed_loop) return "--count: needs a schedule, which --loop closed is without";
  if (std::ranges::any_of(options.given, [](const auto& g) { return g.flag == "--duration"; }))
    return "--count and --duration exclude each other";
  if (*options.count % options.arrival.burst != 0)
    return fmt::format("--count: {} is no multiple of bursts of {}", *options.count,
                       options.arrival.burst);
  constexpr double kMostSeconds = 366.0 * 24 * 3600;
  if (static_cast<double>(*options.count) > kMostSeconds * options.total_rate().per_second())
    return fmt::format("--count: {} messages would take more than a year", *options.count);
  Timetable timetable(mqtt::TimePoint(), options.pace(options.senders()));
  const mqtt::TimePoint start(options.time_before_measuring());
  while (timetable.next().due < start) timetable.advance();
  for (std::uint64_t i = 0; i < *options.count; ++i) timetable.advance();
  options.duration = timetable.next().due - start;
  return {};
}

Complaint settle_payloads(Options& options) {
  if (!options.publishes()) return {};
  PayloadWish& wish = options.payload;
  wish.has_properties = options.connection.effective_version() == mqtt::Version::v5_0;
  wish.seed = options.seed;
  wish.properties = options.connection.properties.build(mqtt::PropertyPlace::publish);
  auto source = PayloadSource::make(wish);
  if (!source) return std::move(source.error());
  options.payloads = std::move(*source);
  return {};
}

}  // namespace

Complaint settle_load(Options& options) {
  if (!options.topic && !options.connection.url_topic.empty())
    options.topic = options.connection.url_topic;
  Complaint complaint = settle_share(options);
  if (complaint.empty()) complaint = check_topic(options);
  if (complaint.empty() && has_wide_filters(options)) complaint = check_fan(options);
  if (complaint.empty()) complaint = check_filter(options);
  if (complaint.empty() && options.is_echo) complaint = EchoPlan::check(options);
  if (complaint.empty()) complaint = settle_count(options);
  return complaint.empty() ? settle_payloads(options) : complaint;
}

}  // namespace mq_bench
