#include "tools/mq-broker-lite/key_groups.hpp"
#include "tools/mq-broker-lite/key_setters.hpp"

namespace mq_broker_lite {
namespace {

using mqtt::Qos;
using mqtt::broker::ListenerRules;
using mqtt::broker::Overlap;

constexpr std::string_view kClients = "What clients may do";

constexpr auto kSetQos = [](auto& target) {
  return cli::set_choice(
      target, "QoS (0, 1 or 2)",
      std::vector<std::pair<std::string_view, Qos>>{
          {"0", Qos::at_most_once}, {"1", Qos::at_least_once}, {"2", Qos::exactly_once}});
};
constexpr auto kSetYesNoOfAny = [](auto& target) { return set_yes_no(target); };
constexpr auto kSetTextOfAny = [](auto& target) { return cli::set_text(target); };

/// max_qos, or its other name.
Key max_qos_key(Options& options, std::string_view name, std::string_view man) {
  return {.option = {.name = name,
                     .value = "0..2",
                     .group = kClients,
                     .help = "highest QoS that clients may publish with",
                     .man = man,
                     .default_text = "2",
                     .set = in_rules(options, &ListenerRules::maximum_qos,
                                     options.settings.broker.limits.maximum_qos, kSetQos),
                     .choices = {"0", "1", "2"}},
          .scope = Key::Scope::listener};
}

cli::Setter set_overlap(Overlap& target) {
  return cli::set_choice(
      target, "mode (by-identifier or single)",
      std::vector<std::pair<std::string_view, Overlap>>{{"by-identifier", Overlap::by_identifier},
                                                        {"single", Overlap::single}});
}

std::vector<Key> message_keys(Options& options) {
  mqtt::broker::BrokerOptions& broker = options.settings.broker;
  return {
      max_qos_key(options, "max-qos",
                  "5.0 clients are told; a message above it ends the connection."),
      max_qos_key(options, "maximum-qos", "The same."),
      yes_no_key({.option = {.name = "retain-available",
                             .group = kClients,
                             .help = "whether clients may publish retained messages",
                             .man = "5.0 clients are told; a retained message ends the connection "
                                    "where they may not.",
                             .default_text = "true",
                             .set = set_yes_no(broker.limits.retain_available)}}),
      yes_no_key({.option = {.name = "check-retain-source",
                             .group = kClients,
                             .help = "drop retained messages whose publisher lost the right",
                             .default_text = "true",
                             .set = set_yes_no(broker.check_retain_source)}}),
      yes_no_key({.option = {.name = "queue-qos0-messages",
                             .group = kClients,
                             .help = "keep QoS 0 messages for clients that are offline, too",
                             .default_text = "false",
                             .set = set_yes_no(broker.queue_qos0_messages)}}),
      yes_no_key({.option = {.name = "upgrade-outgoing-qos",
                             .group = kClients,
                             .help = "deliver at the QoS of the subscription, even above the "
                                     "message's",
                             .man = "Not what the standard says.",
                             .default_text = "false",
                             .set = set_yes_no(broker.upgrade_outgoing_qos)}}),
      {.option = {.name = "overlap",
                  .value = "MODE",
                  .group = kClients,
                  .help = "copies of a message that several subscriptions of a 5.0 client match",
                  .man = "by-identifier: one copy per distinct Subscription Identifier. single: "
                         "one copy with all identifiers. A 3.1.1 client gets one copy, at the "
                         "highest QoS, in either mode.",
                  .default_text = "by-identifier",
                  .set = set_overlap(broker.overlap),
                  .choices = {"by-identifier", "single"}}},
  };
}

std::vector<Key> client_id_keys(Options& options) {
  mqtt::broker::BrokerOptions& broker = options.settings.broker;
  return {
      {.option = {.name = "clientid-prefixes",
                  .value = "PREFIX",
                  .group = kClients,
                  .help = "accept only client ids that begin with this",
                  .set = cli::set_text(broker.client_id_prefix)},
       .syntax = Key::Syntax::line},
      yes_no_key({.option = {.name = "allow-zero-length-clientid",
                             .group = kClients,
                             .help = "whether clients may leave their id to the broker",
                             .default_text = "true",
                             .set = in_rules(options, &ListenerRules::allow_zero_length_client_id,
                                             broker.allow_zero_length_client_id, kSetYesNoOfAny)},
                  .scope = Key::Scope::listener}),
      {.option = {.name = "auto-id-prefix",
                  .value = "PREFIX",
                  .group = kClients,
                  .help = "begins the ids that the broker gives",
                  .default_text = "auto-",
                  .set = in_rules(options, &ListenerRules::auto_id_prefix, broker.auto_id_prefix,
                                  kSetTextOfAny)},
       .syntax = Key::Syntax::line,
       .scope = Key::Scope::listener},
  };
}

}  // namespace

std::vector<Key> client_keys(Options& options) {
  std::vector<Key> rows = message_keys(options);
  append(rows, client_id_keys(options));
  return rows;
}

}  // namespace mq_broker_lite
