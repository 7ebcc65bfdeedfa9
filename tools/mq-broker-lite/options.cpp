#include "tools/mq-broker-lite/options.hpp"

#include "tools/common/setters.hpp"

namespace mq_broker_lite {
namespace {

using mqtt::broker::Overlap;

using Rows = std::vector<cli::Option>;

Rows general_rows(Options& options) {
  constexpr std::string_view kGeneral = "General";
  return {
      {.name = "port",
       .letter = 'p',
       .value = "PORT",
       .group = kGeneral,
       .help = "listen on this port of 127.0.0.1 and [::1]; 0 takes any free one",
       .man = "The real port is in the lines printed at the start.",
       .default_text = "1883",
       .set = cli::set_number(options.port, {.noun = "port", .least = 0, .most = 65535})},
      {.name = "verbose",
       .letter = 'v',
       .group = kGeneral,
       .help = "log a line per connection and subscription",
       .set = cli::set_flag(options.verbose)},
      {.name = "overlap",
       .value = "MODE",
       .group = kGeneral,
       .help = "copies of a message that several subscriptions of a 5.0 client match",
       .man = "by-identifier: one copy per distinct Subscription Identifier. single: one copy with "
              "all "
              "identifiers. A 3.1.1 client gets one copy, at the highest QoS, in either mode.",
       .default_text = "by-identifier",
       .set = cli::set_choice(
           options.broker.overlap, "mode (by-identifier or single)",
           std::vector<std::pair<std::string_view, Overlap>>{
               {"by-identifier", Overlap::by_identifier}, {"single", Overlap::single}}),
       .choices = {"by-identifier", "single"}},
  };
}

Rows queue_rows(Options& options) {
  constexpr std::string_view kLimits = "Limits per client";
  return {
      {.name = "max-inflight-messages",
       .value = "N",
       .group = kLimits,
       .help = "QoS 1 and 2 messages sent to a client and not yet acknowledged",
       .man = "A 5.0 client's Receive Maximum may lower it.",
       .default_text = "20",
       .set = cli::set_number(options.broker.limits.maximum_in_flight,
                              {.noun = "number of messages", .least = 1, .most = 65535})},
      {.name = "max-queued-messages",
       .value = "N",
       .group = kLimits,
       .help = "QoS 1 and 2 messages that may wait for a client",
       .man = "A message that finds the queue full is not queued for that client, which the log "
              "tells once. "
              "Before that, publishers are held back for up to a second for a connected client, "
              "and for up to "
              "three for one whose connection was lost.",
       .default_text = "1000",
       .set = cli::set_number(options.broker.queue.messages,
                              {.noun = "number of messages", .least = 1, .most = 100'000'000})},
      {.name = "max-queued-bytes",
       .value = "N",
       .group = kLimits,
       .help = "bytes that may wait for a client, at any QoS",
       .default_text = "8388608",
       .set = cli::set_number(options.broker.queue.bytes,
                              {.noun = "number of bytes", .least = 1, .most = 1ULL << 40U})},
  };
}

Rows client_rows(Options& options) {
  constexpr std::string_view kClients = "What clients may do";
  mqtt::ServerLimits& limits = options.broker.limits;
  return {
      {.name = "max-qos",
       .value = "0..2",
       .group = kClients,
       .help = "highest QoS that clients may publish with",
       .man = "5.0 clients are told; a message above it ends the connection.",
       .default_text = "2",
       .set = cli::set_choice(
           limits.maximum_qos, "QoS (0, 1 or 2)",
           std::vector<std::pair<std::string_view, mqtt::Qos>>{{"0", mqtt::Qos::at_most_once},
                                                               {"1", mqtt::Qos::at_least_once},
                                                               {"2", mqtt::Qos::exactly_once}}),
       .choices = {"0", "1", "2"}},
      {.name = "retain-available",
       .value = "true|false",
       .group = kClients,
       .help = "whether clients may publish retained messages",
       .man = "5.0 clients are told; a retained message ends the connection where they may not.",
       .default_text = "true",
       .set = cli::set_choice(
           limits.retain_available, "yes or no (true or false)",
           std::vector<std::pair<std::string_view, bool>>{{"true", true}, {"false", false}}),
       .choices = {"true", "false"}},
      {.name = "max-keepalive",
       .value = "S",
       .group = kClients,
       .help = "longest keep alive, in seconds; 0: as the client likes",
       .man = "5.0 clients that ask for more, or for none, are told to use this one. Older clients "
              "can't be told and are refused (\"identifier rejected\").",
       .default_text = "0",
       .set = cli::set_number(options.broker.maximum_keep_alive,
                              {.noun = "number of seconds", .least = 0, .most = 65535})},
      {.name = "clientid-prefixes",
       .value = "PREFIX",
       .group = kClients,
       .help = "accept only client ids that begin with this",
       .set = cli::set_text(options.broker.client_id_prefix)},
  };
}

Rows rows(Options& options) {
  Rows all = general_rows(options);
  for (const Rows& more : {queue_rows(options), client_rows(options)})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

cli::Tool describe(Options& options) {
  return {
      .name = "mq-broker-lite",
      .summary = "a small, complete MQTT broker",
      .synopsis = {"[-p PORT] [-v]"},
      .description =
          "A broker for MQTT 3.1, 3.1.1 and 5.0: the one that a CI job, a developer or a Raspberry "
          "Pi at home "
          "starts with one command. It listens on the loopback addresses, lets anybody in, and "
          "prints a line "
          "\"mq-broker-lite: listening on ADDRESS:PORT\" on standard output for each address once "
          "it does.\n\n"
          "Sessions, retained messages and queued messages are kept in memory: a restart of the "
          "broker loses "
          "them.\n\n"
          "SIGINT and SIGTERM end it in order: 5.0 clients are told (DISCONNECT 0x8B), and it "
          "exits with 0.",
      .options = rows(options),
      .exit_codes = {{"0", "ended by SIGINT or SIGTERM"},
                     {"1", "a bad option, or an address that can't be listened on"}},
      .examples = {{"mq-broker-lite", "listen on 127.0.0.1:1883 and [::1]:1883"},
                   {"mq-broker-lite -p 0 -v", "any free port, with a log of who comes and goes"}},
      .see_also = {"mq-pub(1)", "mq-sub(1)", "mq-bench(1)"},
  };
}

}  // namespace mq_broker_lite
