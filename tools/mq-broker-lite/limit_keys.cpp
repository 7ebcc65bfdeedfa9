#include "tools/mq-broker-lite/duration_value.hpp"
#include "tools/mq-broker-lite/key_groups.hpp"
#include "tools/mq-broker-lite/key_setters.hpp"

namespace mq_broker_lite {
namespace {

using mqtt::broker::ListenerRules;

constexpr std::string_view kServer = "Limits of the broker";
constexpr std::string_view kClient = "Limits per client";
constexpr cli::Range kMessages{.noun = "number of messages", .least = 0, .most = 100'000'000};
constexpr cli::Range kBytes{.noun = "number of bytes", .least = 0, .most = 1ULL << 40U};
constexpr cli::Range kAliases{.noun = "number of aliases", .least = 0, .most = 65535};

constexpr auto kSetAliases = [](auto& target) { return cli::set_number(target, kAliases); };

/// mosquitto says -1 for no limit, where BrokerOptions says 0.
cli::Setter set_most_clients(std::size_t& target) {
  return [&target](cli::Words words) -> cli::Complaint {
    if (words[0] == "-1") {
      target = 0;
      return {};
    }
    return cli::set_number(target,
                           {.noun = "number of clients", .least = 1, .most = 0xFFFF'FFFF})(words);
  };
}

std::vector<Key> connection_keys(Options& options) {
  const auto set_connections = [](std::optional<std::uint32_t>& target) {
    return set_maximum(target, "number of connections");
  };
  return {
      {.option = {.name = "max-connections",
                  .value = "N",
                  .group = kServer,
                  .help = "most connections of a listener at a time; -1: no limit",
                  .default_text = "-1",
                  .set = in_listener(options, &mqtt::server::ListenerSettings::max_connections,
                                     set_connections)},
       .scope = Key::Scope::listener},
      {.option = {.name = "global-max-connections",
                  .value = "N",
                  .group = kServer,
                  .help = "most connections of all listeners together; -1: no limit",
                  .default_text = "-1",
                  .set = set_connections(options.settings.max_connections)}},
      {.option = {.name = "global-max-clients",
                  .value = "N",
                  .group = kServer,
                  .help = "most sessions, those of offline clients included; -1: no limit",
                  .default_text = "-1",
                  .set = set_most_clients(options.settings.broker.maximum_clients)}},
      {.option = {.name = "persistent-client-expiration",
                  .value = "TIME",
                  .group = kServer,
                  .help = "forget clients that have been offline for this long",
                  .man = "A whole number with a unit: h, d, w, m or y (hours to years). Without "
                         "it they are kept as long as they asked for.",
                  .set = set_expiration(options.settings.broker.maximum_session_expiry)}},
      {.option = {.name = "retain-expiry-interval",
                  .value = "MINUTES",
                  .group = kServer,
                  .help = "minutes between two removals of expired retained messages",
                  .man = "An expired one is not delivered in any case. 0: removed within a second.",
                  .default_text = "0",
                  .set = set_minutes(options.settings.broker.retain_expiry_interval)}},
  };
}

std::vector<Key> size_keys(Options& options) {
  mqtt::broker::BrokerOptions& broker = options.settings.broker;
  return {
      {.option = {.name = "max-packet-size",
                  .value = "N",
                  .group = kClient,
                  .help = "largest packet, in bytes, that a client may send",
                  .man = "5.0 clients are told; a larger one ends the connection.",
                  .default_text = "268435460",
                  .set = set_packet_size(broker.limits.maximum_packet_size)}},
      {.option = {.name = "message-size-limit",
                  .value = "N",
                  .group = kClient,
                  .help = "largest payload, in bytes, that is passed on; 0: no limit",
                  .man = "A larger one is dropped; 5.0 clients are told (0x83).",
                  .default_text = "0",
                  .set = cli::set_number(broker.maximum_payload, kBytes)}},
      {.option = {.name = "max-keepalive",
                  .value = "S",
                  .group = kClient,
                  .help = "longest keep alive, in seconds; 0: as the client likes",
                  .man = "5.0 clients that ask for more, or for none, are told to use this one. "
                         "Older clients can't be told and are refused (\"identifier rejected\").",
                  .default_text = "0",
                  .set =
                      cli::set_number(broker.maximum_keep_alive,
                                      {.noun = "number of seconds", .least = 0, .most = 65535})}},
      {.option = {.name = "max-topic-alias",
                  .value = "N",
                  .group = kClient,
                  .help = "topic aliases that a client may set up",
                  .default_text = "10",
                  .set = in_rules(options, &ListenerRules::topic_alias_maximum,
                                  broker.limits.topic_alias_maximum, kSetAliases)},
       .scope = Key::Scope::listener},
      {.option = {.name = "max-topic-alias-broker",
                  .value = "N",
                  .group = kClient,
                  .help = "topic aliases that the broker sets up towards a client",
                  .default_text = "10",
                  .set = in_rules(options, &ListenerRules::outgoing_aliases,
                                  broker.limits.outgoing_aliases, kSetAliases)},
       .scope = Key::Scope::listener},
  };
}

std::vector<Key> queue_keys(Options& options) {
  mqtt::broker::BrokerOptions& broker = options.settings.broker;
  return {
      {.option = {.name = "max-inflight-messages",
                  .value = "N",
                  .group = kClient,
                  .help = "QoS 1 and 2 messages sent to a client and not yet acknowledged",
                  .man = "A 5.0 client's Receive Maximum may lower it. 0: no limit.",
                  .default_text = "20",
                  .set =
                      cli::set_number(broker.limits.maximum_in_flight,
                                      {.noun = "number of messages", .least = 0, .most = 65535})}},
      {.option = {.name = "max-inflight-bytes",
                  .value = "N",
                  .group = kClient,
                  .help = "bytes of such messages; 0: no limit",
                  .man = "One message may be in flight whatever its size.",
                  .default_text = "0",
                  .set = cli::set_number(broker.limits.maximum_in_flight_bytes, kBytes)}},
      {.option = {.name = "max-queued-messages",
                  .value = "N",
                  .group = kClient,
                  .help = "QoS 1 and 2 messages that may wait for a client; 0: no limit",
                  .man = "A message that finds the queue full is not queued for that client, which "
                         "the log tells once. Before that, publishers are held back for up to a "
                         "second for a connected client, and for up to three for one whose "
                         "connection was lost.",
                  .default_text = "1000",
                  .set = cli::set_number(broker.queue.messages, kMessages)}},
      {.option = {.name = "max-queued-bytes",
                  .value = "N",
                  .group = kClient,
                  .help = "bytes that may wait for a client, at any QoS; 0: no limit",
                  .default_text = "8388608",
                  .set = cli::set_number(broker.queue.bytes, kBytes)}},
      {.option = {.name = "memory-per-client",
                  .value = "N",
                  .group = kClient,
                  .help = "bytes that a client may make the broker hold, all in all; 0: no limit",
                  .default_text = "0",
                  .set = cli::set_number(broker.memory_per_client, kBytes)}},
  };
}

}  // namespace

std::vector<Key> limit_keys(Options& options) {
  std::vector<Key> rows = connection_keys(options);
  append(rows, size_keys(options));
  append(rows, queue_keys(options));
  return rows;
}

}  // namespace mq_broker_lite
