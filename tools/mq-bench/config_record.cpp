#include "tools/mq-bench/config_record.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

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

/// "/s" for "/1s".
std::string period_text(mqtt::Duration period) {
  return period == std::chrono::seconds(1) ? "s" : exact_duration(period);
}

std::string rate_text(const Rate& rate) {
  return fmt::format("{}/{}", rate.count, period_text(rate.period));
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
  return fmt::format("{}..{}/{}:{}", ramp.from, ramp.to, period_text(ramp.period),
                     exact_duration(ramp.length));
}

std::string_view scheme_name(mqtt::net::Address::Scheme scheme) {
  using Scheme = mqtt::net::Address::Scheme;
  switch (scheme) {
    case Scheme::mqtt:
      return "mqtt";
    case Scheme::mqtts:
      return "mqtts";
    case Scheme::ws:
      return "ws";
    case Scheme::wss:
      return "wss";
    case Scheme::unix_socket:
      return "unix";
  }
  return {};
}

/// "topic-alias-maximum=10, user-property a=b", in the order given. What proves who a client is
/// stays out.
std::string properties_text(const mqtt::Properties& properties) {
  std::string text;
  properties.for_each([&text](const mqtt::PropertyView& view) {
    const mqtt::PropertyRule& rule = *mqtt::find_rule(static_cast<std::uint32_t>(view.id));
    const bool is_text =
        rule.type == mqtt::PropertyType::utf8 || rule.type == mqtt::PropertyType::binary;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", rule.name);
    if (view.id == mqtt::PropertyId::user_property)
      text += fmt::format(" {}={}", view.text, view.second);
    else if (view.id != mqtt::PropertyId::authentication_data)
      text += is_text ? fmt::format("={}", view.text) : fmt::format("={}", view.value);
  });
  return text;
}

/// How the broker is spoken to; neither where it is nor who speaks.
void add_way(std::map<std::string, std::string>& record, const cli::ConnectionOptions& connection) {
  record.emplace("transport", scheme_name(connection.address.scheme));
  if (const auto& proxy = connection.transport.proxy) {
    const bool is_http = proxy->kind == mqtt::net::ProxyAddress::Kind::http;
    record.emplace("proxy", is_http ? "http" : "socks5");
  }
  for (const auto& [key, place] : {std::pair{"connect_properties", mqtt::PropertyPlace::connect},
                                   std::pair{"publish_properties", mqtt::PropertyPlace::publish}}) {
    const mqtt::Properties given = connection.properties.build(place);
    if (!given.empty()) record.emplace(key, properties_text(given));
  }
}

/// Who takes part, beside `clients`.
void add_clients(std::map<std::string, std::string>& record, const Options& options) {
  const Mode mode = options.mode();
  if (mode == Mode::storm) {
    record.emplace("kill", fmt::format("{}%", options.kill / 100.0));
    record.emplace("back", exact_duration(options.back));
  }
  if (mode == Mode::retained) record.emplace("topics", std::to_string(options.topics));
  if (options.is_fan()) record.emplace("publishers", std::to_string(options.publishers));
  if (options.is_fan() || mode == Mode::retained || mode == Mode::wills)
    record.emplace("subscribers", std::to_string(options.subscribers));
  if (options.share) record.emplace("share", *options.share);
  if (options.members) record.emplace("members", std::to_string(*options.members));
  if (options.filter) record.emplace("filter", *options.filter);
  if (options.decoys > 0) record.emplace("decoys", std::to_string(options.decoys));
}

}  // namespace

std::string broker_url(const Options& options) {
  mqtt::net::Address address = options.connection.address;
  if (address.scheme == mqtt::net::Address::Scheme::unix_socket)
    return "unix:" + mqtt::net::to_string(address);
  std::vector<std::string> hosts = options.link.hosts;
  if (hosts.empty()) hosts.push_back(address.host);
  std::string urls;
  for (const std::string& host : hosts) {
    address.host = host;
    urls += fmt::format("{}{}://{}", urls.empty() ? "" : " ", scheme_name(address.scheme),
                        mqtt::net::to_string(address));
  }
  return urls;
}

std::map<std::string, std::string> record(const Options& options) {
  std::map<std::string, std::string> record{
      {"mode", std::string(name(options.mode()))},
      {"clients", std::to_string(options.clients)},
      {"version", version_text(options.connection.effective_version())},
      {"keepalive_s", std::to_string(options.connection.keep_alive)}};
  add_way(record, options.connection);
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
  add_clients(record, options);
  add("qos", std::to_string(options.qos));
  add("topic", options.topic.value_or("default"));
  add("duration", exact_duration(options.duration));
  add("drain", exact_duration(options.drain));
  if (!options.publishes()) return record;
  if (options.is_closed_loop) {
    add("loop", "closed");
  } else {
    add("rate", rate_text(options.total_rate()));
    add("arrival", arrival_text(options));
  }
  if (options.expected_interval > mqtt::Duration())
    add("expected_interval", exact_duration(options.expected_interval));
  if (options.has_random_phases) add("phases", fmt::format("random, seed {}", options.seed));
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
