#include "tools/mq-bench/config_record.hpp"

#include <fmt/format.h>

#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

std::string version_text(mqtt::Version version) {
  switch (version) {
    case mqtt::Version::v3_1:
      return "3.1";
    case mqtt::Version::v3_1_1:
      return "3.1.1";
    case mqtt::Version::v5_0:
      return "5";
  }
  return {};
}

std::string rate_text(const Rate& rate) {
  return fmt::format("{}/{}", rate.count, exact_duration(rate.period));
}

std::string arrival_text(const Options& options) {
  switch (options.arrival.kind) {
    case Arrival::Kind::uniform:
      break;
    case Arrival::Kind::poisson:
      return fmt::format("poisson, seed {}", options.seed);
    case Arrival::Kind::burst:
      return fmt::format("burst:{}", options.arrival.burst);
  }
  return "uniform";
}

std::string ramp_text(const Ramp& ramp) {
  return fmt::format("{}..{}/{}:{}", ramp.from, ramp.to, exact_duration(ramp.period),
                     exact_duration(ramp.length));
}

}  // namespace

std::map<std::string, std::string> record(const Options& options) {
  std::map<std::string, std::string> record{
      {"mode", std::string(name(options.mode()))},
      {"clients", std::to_string(options.clients)},
      {"version", version_text(options.connection.effective_version())},
      {"keepalive_s", std::to_string(options.connection.keep_alive)}};
  const LinkOptions& link = options.link;
  const auto add = [&record](std::string_view key, std::string value) {
    record.emplace(key, std::move(value));
  };
  if (options.ramp) add("ramp", ramp_text(*options.ramp));
  add("reconnect", link.reconnects ? exact_duration(link.reconnect_first) + ".." +
                                         exact_duration(link.reconnect_most)
                                   : "off");
  add("session", exact_duration(link.session));
  if (options.mode() == Mode::conn) {
    add("rate", rate_text(options.total_rate()));
    if (options.churn) add("churn", rate_text(*options.churn));
    add("hold", exact_duration(options.hold));
    return record;
  }
  if (options.clock_bound > mqtt::Duration())
    add("clock_bound", exact_duration(options.clock_bound));
  if (options.is_split) add("affinity", "split");
  if (options.mode() == Mode::storm) {
    add("kill", fmt::format("{}%", options.kill / 100.0));
    add("back", exact_duration(options.back));
  }
  if (options.mode() == Mode::retained) add("topics", std::to_string(options.topics));
  if (options.mode() == Mode::retained || options.mode() == Mode::wills)
    add("subscribers", std::to_string(options.subscribers));
  if (options.is_fan()) {
    add("publishers", std::to_string(options.publishers));
    add("subscribers", std::to_string(options.subscribers));
  }
  if (options.share) add("share", *options.share);
  if (options.members) add("members", std::to_string(*options.members));
  if (options.filter) add("filter", *options.filter);
  if (options.decoys > 0) add("decoys", std::to_string(options.decoys));
  add("qos", std::to_string(options.qos));
  add("topic", options.topic.value_or("default"));
  add("duration", exact_duration(options.duration));
  add("drain", exact_duration(options.drain));
  if (!options.publishes()) return record;
  if (options.is_closed_loop) add("loop", "closed");
  add("rate", rate_text(options.total_rate()));
  add("arrival", arrival_text(options));
  add("payload", options.payloads.description());
  if (options.payload.message) add("message", *options.payload.message);
  add("ack_timeout", exact_duration(link.ack_timeout));
  add("offline", link.queues_offline ? "queue" : "skip");
  add("inflight", std::to_string(options.maximum_in_flight));
  add("max_backlog", std::to_string(options.maximum_backlog));
  add("warmup", exact_duration(options.warmup));
  return record;
}

}  // namespace mq_bench
